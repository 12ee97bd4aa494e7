import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { addCounts } from '../counts.ts';
import { type Registry, startRegistries } from '../registries.ts';
import { Chance, chosenSeed } from '../seed.ts';
import { tools } from '../tools.ts';
import { type Asked, type Channel, ChartDesk, CHANNELS } from './ask.ts';
import { CHART_CLASSES, type ChartCase, chartCases, HELM_RULES } from './chart-cases.ts';
import { SignedCharts } from './signed-charts.ts';

const chance = new Chance(chosenSeed());
process.stderr.write(`SEED=${chance.seed} repeats this run of Helm's cases\n`);

const folder = mkdtempSync(join(tmpdir(), 'source-integrity-reference-helm-'));
let closing: readonly (() => void | Promise<void>)[] = [];
let results: readonly { readonly case: ChartCase; readonly channel: Channel; readonly asked: Asked }[] = [];

beforeAll(async () => {
  const helm = (await tools(['helm'])).get('helm') ?? 'helm';
  const gpg = new SignedCharts(folder);
  closing = [() => gpg.close()];
  const all = await startRegistries(folder);
  closing = [...closing, async () => all.close()];
  const desk = new ChartDesk(helm, folder);
  await desk.open();
  closing = [...closing, async () => desk.close()];
  const cases = await chartCases(gpg, chance);
  const asked: (typeof results)[number][] = [];
  for (const each of cases) {
    for (const channel of CHANNELS) {
      const registry: Registry = chance.oneOf(all.registries);
      asked.push({ case: each, channel, asked: await desk.ask(each, channel, registry) });
    }
  }
  results = asked;
  addCounts(
    'Helm',
    CHART_CLASSES.map((name) => {
      const own = results.filter((each) => each.case.class === name);
      return { name, all: own.length, failed: own.filter((each) => faultOf(each) !== null).length };
    }),
  );
}, 1_800_000);
afterAll(async () => {
  await Promise.allSettled(closing.map(async (close) => close()));
  rmSync(folder, { recursive: true, force: true });
});

test.each(CHART_CLASSES)('%s: nothing is accepted here that Helm rejects, but a renamed chart', (name) => {
  const own = results.filter((each) => each.case.class === name);
  expect(own.length).toBeGreaterThan(0);
  expect(own.flatMap((each) => faultOf(each) ?? [])).toEqual([]);
});

test('there are at least 40 cases of each channel', () => {
  for (const channel of CHANNELS) {
    expect(results.filter((each) => each.channel === channel).length).toBeGreaterThanOrEqual(40);
  }
});

function faultOf({
  case: { name, class: caseClass, expected },
  channel,
  asked,
}: (typeof results)[number]): string | null {
  const { ours, helms } = asked;
  const told = `${name}, ${channel} (we: ${ours.verdict} ${ours.because}; helm: ${helms.verdict} ${helms.because})`;
  if (helms.verdict === 'errored') return `helm has not answered the question: ${told}`;
  if (ours.verdict === 'errored') return `we have not answered the question: ${told}`;
  const isRenamed = expected === 'renamed' || (expected === 'renamed file' && channel === 'file');
  if (ours.verdict === 'accepted' && helms.verdict === 'rejected') {
    return isRenamed && ours.because === 'file-name-differs' ? null : `WE ACCEPT WHAT HELM REJECTS: ${told}`;
  }
  if (isRenamed) return `it was to be accepted by its digest: ${told}`;
  if (ours.verdict === 'rejected' && helms.verdict === 'accepted') {
    const rules = Object.entries<{ codes: readonly string[]; classes: readonly string[] }>(HELM_RULES).filter(
      ([, { codes, classes }]) => codes.includes(ours.because) && classes.includes(caseClass),
    );
    if (rules.length === 0) return `no rule says why we are stricter: ${told}`;
    const isExpected =
      expected === 'any' || rules.some(([rule]) => typeof expected === 'object' && expected.stricter === rule);
    return isExpected ? null : `we were not to be stricter: ${told}`;
  }
  if (typeof expected === 'object') return `we were to be stricter: ${told}`;
  if (expected === 'any') return null;
  const verdict = expected === 'both accept' ? 'accepted' : 'rejected';
  return ours.verdict === verdict ? null : `${expected} was expected: ${told}`;
}
