import { History, type HistoryEntry } from '@source-integrity/core/contract';
import { describe, expect, it } from 'vitest';
import { chartSource, startWorld, type World } from '../server/fixture.ts';
import { refusalOf, syncOf, write } from '../server/review.ts';

describe('what a sync leaves behind', () => {
  it('counts a refusal that comes several times a second, and does not repeat it', async () => {
    const world = await startWorld();
    await world.repository.publish({ name: 'payments', version: '1.4.2', signer: null });
    const automated = syncOf(world.payments());
    const rolling = { ...automated, operation: { ...automated.operation, initiatedBy: { automated: true } } };
    for (let time = 0; time < 5; time += 1) expect(await refusalOf(world, rolling)).not.toBeNull();
    for (let time = 0; time < 5; time += 1) expect(await refusalOf(world, automated)).not.toBeNull();
    world.clock.now += 60_000;
    expect(await refusalOf(world, automated)).not.toBeNull();
    expect(await metricOf(world, 'gate_decisions_total')).toBe(11);
    expect(await metricOf(world, 'verifications_total')).toBe(11);
    expect(auditLines(world)).toHaveLength(1);
    const entries = await historyOf(world);
    expect(entries.map(({ trigger }) => trigger)).toEqual(['sync', 'sync', 'automated-sync']);

    await world.server.close();
    expect(auditLines(world)).toMatchObject([{}, { event: 'sync-decided', repeated: 10 }]);
    expect(auditLines(world)[0]).toHaveProperty('policyDigest', expect.stringMatching(/^sha256:[0-9a-f]{64}$/));
  });

  it('tells of every sync that is let through', async () => {
    const world = await startWorld();
    for (let time = 0; time < 3; time += 1) expect(await refusalOf(world, syncOf(world.payments()))).toBeNull();
    expect(auditLines(world)).toHaveLength(3);
    expect(await historyOf(world)).toHaveLength(3);
  });

  it('counts a source once that pin has resolved and the gate has verified', async () => {
    const world = await startWorld();
    const source = chartSource(world.repository.url, { targetRevision: '^1.4' });
    const { refusal, object } = await write(world, syncOf(world.payments({ spec: { source } })));
    expect(refusal).toBeNull();
    expect(object).toHaveProperty('operation.sync.revision', '1.4.2');
    expect(await metricOf(world, 'verifications_total')).toBe(1);
    expect(await metricOf(world, 'verification_duration_seconds_count')).toBe(1);
  });
});

/** The sum of a metric's values over its labels. */
async function metricOf({ server }: World, name: string): Promise<number> {
  const text = await (await fetch(`${server.addresses.operations}/metrics`)).text();
  const lines = text.split('\n').filter((line) => new RegExp(`^source_integrity_${name}[{ ]`).test(line));
  return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
}

function auditLines(world: World): unknown[] {
  const lines = world.log().split('\n');
  return lines.filter((line) => line.includes('"audit":true')).map((line): unknown => JSON.parse(line));
}

async function historyOf({ server }: World): Promise<readonly HistoryEntry[]> {
  const headers = {
    authorization: 'the-token-in-force-0123456789',
    'argocd-application-name': 'argocd:payments',
    'argocd-project-name': 'shop',
  };
  const response = await fetch(`${server.addresses.api}/api/v1/history`, { headers });
  return History.parse(await response.json()).entries;
}
