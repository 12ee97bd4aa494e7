import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Attacker, bad, digests, good } from '../attacks.ts';
import { BAD, KINDS } from '../artifacts.ts';
import { installed } from '../install.ts';
import type { JsonObject } from '../json.ts';
import {
  application,
  at,
  createApplication,
  createProject,
  deployed,
  finished,
  heard,
  kubernetes,
  path,
  ran,
  source,
  stack,
  sync,
  tidy,
  until,
} from '../proof.ts';
import { createNamespace, forgeries, permitTenant, settled, tenant } from '../tenant.ts';
import { webhookCalls } from '../webhook-calls.ts';

let known: { readonly good: string; readonly bad: string };
let as: readonly string[];

beforeAll(async () => {
  await installed();
  await permitTenant();
  await createProject('tenants', {});
  known = await digests();
  const { server, caFile, tokens } = stack.kubernetes;
  as = ['--server', server, '--certificate-authority', caFile, '--token', tokens.tenant, '--namespace', 'argocd'];
});
afterAll(tidy);

/** The real kubectl, as the tenant. */
async function kubectlPatch(name: string, body: JsonObject): Promise<{ code: number; output: string }> {
  const patch = ['patch', 'applications.argoproj.io', name, '--type', 'merge', '--patch', JSON.stringify(body)];
  return ran(stack.tools.kubectl, [...as, ...patch], { HOME: stack.folder });
}
const DENIED = 'admission webhook "gate.source-integrity.io" denied the request: ';

describe('8. kubectl patch of the operation by a tenant', () => {
  for (const [k, kind] of KINDS.entries()) {
    test(`deploys ${kind}, good`, async () => {
      const name = `patched-${k}`;
      await createNamespace(name);
      await createApplication(name, source(kind, 'good'), { project: 'tenants' });
      const { code, output } = await kubectlPatch(name, { operation: { sync: {} } });
      expect(code, output).toBe(0);
      expect(await finished(name)).toMatchObject({ phase: 'Succeeded' });
      expect(await deployed(name)).not.toEqual([]);
    });

    for (const [b, state] of BAD.entries()) {
      test(`is refused for ${kind}, ${state}`, async () => {
        const name = `patched-${k}-${b}`;
        await createNamespace(name);
        await createApplication(name, source(kind, state), { project: 'tenants' });
        const { code, output } = await kubectlPatch(name, { operation: { sync: {} } });
        heard(`kubectl patch of the operation: ${kind}, ${state}`, output);
        expect(output).toContain(DENIED);
        expect(code).toBe(1);
        await settled(name);
        expect(await deployed(name)).toEqual([]);
      });
    }
  }
});

describe('8. kubectl patch of status.operationState by a tenant', () => {
  test.each([
    ['another operation', (by: Attacker) => ({ operation: by.badOperation() })],
    ['another result', (by: Attacker) => ({ syncResult: by.badResult() })],
    [
      'sources in its result',
      // While it is tried again there is no result, and one needs a revision.
      (by: Attacker) => ({
        syncResult: { revision: by.digests.good, sources: [bad()], revisions: [by.digests.bad] },
      }),
    ],
    ['another operation and no result', (by: Attacker) => ({ operation: by.badOperation(), syncResult: null })],
  ])('is refused for %s, and what was asked for goes on', async (what, state) => {
    const by = new Attacker(`state-${what.length}`, 'argocd', 'tenants', known);
    await by.held();
    const { code, output } = await kubectlPatch(by.name, { status: { operationState: state(by) } });
    heard(`kubectl patch of status.operationState: ${what}`, output);
    expect(output).toContain(DENIED);
    expect(code).toBe(1);
    await createNamespace(by.name);
    expect(await finished(by.name)).toMatchObject({ phase: 'Succeeded' });
    expect(await forgeries(by.name)).toEqual([]);
    expect(await deployed(by.name)).toContain('ConfigMap/dns-zones');
  });

  test('lets a sync be terminated, retried, refreshed and deleted', async () => {
    const by = new Attacker('terminated', 'argocd', 'tenants', known);
    await by.held();
    const before = await webhookCalls();
    // Asked for again where the controller, which was about to write its own state, has overwritten it.
    await until('it has ended', async () => {
      const found = await application(by.name);
      if (at(found, 'operation') === undefined) return true;
      if (at(found, 'status', 'operationState', 'phase') === 'Running') {
        const terminating = await kubectlPatch(by.name, { status: { operationState: { phase: 'Terminating' } } });
        expect(terminating).toMatchObject({ code: 0 });
      }
      return false;
    });
    expect(await finished(by.name)).toMatchObject({ phase: 'Failed' });
    expect(
      await kubectlPatch(by.name, { metadata: { annotations: { 'argocd.argoproj.io/refresh': 'hard' } } }),
    ).toMatchObject({ code: 0 });
    await tenant.delete(by.path);
    expect(await webhookCalls()).toEqual(before);
  });
});

