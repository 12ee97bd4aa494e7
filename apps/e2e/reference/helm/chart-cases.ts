import type { Chance } from '../seed.ts';
import {
  type Chart,
  chartOf,
  provenanceText,
  sha256Hex,
  type SignedCharts,
  withOtherCheckOctets,
} from './signed-charts.ts';

export const CHART_CLASSES = [
  'good',
  'keys',
  'chart changed',
  'provenance changed',
  'names and versions',
  'framing',
  'no provenance',
] as const;
export type ChartClass = (typeof CHART_CLASSES)[number];

export interface ChartCase {
  readonly class: ChartClass;
  readonly name: string;
  /**
   * `renamed`: what is signed under another file name counts by its digest, and only Helm refuses it. `renamed file`:
   * that is so for a file, of which nobody has said the name and version; a repository is asked for them.
   */
  readonly expected:
    'both accept' | 'both reject' | 'any' | 'renamed' | 'renamed file' | { readonly stricter: HelmRule };
  readonly chart: Pick<Chart, 'name' | 'version'>;
  /** What is served as the chart's file. */
  readonly archive: Buffer;
  readonly provenance: Buffer | null;
  readonly keyring: string;
}

/** Every rule by which we refuse what Helm 4.3.1 accepts. */
export const HELM_RULES = {
  'metadata is the chart’s': {
    codes: ['metadata-mismatch', 'signed-metadata-unreadable'],
    classes: ['names and versions', 'framing', 'provenance changed'],
  },
  'no SHA-1': { codes: ['signature-sha1'], classes: ['keys'] },
  'a signature is whole': { codes: ['signature-check-octets-differ'], classes: ['provenance changed'] },
} as const satisfies Readonly<Record<string, { codes: readonly string[]; classes: readonly ChartClass[] }>>;
type HelmRule = keyof typeof HELM_RULES;

