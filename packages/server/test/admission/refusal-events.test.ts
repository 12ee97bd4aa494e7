import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { RefusalEvents } from '../../src/cluster/kubernetes/refusal-events.ts';
import { startWatchingWorld } from '../server/kubernetes-world.ts';
import { gate, reviewOf, syncOf } from '../server/review.ts';
import { eventually } from '../eventually.ts';

const payments = { namespace: 'argocd', name: 'payments', uid: 'uid', project: 'shop' };

function start() {
  const events: object[] = [];
  const failures: string[] = [];
  const clock = { now: 0 };
  const told = new RefusalEvents({
    client: {
      create(_, event) {
        events.push(event);
        return Promise.resolve({ failure: { kind: 'forbidden', reason: 'events is forbidden' } });
      },
    },
    now: () => new Date(clock.now),
    onFailure: ({ kind }) => void failures.push(kind),
  });
  return { told, events, failures, clock };
}

describe('an Event', () => {
  it('regards the Application whose sync was refused, and says why', async () => {
    const { world, api, payments: object } = await startWatchingWorld();
    await world.repository.publish({ name: 'payments', version: '1.4.2', signer: null });
    const refused = await gate(world, reviewOf(syncOf(object)));
    expect(refused.allowed).toBe(false);
    await eventually(() => {
      expect(api.objects('events')).toMatchObject([
        {
          metadata: { namespace: 'argocd' },
          involvedObject: { kind: 'Application', name: 'payments', uid: 'uid-of-argocd-payments' },
          reason: 'SourceIntegrityRefused',
          type: 'Warning',
          message: refused.status?.message,
        },
      ]);
    });
  });

  it('is not written of what is allowed, nor of a dry run', async () => {
    const { world, api, payments: object } = await startWatchingWorld();
    expect((await gate(world, reviewOf(syncOf(object)))).allowed).toBe(true);
    await world.repository.publish({ name: 'other', version: '1.0.0', signer: null });
    const source = { repoURL: world.repository.url, chart: 'other', targetRevision: '1.0.0' };
    const other = { ...object, spec: { ...object.spec, source } };
    expect((await gate(world, reviewOf(syncOf(other), { dryRun: true }))).allowed).toBe(false);
    await pause(50);
    expect(api.objects('events')).toEqual([]);
  });

  it('comes once in ten minutes with the same words', () => {
    const { told, events, clock } = start();
    told.tell(payments, 'no');
    told.tell(payments, 'no');
    told.tell(payments, 'no, because');
    told.tell({ ...payments, uid: 'other' }, 'no');
    expect(events).toHaveLength(3);
    clock.now += 10 * 60_000;
    told.tell(payments, 'no');
    expect(events).toHaveLength(4);
  });

  it('is one of so many, whoever causes them', () => {
    const { told, events } = start();
    for (let uid = 0; uid < 1000; uid += 1) told.tell({ ...payments, uid: String(uid) }, 'no');
    expect(events).toHaveLength(25);
  });

  it('has a message and a name that kube-apiserver takes', () => {
    const { told, events } = start();
    told.tell({ ...payments, name: 'x'.repeat(253) }, 'y'.repeat(5000));
    expect(events).toMatchObject([{ message: `${'y'.repeat(1023)}…` }]);
    expect(JSON.stringify(events)).toMatch(/"name":"x{230}\.[0-9a-f]{16}"/);
  });

  it('that may not be written is nobody else’s concern', async () => {
    const { told, failures } = start();
    told.tell(payments, 'no');
    told.tell({ ...payments, uid: '' }, 'no');
    await pause(5);
    expect(failures).toEqual(['forbidden']);
  });
});
