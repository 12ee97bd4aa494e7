import { basename } from 'node:path';
import {
  COLLECT_LIMITS,
  type Location,
  type ProvenanceEvidence,
  readArchive,
  sha256,
  verifyChart as judgeChart,
} from '@source-integrity/core';
import { answer, exitOf, underKeyring } from '../answers.ts';
import { type Command, type OptionValues, text, UsageError } from '../command.ts';
import { readIfThere, readInput } from '../input-files.ts';
import { chartPage } from '../presentation/chart-page.ts';
import type { Row } from '../presentation/page.ts';
import { KEY_OPTIONS, KEY_USAGE, readJudgedBy } from '../verification-options.ts';

export const verifyChart: Command = {
  words: ['verify', 'chart'],
  synopsis: '<chart.tgz> [--prov <file>] --keyring <file>... [--keys <id>...]',
  operands: ['<chart.tgz>'],
  summary: 'Verifies a chart archive and its provenance file, as `helm verify` does and by stricter rules.',
  usage: ['--prov <file>            provenance file (default: <chart.tgz>.prov)', ...KEY_USAGE],
  options: { prov: { type: 'string' }, ...KEY_OPTIONS },
  common: true,
  async run({ operands: [path = ''], options, terminal }) {
    const { keyring, unreadable, files, trust, rules, now } = await readJudgedBy(options);
    if (!/\.tgz$/i.test(path)) {
      throw new UsageError(
        `${JSON.stringify(path)} is not a packaged chart: "helm package" makes a .tgz of its folder.`,
      );
    }
    const bytes = await readInput({ what: 'The chart', path, maxBytes: COLLECT_LIMITS.maxChartBytes });
    const provenance = await readProvenance(options, path);
    const archive = await readArchive(bytes);
    const fileName = basename(path);
    const digest = sha256(bytes);
    const { observation: found } = await judgeChart({
      chart: {
        fileName,
        digest,
        metadata: 'archive' in archive ? archive.archive.metadata : null,
        problems: 'problem' in archive ? [archive.problem] : [],
      },
      provenance,
      keyring,
      trust,
      rules,
      now,
      requested: null,
      indexDigest: null,
    });
    const observation = underKeyring(found, unreadable);
    answer(terminal, options, observation, () =>
      chartPage({
        subject: `Chart ${fileName}`,
        observation,
        keysNamed: trust !== 'any-key',
        notes: [],
        evidence: [
          ['chart', path, `${bytes.length} bytes`, digest],
          ...provenanceRows(provenance),
          ...files.map((file) => ['key ring', file]),
        ],
      }),
    );
    return exitOf(observation.status);
  },
};

/** A file that was named has to be there; beside the chart, its absence is an answer. */
async function readProvenance(options: OptionValues, chart: string): Promise<ProvenanceEvidence> {
  const given = text(options, 'prov');
  const location = given ?? `${chart}.prov`;
  // Core says of a larger one that it is too large, and what to do.
  const file = { what: 'The provenance file', path: location, maxBytes: 4 * COLLECT_LIMITS.maxProvenanceBytes };
  const bytes = given === undefined ? await readIfThere(file) : await readInput(file);
  if (bytes !== null) return { state: 'found', location, bytes };
  const searched: Location = { kind: 'provenance-file', location, found: 'not there' };
  return { state: 'absent', searched: [searched] };
}

export function provenanceRows(provenance: ProvenanceEvidence): Row[] {
  switch (provenance.state) {
    case 'found':
      return [['provenance', provenance.location, `${provenance.bytes.length} bytes`, sha256(provenance.bytes)]];
    case 'absent':
      return provenance.searched.map(({ location, found }) => ['provenance', location, found]);
    case 'unknown':
      return [['provenance', 'could not be looked at']];
  }
}
