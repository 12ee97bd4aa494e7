import { describe, expect, test } from 'vitest';
import type { ChartMetadata } from '../../src/helm/chart-metadata.ts';
import { type ChartQuestion, type ProvenanceEvidence, verifyChart } from '../../src/helm/verify-provenance.ts';
import { type KeyReference, parseKeyReference } from '../../src/pgp/key-reference.ts';
import { readKeyring } from '../../src/pgp/keyring.ts';
import { problem } from '../../src/verdict/catalogue.ts';
import { DEFAULT_STRICT_RULES, HELM_RULES } from '../../src/verdict/strict-rules.ts';
import { CHECK_ORDER, Observation } from '../../src/verdict/verdict.ts';
import {
  clearSigned,
  FLAG,
  join,
  Key,
  type Octets,
  packet,
  primaryKey,
  subpackets as s,
  TAG,
  userId,
} from '../pgp/workshop.ts';
import { sha256 } from './provenance-vectors.ts';

const MADE = 1_600_000_000;
const SIGNED = 1_700_000_000;
const now = new Date('2025-06-15T00:00:00Z');
const flags = s.keyFlags(FLAG.certify | FLAG.sign);

const release = new Key(MADE);
const security = new Key(MADE);
const stranger = new Key(MADE);
const expired = new Key(MADE);
const keyOf = (key: Key, text: string, ...more: Octets[]): Octets =>
  join(primaryKey(key), userId(key, text, { hashed: [s.created(MADE), flags, ...more] }));
const keyring = await readKeyring(
  [
    {
      name: 'ring',
      bytes: join(keyOf(release, 'Release'), keyOf(security, 'Security'), keyOf(expired, 'Old', s.keyLifetime(9))),
    },
  ],
  'files',
);

const digest = sha256(Buffer.from('the chart'));
const otherDigest = sha256(Buffer.from('another chart'));
const FILE = 'payments-1.4.2.tgz';
const metadata: ChartMetadata = { name: 'payments', version: '1.4.2', appVersion: '7', dependencies: [] };
const SIGNED_METADATA = 'name: payments\nversion: 1.4.2\nappVersion: "7"\n';

function provenance(signer: Key, files = `${FILE}: ${digest}`, signedMetadata = SIGNED_METADATA): ProvenanceEvidence {
  const bytes = clearSigned(`${signedMetadata}\n...\nfiles:\n  ${files}`, (signed) =>
    packet(TAG.signature, signer.signature(1, signed, { hashed: [s.created(SIGNED)] })),
  );
  return { state: 'found', location: `https://charts.example.com/${FILE}.prov`, bytes };
}

function reference(key: Key): KeyReference {
  const parsed = parseKeyReference(key.hex);
  if ('problem' in parsed) throw new Error('no reference');
  return parsed.reference;
}

async function verify(changes: Partial<ChartQuestion>): Promise<Observation> {
  const { observation } = await verifyChart({
    chart: { fileName: FILE, digest, metadata, problems: [] },
    provenance: provenance(release),
    keyring,
    trust: [[reference(release)]],
    rules: DEFAULT_STRICT_RULES,
    now,
    requested: { name: 'payments', version: '1.4.2' },
    indexDigest: digest,
    ...changes,
  });
  expect(observation.checks.map(({ id }) => id)).toEqual(CHECK_ORDER);
  return Observation.parse(observation);
}

function codes(observation: Observation): string[] {
  return observation.status === 'verified' ? [] : observation.problems.map(({ code }) => code);
}

function warnings(observation: Observation): string[] {
  return 'warnings' in observation ? observation.warnings.map(({ code }) => code) : [];
}

/** The outcome of each check in order: passed, failed, error or skipped. */
function outcomes(observation: Observation): string {
  return observation.checks.map((check) => (check.outcome === 'skipped' ? check.reason : check.outcome)).join(' ');
}

