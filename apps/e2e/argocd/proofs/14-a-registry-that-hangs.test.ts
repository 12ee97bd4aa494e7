import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { installed, setPolicy, suitePolicy } from '../install.ts';
import { FAIR } from '../link.ts';
import {
  application,
  at,
  condition,
  controls,
  createApplication,
  heard,
  kubernetes,
  path,
  refresh,
  source,
  tidy,
  until,
} from '../proof.ts';
import { forgeries } from '../tenant.ts';

const UNRELATED = Array.from({ length: 24 }, (_, n) => `unrelated-${n}`);
const CONCERNED = Array.from({ length: 8 }, (_, n) => `concerned-${n}`);
const TURNS = 3;
const ROUNDS = 3;
const REFRESH = ['metadata', 'annotations', 'argocd.argoproj.io/refresh'] as const;

beforeAll(async () => {
  await installed();
  // What was seen before never answers.
  await setPolicy(await suitePolicy('enforce', { freshness: '0s' }));
  for (const name of UNRELATED) await createApplication(name, source('Helm over HTTP', 'good'));
  // Refused at each comparison, so that each asks again.
  for (const name of CONCERNED) {
    await createApplication(name, source('plain OCI by key', 'tampered'), { automated: true });
  }
  for (const name of CONCERNED)
    await until(`${name} is refused`, async () => (await condition(name, 'SyncError')) !== '');
});
afterAll(async () => {
  await controls.disturb('registry', FAIR);
  await tidy();
  await installed();
});

/** How long all unrelated Applications take to be compared, while those concerned are compared and refused. */
async function round(): Promise<number> {
  await Promise.all(CONCERNED.map((name) => refresh(name)));
  const startedAt = performance.now();
  await Promise.all(UNRELATED.map((name) => refresh(name)));
  await until('they are compared', async () => {
    const all = await kubernetes.list(path.application());
    return all.every((each) => {
      const name = String(at(each, 'metadata', 'name'));
      return (
        !UNRELATED.includes(name) || at(each, 'metadata', 'annotations', 'argocd.argoproj.io/refresh') === undefined
      );
    });
  });
  return performance.now() - startedAt;
}

/** A quarter of them took no longer: what else the machine does only ever adds to what one takes. */
const quarter = (all: readonly number[]): number => all.toSorted((a, b) => a - b)[Math.floor(all.length / 4)] ?? 0;

describe('14. a registry that hangs', () => {
  test('does not slow down what has nothing to do with it', async () => {
    const fair: number[] = [];
    const hanging: number[] = [];
    // By turns, so that whatever else the machine does slows both; what one began does not reach into the other.
    for (let n = 0; n < TURNS; n++) {
      await controls.disturb('registry', FAIR);
      await until('those concerned are done', async () => {
        const refreshed = await Promise.all(CONCERNED.map((name) => application(name)));
        return refreshed.every((each) => at(each, ...REFRESH) === undefined);
      });
      await round();
      for (let m = 0; m < ROUNDS; m++) fair.push(await round());
      await controls.disturb('registry', { ...FAIR, weather: { kind: 'hanging', for: 'source-integrity' } });
      await round();
      for (let m = 0; m < ROUNDS; m++) hanging.push(await round());
    }
    const message = await until('an Application is refused for it', async () => {
      const refusals = await Promise.all(CONCERNED.map((name) => condition(name, 'SyncError')));
      return refusals.find((each) => each.includes('did not answer')) ?? null;
    });
    expect(message).toContain('admission webhook "gate.source-integrity.io" denied the request: ');
    heard('14: milliseconds of a round, fair and hanging', JSON.stringify({ fair, hanging }));
    // Less than 10 % is measured on a machine that does nothing else; here, that nothing waits for the registry.
    expect(quarter(hanging)).toBeLessThan(quarter(fair) * 2);
    for (const name of CONCERNED) expect(await forgeries(name)).toEqual([]);
  });
});