/** Charts with provenance files by real GnuPG keys, and what can be done to them. */
export async function chartCases(gpg: SignedCharts, chance: Chance): Promise<ChartCase[]> {
  const good = await chartOf('demo', '1.2.3', `seed: ${chance.seed}\n`);
  const other = await chartOf('demo', '1.2.3', 'replicas: 9\n');
  const older = await chartOf('demo', '1.2.2');
  const elsewhere = await chartOf('other', '1.2.3');
  const text = provenanceText(good);
  const signed = gpg.sign('release', text);
  const beforeRevocation = gpg.sign('revoked', text);
  gpg.revoke('revoked');
  const rings = {
    release: gpg.keyring('release', ['release']),
    curve: gpg.keyring('curve', ['curve']),
    expired: gpg.keyring('expired', ['expired']),
    revoked: gpg.keyring('revoked', ['revoked']),
    stranger: gpg.keyring('stranger', ['stranger']),
    several: gpg.keyring('several', ['curve', 'release']),
  };
  const of = (
    caseClass: ChartClass,
    name: string,
    expected: ChartCase['expected'],
    provenance: string | Buffer | null,
    {
      archive = good.archive,
      keyring = rings.release,
      chart = good,
    }: Partial<Pick<ChartCase, 'archive' | 'keyring'>> & { readonly chart?: Chart } = {},
  ): ChartCase => ({
    class: caseClass,
    name,
    expected,
    chart,
    archive,
    provenance: provenance === null ? null : Buffer.from(provenance),
    keyring,
  });
  const resigned = (edited: string): string => gpg.sign('release', edited);
  const hex = sha256Hex(good.archive);
  return [
    of('good', 'RSA', 'both accept', signed),
    of('good', 'Ed25519', 'both accept', gpg.sign('curve', text), { keyring: rings.curve }),
    of('good', 'a ring of several keys', 'both accept', signed, { keyring: rings.several }),
    of('good', 'SHA-256', 'both accept', gpg.sign('release', text, 'SHA256')),
    of('keys', 'another key in the ring', 'both reject', signed, { keyring: rings.stranger }),
    of('keys', 'by a stranger', 'both reject', gpg.sign('stranger', text)),
    of('keys', 'expired', 'both reject', gpg.sign('expired', text), { keyring: rings.expired }),
    of('keys', 'revoked', 'both reject', beforeRevocation, { keyring: rings.revoked }),
    of('keys', 'SHA-1', { stricter: 'no SHA-1' }, gpg.sign('release', text, 'SHA1')),
    of('chart changed', 'another archive', 'both reject', signed, { archive: other.archive }),
    of('chart changed', 'a bit', 'both reject', signed, { archive: chance.flipped(good.archive) }),
    of('chart changed', 'bytes behind it', 'both reject', signed, {
      archive: Buffer.concat([good.archive, Buffer.from('x')]),
    }),
    of(
      'chart changed',
      'an older version under this name',
      'renamed file',
      gpg.sign('release', provenanceText(older)),
      {
        archive: older.archive,
      },
    ),
    of('chart changed', 'a chart of another name', 'renamed file', gpg.sign('release', provenanceText(elsewhere)), {
      archive: elsewhere.archive,
    }),
    of('provenance changed', 'of another archive', 'both reject', gpg.sign('release', provenanceText(other))),
    of('provenance changed', 'the digest', 'both reject', signed.replace(hex, sha256Hex(other.archive))),
    of('provenance changed', 'the version', 'both reject', signed.replace('version: 1.2.3', 'version: 1.2.4')),
    ...Array.from({ length: 5 }, (_, round) =>
      of('provenance changed', `a bit, ${round}`, 'any', chance.flipped(Buffer.from(signed))),
    ),
    of(
      'provenance changed',
      'the octets that repeat a part of the digest',
      { stricter: 'a signature is whole' },
      withOtherCheckOctets(signed),
    ),
    of('provenance changed', 'digest in upper case', 'both reject', resigned(text.replace(hex, hex.toUpperCase()))),
    of(
      'provenance changed',
      'digest of another algorithm',
      'both reject',
      resigned(text.replace('sha256:', 'sha512:')),
    ),
    of('provenance changed', 'digest without its algorithm', 'both reject', resigned(text.replace('sha256:', ''))),
    of('provenance changed', 'no files', 'both reject', resigned(text.replace(/files:[^]*/, ''))),
    of(
      'provenance changed',
      'an empty list of files',
      'both reject',
      resigned(text.replace(/files:[^]*/, 'files: {}\n')),
    ),
    of(
      'provenance changed',
      'two entries of the file, the good one last',
      'any',
      resigned(text.replace('files:\n', 'files:\n  demo-1.2.3.tgz: sha256:00\n')),
    ),
    of('provenance changed', 'more files', 'both accept', resigned(`${text}  more.tgz: sha256:00\n`)),
    of(
      'names and versions',
      'signed as another file',
      'renamed',
      resigned(provenanceText(good, { fileName: 'renamed-1.2.3.tgz' })),
    ),
    of(
      'names and versions',
      'signed metadata of another version',
      { stricter: 'metadata is the chart’s' },
      resigned(text.replace('version: 1.2.3', 'version: 1.2.4')),
    ),
    of(
      'names and versions',
      'signed metadata of another name',
      { stricter: 'metadata is the chart’s' },
      resigned(text.replace('name: demo', 'name: other')),
    ),
    of('framing', 'CRLF', 'both accept', signed.replaceAll('\n', '\r\n')),
    of('framing', 'text before it', 'both accept', `hello\n${signed}`),
    of('framing', 'text behind it', 'both accept', `${signed}hello\n`),
    of('framing', 'a byte order mark', 'both reject', `\ufeff${signed}`),
    of('framing', 'a prefix on its line', 'both reject', `x ${signed}`),
    of('framing', 'space at the end of lines', 'any', signed.replace('name: demo\n', 'name: demo  \n')),
    of('framing', 'cut off', 'both reject', signed.slice(0, -40)),
    of('framing', 'no dots between the parts', 'both reject', resigned(text.replace('\n...\n', '\n'))),
    of('framing', 'dots twice', 'any', resigned(text.replace('\n...\n', '\n...\n\n...\n'))),
    of('framing', 'two blocks, the first one good', 'both accept', `${signed}\n${gpg.sign('stranger', text)}`),
    of('framing', 'two blocks, the second one good', 'both reject', `${gpg.sign('stranger', text)}\n${signed}`),
    of('no provenance', 'nothing', 'both reject', null),
    of('no provenance', 'empty', 'both reject', ''),
    of('no provenance', 'a page', 'both reject', '<!doctype html><title>Not found</title>'),
    of('no provenance', 'not signed', 'both reject', text),
  ];
}
