import { describeTrustRoot, type Problem, type TrustRootDescription } from '@source-integrity/core';
import { PublicGoodTrustRoot } from '../../trust-root/public-good.ts';
import { TrustRootCache } from '../../trust-root/trust-root-cache.ts';
import { answer } from '../answers.ts';
import { choice, type Command, EXIT, moment, type OptionValues } from '../command.ts';
import { trustRootPage } from '../presentation/trust-root-page.ts';
import { readTrustRootFile } from '../trust-root-file.ts';
import { DATA_USAGE, dataFolder } from '../data-folder.ts';
import { MIRROR_OPTIONS, MIRROR_USAGE, readWantedMirror } from '../trust-root-mirror.ts';

/** What is shown, and how it is known. */
interface Shown {
  readonly roots: readonly TrustRootDescription[];
  readonly problems: readonly Problem[];
  /** When a mirror vouched for the public-good root; null: it came with this version, or is none. */
  readonly checkedAt: string | null;
}

export const trustRootShow: Command = {
  words: ['trust-root', 'show'],
  synopsis: '[<trusted_root.json>|<configmap.yaml>]',
  operands: ['[<file>]'],
  summary:
    'Shows the authorities and logs of a trust root; without a file, of the public-good one that the server has.',
  usage: [DATA_USAGE, ...MIRROR_USAGE],
  options: { 'data-dir': { type: 'string' }, ...MIRROR_OPTIONS },
  common: true,
  async run({ operands: [path], options, terminal }) {
    choice(options, 'output', ['table', 'json']);
    const now = moment(options);
    const shown = path === undefined ? await publicGood(options, now) : await ofFile(path, now);
    answer(terminal, options, shown, () => trustRootPage(shown));
    return shown.problems.length > 0 || shown.roots.length === 0 ? EXIT.unknown : EXIT.ok;
  },
};

async function ofFile(path: string, now: Date): Promise<Shown> {
  const { roots, faults } = await readTrustRootFile(path);
  const described = roots.map(({ name, bytes }) => describeTrustRoot(name, bytes, now));
  return {
    roots: described.flatMap((each) => ('description' in each ? [each.description] : [])),
    problems: [...faults, ...described.flatMap((each) => ('problem' in each ? [each.problem] : []))],
    checkedAt: null,
  };
}

/** Asks nobody: what a mirror has vouched for lies in the server's folder. */
async function publicGood(options: OptionValues, now: Date): Promise<Shown> {
  const { mirror, anchor } = await readWantedMirror(options);
  const cache = new TrustRootCache(dataFolder(options), mirror, anchor);
  const root = new PublicGoodTrustRoot({
    tuf: { mirror, anchor, cache },
    fetch: () => Promise.reject(new Error('nobody is asked')),
    accessTo: () => Promise.reject(new Error('nobody is asked')),
    isNeeded: () => Promise.resolve(false),
    now: () => now,
  });
  await root.load();
  const read = root.read(now);
  if ('problem' in read) return { roots: [], problems: [read.problem], checkedAt: null };
  const described = describeTrustRoot(read.trustRoot.name, Buffer.from(read.trustRoot.document), now);
  const checkedAt = root.state.checkedAt?.toISOString() ?? null;
  return 'problem' in described
    ? { roots: [], problems: [described.problem], checkedAt }
    : { roots: [described.description], problems: [], checkedAt };
}
