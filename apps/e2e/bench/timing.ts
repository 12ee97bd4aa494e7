import { cpus, loadavg } from 'node:os';

const print = (line: string): void => void process.stdout.write(`${line}\n`);

/** Milliseconds of something done again and again. */
export type Timings = readonly number[];

export async function timed(rounds: number, work: () => Promise<void> | void): Promise<Timings> {
  const timings: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const startedAt = performance.now();
    await work();
    timings.push(performance.now() - startedAt);
  }
  return timings;
}

/** Prints median and p99, and where there is something to compare with, what they are to its. */
export function report(name: string, timings: Timings, against: Timings | null = null): void {
  const figures = `median ${shown(quantile(timings, 0.5))}  p99 ${shown(quantile(timings, 0.99))}`;
  const ratios = [0.5, 0.99].map((q) =>
    against === null ? '' : (quantile(timings, q) / quantile(against, q)).toFixed(2),
  );
  print(`${name.padEnd(44)} ${figures}${against === null ? '' : `  ratio ${ratios.join(' and ')}`}`);
}

/** In turn, so that whatever else the machine does hits all of them; the first is what the others are compared with. */
export async function reportInTurns(
  rounds: number,
  each: Readonly<Record<string, () => Promise<void>>>,
): Promise<void> {
  note(`${cpus().length} cores, load ${loadavg()[0]?.toFixed(1)}`);
  const timings = new Map(Object.keys(each).map((name): [string, number[]] => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, work] of Object.entries(each)) timings.get(name)?.push(...(await timed(1, work)));
  }
  const [first] = timings.values();
  for (const [name, own] of timings) report(name, own, own === first ? null : first);
}

export function note(text: string): void {
  print(text);
}

function quantile(timings: Timings, q: number): number {
  const ordered = timings.toSorted((a, b) => a - b);
  return ordered[Math.min(ordered.length - 1, Math.floor(ordered.length * q))] ?? Number.NaN;
}

function shown(milliseconds: number): string {
  return `${milliseconds.toFixed(milliseconds < 10 ? 2 : 0)} ms`.padStart(8);
}
