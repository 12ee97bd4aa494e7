import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DATABASE_FILE } from '../../store/sqlite/database.ts';
import { openSqliteStore } from '../../store/sqlite/sqlite-store.ts';
import { type SeenDigest, type Store, StoreFault } from '../../store/store.ts';
import { answer } from '../answers.ts';
import { choice, type Command, EXIT, InputError, type OptionValues, required, text, UsageError } from '../command.ts';
import { type DigestRow, digestsPage } from '../presentation/digests-page.ts';
import { Page } from '../presentation/page.ts';
import { DATA_USAGE, dataFolder } from '../data-folder.ts';

const DATA_OPTION = { 'data-dir': { type: 'string' } } as const;
const MAX_LISTED = 1000;

export const digestsList: Command = {
  words: ['digests', 'list'],
  synopsis: '[--repo <url>] [--chart <name>] [--data-dir <folder>]',
  operands: [],
  summary:
    'Lists the digests that were seen for each chart version, the last seen first; also beside a running server.',
  usage: [
    '--repo <url>             only of this repository',
    '--chart <name>           only of this chart',
    DATA_USAGE,
  ],
  options: { repo: { type: 'string' }, chart: { type: 'string' }, ...DATA_OPTION },
  common: true,
  async run({ options, terminal }) {
    choice(options, 'output', ['table', 'json']);
    const [repoURL, chart] = [text(options, 'repo'), text(options, 'chart')];
    const rows = await withStore(options, ({ digests }) =>
      digests.list(
        { ...(repoURL === undefined ? {} : { repoURL }), ...(chart === undefined ? {} : { chart }) },
        MAX_LISTED,
      ),
    );
    const listed = rows.map(listedDigest);
    answer(terminal, options, { digests: listed }, () => digestsPage(listed, MAX_LISTED));
    return EXIT.ok;
  },
};

export const digestsForget: Command = {
  words: ['digests', 'forget'],
  synopsis: '--repo <url> [--chart <name>] [--version <v>] [--data-dir <folder>]',
  operands: [],
  summary:
    "Says that Argo CD's caches were cleared and hold no other bytes of these charts; also beside a running server.",
  usage: [
    '--repo <url>             of the repository, exactly as "digests list" shows it',
    '--chart <name>           only of this chart',
    '--version <v>            only of this version',
    DATA_USAGE,
  ],
  options: {
    repo: { type: 'string' },
    chart: { type: 'string' },
    version: { type: 'string' },
    ...DATA_OPTION,
  },
  common: true,
  async run({ options, terminal }) {
    choice(options, 'output', ['table', 'json']);
    const repoURL = required(options, 'repo');
    const [chart, version] = [text(options, 'chart'), text(options, 'version')];
    if (version !== undefined && chart === undefined) throw new UsageError('--version needs --chart.');
    const what = { repoURL, ...(chart === undefined ? {} : { chart }), ...(version === undefined ? {} : { version }) };
    const forgotten = await withStore(options, ({ digests }) => digests.forget(what));
    answer(terminal, options, { forgotten }, () => {
      const of = [chart === undefined ? 'every chart' : `chart ${chart}`, version].filter((part) => part !== undefined);
      const page = new Page().line(
        `${forgotten} ${forgotten === 1 ? 'digest' : 'digests'} forgotten of ${of.join(' ')} in ${repoURL}.`,
      );
      if (forgotten === 0)
        page.line('None was recorded under these very texts; "source-integrity digests list" shows which are.');
      return page.text();
    });
    return EXIT.ok;
  },
};

function listedDigest({ repoURL, chart, version, digest, firstSeen, lastSeen }: SeenDigest): DigestRow {
  const time = (at: number): string => new Date(at).toISOString();
  return { repoURL, chart, version, digest, firstSeen: time(firstSeen), lastSeen: time(lastSeen) };
}

async function withStore<T>(options: OptionValues, use: (store: Store) => Promise<T>): Promise<T> {
  const folder = dataFolder(options);
  if (folder === ':memory:') throw new UsageError('A server with --data-dir :memory: keeps its digests to itself.');
  if (!existsSync(join(folder, DATABASE_FILE))) {
    throw new InputError(
      `There is no ${DATABASE_FILE} in the folder ${JSON.stringify(folder)}. Give the --data-dir of the server.`,
    );
  }
  let store: Store | null = null;
  try {
    store = openSqliteStore(folder);
    return await use(store);
  } catch (error) {
    if (error instanceof StoreFault) throw new InputError(error.message);
    throw error;
  } finally {
    await store?.close();
  }
}