const page: ProvenanceEvidence = {
  state: 'found',
  location: 'https://x/p.prov',
  bytes: Buffer.from('<!doctype html>'),
};
const absent: ProvenanceEvidence = {
  state: 'absent',
  searched: [{ kind: 'provenance-url', location: 'https://x/p.prov', found: '404' }],
};
const unknown: ProvenanceEvidence = {
  state: 'unknown',
  problem: problem('fetch-status', { url: 'https://x/p.prov', status: 503 }),
};

describe('a chart', () => {
  test('that is as it should be is verified', async () => {
    const observation = await verify({});
    expect(observation).toMatchObject({ status: 'verified', digest, signers: [{ fingerprint: release.hex }] });
    expect(outcomes(observation)).toBe('passed passed passed passed does-not-apply');
    expect(warnings(observation)).toEqual([]);
  });

  test('that no policy speaks of is verified by any key, and says that nobody has judged the signer', async () => {
    const observation = await verify({ trust: 'any-key', provenance: provenance(security) });
    expect(observation.status).toBe('verified');
    expect(outcomes(observation)).toBe('passed passed no-policy passed does-not-apply');
  });

  test.each([
    ['one policy that lists the key', [[reference(security), reference(release)]], 'verified'],
    ['two policies that list it', [[reference(release)], [reference(security), reference(release)]], 'verified'],
    ['two policies of which one does not', [[reference(release)], [reference(security)]], 'failed'],
    ['a policy that lists no key', [[]], 'failed'],
  ] as const)('under %s', async (_, [first, ...more], status) => {
    const observation = await verify({ trust: [first, ...more] });
    expect(observation.status).toBe(status);
    expect(codes(observation)).toEqual(status === 'failed' ? ['signer-not-trusted'] : []);
    if (status === 'failed') expect(outcomes(observation)).toBe('passed passed failed passed does-not-apply');
  });

  test('whose bytes are not the signed ones is failed, with both digests', async () => {
    const observation = await verify({
      chart: { fileName: FILE, digest: otherDigest, metadata, problems: [] },
      indexDigest: null,
    });
    expect(observation).toMatchObject({
      status: 'failed',
      problems: [{ code: 'chart-digest-mismatch', params: { file: FILE, expected: digest, actual: otherDigest } }],
    });
    expect(outcomes(observation)).toBe('passed passed passed failed does-not-apply');
  });

  test.each([
    ['another name', `x.tgz: ${digest}`, 'verified', 'file-name-differs'],
    ['two names', `x.tgz: ${digest}\n  ${FILE}: ${digest}`, 'verified', undefined],
    [
      'its name with another digest, and another name with its digest',
      `x.tgz: ${digest}\n  ${FILE}: ${otherDigest}`,
      'failed',
      'chart-digest-mismatch',
    ],
    ['no name at all', `x.tgz: ${otherDigest}`, 'failed', 'chart-not-listed'],
    [
      'its name with upper-case hex',
      `${FILE}: sha256:${digest.slice(7).toUpperCase()}`,
      'failed',
      'chart-digest-misspelt',
    ],
    ['its name without a label', `${FILE}: ${digest.slice(7)}`, 'failed', 'chart-digest-misspelt'],
    ['its name with another label', `${FILE}: sha512:${digest.slice(7)}`, 'failed', 'chart-digest-misspelt'],
    ['its name without a digest', `${FILE}:`, 'failed', 'chart-digest-mismatch'],
  ])('that is signed under %s', async (_, files, status, code) => {
    const observation = await verify({ provenance: provenance(release, files) });
    expect(observation.status).toBe(status);
    expect([...codes(observation), ...warnings(observation)][0]).toBe(code);
  });

  test('that is not what the index promises is failed, whatever the rules', async () => {
    const observation = await verify({ indexDigest: otherDigest, rules: HELM_RULES });
    expect(observation).toMatchObject({
      status: 'failed',
      problems: [{ code: 'index-digest-mismatch', params: { expected: otherDigest, actual: digest } }],
    });
  });

  describe.each([
    [
      'signed with another name',
      { provenance: provenance(release, undefined, 'name: x\nversion: 1.4.2\nappVersion: "7"\n') },
      'metadata-mismatch',
    ],
    [
      'signed with another version',
      { provenance: provenance(release, undefined, 'name: payments\nversion: 1.4.3\nappVersion: "7"\n') },
      'metadata-mismatch',
    ],
    [
      'signed with another spelling of its version',
      { provenance: provenance(release, undefined, 'name: payments\nversion: v1.4.2\nappVersion: "7"\n') },
      'metadata-mismatch',
    ],
    [
      'signed without its app version',
      { provenance: provenance(release, undefined, 'name: payments\nversion: 1.4.2\n') },
      'metadata-mismatch',
    ],
    [
      'signed with other dependencies',
      {
        chart: {
          fileName: FILE,
          digest,
          problems: [],
          metadata: { ...metadata, dependencies: [{ name: 'a', version: '1', repository: '' }] },
        },
        provenance: provenance(
          release,
          undefined,
          `${SIGNED_METADATA}dependencies: [{name: a, version: 2, repository: ""}]\n`,
        ),
      },
      'metadata-mismatch',
    ],
    [
      'signed with metadata that is none',
      { provenance: provenance(release, undefined, 'hello\n') },
      'signed-metadata-unreadable',
    ],
    [
      'not the one that was asked for by name',
      { requested: { name: 'ledger', version: '1.4.2' } },
      'metadata-mismatch',
    ],
    [
      'not the one that was asked for by version',
      { requested: { name: 'payments', version: '1.4.3' } },
      'metadata-mismatch',
    ],
    ['asked for with another build', { requested: { name: 'payments', version: '1.4.2+b' } }, 'metadata-mismatch'],
    [
      'without a readable Chart.yaml',
      {
        chart: {
          fileName: FILE,
          digest,
          metadata: null,
          problems: [problem('chart-metadata-unreadable', { reason: 'x', line: null })],
        },
      },
      'chart-metadata-unreadable',
    ],
    [
      'without a Chart.yaml',
      { chart: { fileName: FILE, digest, metadata: null, problems: [] } },
      'chart-metadata-unreadable',
    ],
  ] satisfies [string, Partial<ChartQuestion>, string][])('that is %s', (_, changes, code) => {
    test('is failed by the rule metadata, and verified with a warning without it', async () => {
      const strict = await verify(changes);
      expect(strict.status).toBe('failed');
      expect(codes(strict)).toEqual([code]);
      expect(outcomes(strict)).toBe('passed passed passed failed does-not-apply');
      const lax = await verify({ ...changes, rules: { ...DEFAULT_STRICT_RULES, metadata: 'accept' } });
      expect(lax.status).toBe('verified');
      expect(warnings(lax)).toEqual([code]);
    });
  });

  test.each(['v1.4.2', '1.4.2'])('may be asked for as %s', async (version) => {
    expect((await verify({ requested: { name: 'payments', version } })).status).toBe('verified');
  });

  test('with dependencies in a file of API version v1 is not compared by them', async () => {
    const signed = `${SIGNED_METADATA}dependencies: [{name: a, version: 2, repository: ""}]\n`;
    expect((await verify({ provenance: provenance(release, undefined, signed) })).status).toBe('verified');
  });

  test('whose archive has a problem of its own is not verified, whatever the rules', async () => {
    const problems = [problem('archive-truncated', {})];
    const observation = await verify({ chart: { fileName: FILE, digest, metadata, problems }, rules: HELM_RULES });
    expect(observation.status).not.toBe('verified');
    expect(codes(observation)).toEqual(['archive-truncated']);
  });

  test('without a Chart.yaml is not verified on the strength of a mere warning about its archive', async () => {
    const problems = [problem('file-name-differs', { expected: 'a', actual: 'b' })];
    const observation = await verify({ chart: { fileName: FILE, digest, metadata: null, problems } });
    expect(codes(observation)).toEqual(['chart-metadata-unreadable']);
  });

  test('says everything that is wrong with it, the worst first', async () => {
    const observation = await verify({
      chart: { fileName: FILE, digest: otherDigest, metadata: { ...metadata, version: '1.4.1' }, problems: [] },
      trust: [[reference(security)]],
    });
    expect(codes(observation)).toEqual([
      'chart-digest-mismatch',
      'index-digest-mismatch',
      'metadata-mismatch',
      'metadata-mismatch',
      'signer-not-trusted',
    ]);
    expect(outcomes(observation)).toBe('passed passed failed failed does-not-apply');
  });
});

