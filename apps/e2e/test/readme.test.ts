import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { openCluster } from '../demo/argocd/cluster-folder.ts';
import { DEMO_CASES, type Word } from './demo-cases.ts';

const demo = new URL('../demo/', import.meta.url);

/** The table's spelling of a verdict: "verified, as 1.10.2", "not required; signature observed". */
const WORDS: readonly (readonly [RegExp, Word])[] = [
  [/^verified/, 'Verified'],
  [/^failed/, 'Failed'],
  [/^unsigned/, 'Unsigned'],
  [/^indeterminate/, 'Could not check'],
  [/^not required/, 'Not required'],
];

interface Row {
  application: string;
  readonly sources: [string, Word | undefined][];
  readonly refused: boolean;
}

async function readmeTable(): Promise<Row[]> {
  const text = await readFile(new URL('README.md', demo), 'utf8');
  const rows: Row[] = [];
  for (const line of text.split('\n')) {
    const cells = line.split('|').map((cell) => cell.trim().replaceAll('`', '').replace(/^–$/, ''));
    const [, application = '', , chart = '', , verdict = '', , sync = ''] = cells;
    const word = WORDS.find(([pattern]) => pattern.test(verdict))?.[1];
    if (word === undefined) continue;
    if (application !== '') rows.push({ application, sources: [[chart, word]], refused: sync.startsWith('refused') });
    else rows.at(-1)?.sources.push([chart, word]);
  }
  return rows;
}

test('the README says what the tests demand', async () => {
  expect(await readmeTable()).toEqual(
    DEMO_CASES.map(({ application, sources, refusal }) => ({ application, sources, refused: refusal !== null })),
  );
});

test('the cases are the Applications of the fixtures', async () => {
  const { applications, faults } = await openCluster(new URL('cluster', demo).pathname, 'argocd').list();
  expect(faults).toEqual([]);
  expect(applications.map(({ metadata }) => metadata.name).sort()).toEqual(
    DEMO_CASES.map(({ application }) => application).sort(),
  );
});