describe("8. the controller's own status patches", () => {
  const UPDATES = 2000;

  /** Status patches as the controller writes them, some at a time. Answers how long each took, sorted. */
  async function patches(paths: readonly string[], bodyOf: (n: number) => JsonObject): Promise<number[]> {
    const took: number[] = [];
    let next = 0;
    const work = async (): Promise<void> => {
      for (let n = next++; n < UPDATES; n = next++) {
        const startedAt = performance.now();
        await kubernetes.patch(paths[n % paths.length] ?? '', bodyOf(n));
        took.push(performance.now() - startedAt);
      }
    };
    await Promise.all([work(), work(), work(), work()]);
    return took.toSorted((a, b) => a - b);
  }

  test(`${UPDATES} of them reach no webhook: idle, and with an operation that runs`, async () => {
    const idle = ['idle-0', 'idle-1', 'idle-2', 'idle-3'];
    for (const name of idle) await createApplication(name, good(), { project: 'tenants' });
    const busy = new Attacker('busy', 'argocd', 'tenants', known);
    const held = await busy.held();
    const before = await webhookCalls();
    const paths = [...idle.map((name) => path.application(name)), busy.path];
    const took = await patches(paths, (n) => ({
      status: {
        reconciledAt: new Date(Date.now() + n * 1000).toISOString().replace(/\.\d+Z/, 'Z'),
        ...(n % paths.length === 4 ? { operationState: { message: `attempt ${n}`, retryCount: 1 } } : {}),
      },
    }));
    expect(took).toHaveLength(UPDATES);
    expect(await webhookCalls()).toEqual(before);
    expect(at(held, 'operation')).toBeDefined();
    await createNamespace(busy.name);
    expect(await finished(busy.name)).toMatchObject({ phase: 'Succeeded' });
    expect(await webhookCalls()).toEqual(before);
  });

  test('the real controller takes an operation up, retries and completes it without one', async () => {
    const by = new Attacker('watched', 'argocd', 'tenants', known);
    await by.held();
    // One for the creation, which both webhooks are asked about.
    const before = await webhookCalls();
    await sleep(4000);
    await createNamespace(by.name);
    expect(await finished(by.name)).toMatchObject({ phase: 'Succeeded' });
    await until('it is compared', async () => at(await application(by.name), 'status', 'sync', 'status') === 'Synced');
    expect(await webhookCalls()).toEqual(before);
  });

  test('a sync asks each webhook once', async () => {
    const name = 'counted';
    const skip = 'argocd.argoproj.io/skip-reconcile';
    // A write that another one comes in between of is asked about again: so the controller looks away meanwhile.
    await createApplication(name, good(), { project: 'tenants', metadata: { annotations: { [skip]: 'true' } } });
    const before = await webhookCalls();
    expect(await sync(name)).toMatchObject({ status: 200 });
    const after = await webhookCalls();
    expect({ pin: after.pin - before.pin, gate: after.gate - before.gate }).toEqual({ pin: 1, gate: 1 });
    await kubernetes.patch(path.application(name), { metadata: { annotations: { [skip]: null } } });
    expect(await finished(name)).toMatchObject({ phase: 'Succeeded' });
    expect(await webhookCalls()).toEqual(after);
  });
});