describe('a provenance file', () => {
  test('that is not there makes an unsigned chart, of which is said where it was looked for', async () => {
    const observation = await verify({ provenance: absent });
    expect(observation).toMatchObject({ status: 'unsigned', digest, searched: [{ location: 'https://x/p.prov' }] });
    expect(codes(observation)).toEqual(['provenance-missing']);
    expect(outcomes(observation)).toBe(
      'failed earlier-check-failed earlier-check-failed earlier-check-failed does-not-apply',
    );
  });

  test('that is not there does not hide that the chart is another one', async () => {
    const observation = await verify({ provenance: absent, indexDigest: otherDigest });
    expect(observation.status).toBe('failed');
    expect(codes(observation)).toEqual(['index-digest-mismatch', 'provenance-missing']);
  });

  test('that could not be fetched leaves the question open', async () => {
    const observation = await verify({ provenance: unknown });
    expect(observation.status).toBe('indeterminate');
    expect(codes(observation)).toEqual(['fetch-status']);
    expect(outcomes(observation)).toMatch(/^error /);
  });

  test('in place of which is an HTML page is neither missing nor malformed', async () => {
    const observation = await verify({ provenance: page });
    expect(observation).toMatchObject({
      status: 'failed',
      problems: [{ code: 'provenance-not-a-provenance-file', params: { found: 'an HTML page' } }],
    });
  });

  test('that is cut off is malformed', async () => {
    const whole = provenance(release);
    if (whole.state !== 'found') throw new Error('no provenance');
    const observation = await verify({ provenance: { ...whole, bytes: whole.bytes.subarray(0, -60) } });
    expect(codes(observation)).toEqual(['signature-block-malformed']);
  });

  test('of more than 1 MiB is not read', async () => {
    const bytes = new Uint8Array(1024 * 1024 + 1);
    const observation = await verify({ provenance: { state: 'found', location: 'x', bytes } });
    expect(codes(observation)).toEqual(['provenance-too-large']);
  });

  test('by a stranger speaks against a chart, never for it', async () => {
    const fitting = await verify({ provenance: provenance(stranger) });
    expect(codes(fitting)).toEqual(['signature-unknown-key']);
    expect(outcomes(fitting)).toBe('passed failed earlier-check-failed earlier-check-failed does-not-apply');
    const other = await verify({ provenance: provenance(stranger, `${FILE}: ${otherDigest}`) });
    expect(codes(other)).toEqual(['signature-unknown-key', 'chart-digest-mismatch']);
    expect(outcomes(other)).toBe('passed failed earlier-check-failed failed does-not-apply');
  });

  test('by an expired key is judged as far as it goes, and names the signer', async () => {
    const observation = await verify({ provenance: provenance(expired), trust: [[reference(expired)]] });
    expect(observation).toMatchObject({ status: 'failed', signers: [{ fingerprint: expired.hex }] });
    expect(codes(observation)).toEqual(['key-expired']);
    expect(outcomes(observation)).toBe('passed failed passed passed does-not-apply');
  });

  test('gives its metadata away only if the signature covers it', async () => {
    const ask = async (evidence: ProvenanceEvidence): Promise<string | null> => {
      const findings = await verifyChart({
        chart: { fileName: FILE, digest, metadata, problems: [] },
        provenance: evidence,
        keyring,
        trust: 'any-key',
        rules: DEFAULT_STRICT_RULES,
        now,
        requested: null,
        indexDigest: null,
      });
      return findings.signedMetadata?.version ?? null;
    };
    expect(await ask(provenance(release))).toBe('1.4.2');
    expect(await ask(provenance(stranger))).toBe(null);
    expect(await ask(absent)).toBe(null);
  });
});
