import { appendFileSync, readFileSync } from 'node:fs';

export interface ClassCount {
  readonly name: string;
  readonly all: number;
  readonly failed: number;
}

/** The file in which the suites leave their counts for the end of the run. */
const FILE = 'SOURCE_INTEGRITY_COUNTS';

/** Says how a class of cases went, now and at the end of the run. */
export function addCounts(suite: string, counts: readonly ClassCount[]): void {
  process.stderr.write(`${lines(suite, counts).join('\n')}\n`);
  const file = process.env[FILE];
  if (file === undefined) return;
  for (const { name, all, failed } of counts) appendFileSync(file, [suite, name, all, failed].join('\t') + '\n');
}

/** What the suites have counted: each class in a line, and all of them in the last. */
export function countedIn(file: string): string[] {
  const counts = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [suite = '', name = '', all, failed] = line.split('\t');
      return { suite, count: { name, all: Number(all), failed: Number(failed) } };
    });
  return [...counts.flatMap(({ suite, count }) => lines(suite, [count])), told(counts.map(({ count }) => count))];
}

function lines(suite: string, counts: readonly ClassCount[]): string[] {
  return counts.map((count) => `${suite}: ${count.name}`.padEnd(40) + told([count]));
}

function told(counts: readonly ClassCount[]): string {
  const failed = counts.reduce((sum, count) => sum + count.failed, 0);
  return `${counts.reduce((sum, count) => sum + count.all, 0) - failed} passed, ${failed} failed`;
}

export { FILE as COUNTS_VARIABLE };
