import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { BAD, KINDS } from '../artifacts.ts';
import { installed } from '../install.ts';
import type { JsonObject } from '../json.ts';
import {
  application,
  applicationManifest,
  at,
  createApplication,
  deployed,
  finished,
  heard,
  kubernetes,
  listAt,
  never,
  path,
  Refused,
  registry,
  source,
  stack,
  syncToEnd,
  textAt,
  tidy,
  until,
} from '../proof.ts';
import { REFUSED, refusalOf } from '../refusal.ts';

beforeAll(() => installed());
// The controller tries a refused set again about twice a second, for ever.
afterEach(tidy);

/** One Application of that name, in the one step of a rolling sync. */
async function createRollingSet(name: string, from: JsonObject): Promise<void> {
  const { spec } = applicationManifest(name, from);
  await kubernetes.create(path.applicationSet(), {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'ApplicationSet',
    metadata: { name, namespace: 'argocd' },
    spec: {
      goTemplate: true,
      generators: [{ list: { elements: [{ name }] } }],
      strategy: {
        type: 'RollingSync',
        rollingSync: { steps: [{ matchExpressions: [{ key: 'step', operator: 'In', values: ['one'] }] }] },
      },
      template: { metadata: { name: '{{.name}}', labels: { step: 'one' } }, spec },
    },
  });
}

const setError = async (name: string): Promise<string | null> => {
  const conditions = listAt(await kubernetes.get(path.applicationSet(name)), 'status', 'conditions');
  const error = conditions.find(
    (each) => textAt(each, 'type') === 'ErrorOccurred' && textAt(each, 'status') === 'True',
  );
  return textAt(error, 'message') || null;
};

describe('4. an ApplicationSet with a rolling sync', () => {
  for (const [k, kind] of KINDS.entries()) {
    test(`deploys ${kind}, good, pinned to what was verified`, async () => {
      const name = `set-${k}-good`;
      await createRollingSet(name, source(kind, 'good'));
      const { phase, message } = await finished(name);
      expect(phase, message).toBe('Succeeded');
      expect(await deployed(name)).not.toEqual([]);

      const found = await application(name);
      const operation = at(found, 'status', 'operationState', 'operation');
      const last = {
        initiatedBy: at(operation, 'initiatedBy'),
        source: at(operation, 'sync', 'source'),
        revision: at(operation, 'sync', 'revision'),
      };
      // Its controller may ask twice: where the first sync begins in the second in which it was asked for.
      for (const each of [last, ...listAt(found, 'status', 'history')]) {
        expect(at(each, 'initiatedBy')).toMatchObject({ username: 'applicationset-controller' });
        expect(at(each, 'source')).toEqual(at(found, 'spec', 'source'));
        expect(textAt(each, 'revision')).toMatch(/^sha256:[0-9a-f]{64}$|^\d+\.\d+\.\d+$/);
      }
    });

    for (const [c, state] of BAD.entries()) {
      test(`deploys nothing of ${kind}, ${state}`, async () => {
        const name = `set-${k}-${c}`;
        await createRollingSet(name, source(kind, state));
        const message = await until(
          'the ApplicationSet has an error, or nothing is rendered of what it made',
          async () => (await setError(name)) ?? refusalOf(name),
        );
        heard(`ApplicationSet with a rolling sync: ${kind}, ${state}`, message);
        expect(message).toMatch(REFUSED);
        expect(await deployed(name)).toEqual([]);
      });
    }
  }
});

describe('4. an Application of Applications', () => {
  const parent = async (name: string, child: JsonObject): Promise<void> => {
    await registry.push(`apps/${name}`, '1.0.0', [child]);
    const from = { repoURL: `oci://${stack.places.registry}/apps/${name}`, path: '.', targetRevision: '1.0.0' };
    await createApplication(name, from, {
      spec: { destination: { server: 'https://kubernetes.default.svc', namespace: 'argocd' } },
    });
  };

  for (const [k, kind] of KINDS.entries()) {
    test(`creates a child for ${kind}; bad ones are refused by themselves`, async () => {
      for (const [c, state] of (['good', ...BAD] as const).entries()) {
        const child = `child-${k}-${c}`;
        await parent(`parent-${k}-${c}`, applicationManifest(child, source(kind, state), { automated: true }));
        expect(await syncToEnd(`parent-${k}-${c}`)).toBe('Succeeded');
        if (state === 'good') {
          await until(`${child} is deployed`, async () => (await deployed(child)).length > 0);
        } else {
          await until(`${child} is refused`, () => refusalOf(child));
          expect(await deployed(child)).toEqual([]);
        }
      }
    });

    test(`cannot create a child together with an operation for ${kind} that is bad`, async () => {
      for (const [c, state] of BAD.entries()) {
        const child = `busy-child-${k}-${c}`;
        const operation = { operation: { sync: { syncOptions: ['CreateNamespace=true'] } } };
        await parent(`busy-${k}-${c}`, applicationManifest(child, source(kind, state), { beside: operation }));
        const ended = await syncToEnd(`busy-${k}-${c}`);
        heard(`app-of-apps whose child carries an operation: ${kind}, ${state}`, ended);
        expect(ended).toContain('admission webhook "gate.source-integrity.io" denied the request: ');
        expect(await kubernetes.get(path.application(child))).toBeNull();
        expect(await deployed(child)).toEqual([]);
      }
    });
  }
});

describe('4. an Application that is created together with an operation', () => {
  for (const [k, kind] of KINDS.entries()) {
    test(`is pinned and deployed for ${kind}, good, and refused for what is bad`, async () => {
      const name = `created-${k}`;
      await createApplication(name, source(kind, 'good'), {
        beside: { operation: { sync: { syncOptions: ['CreateNamespace=true'] } } },
      });
      expect(await finished(name)).toMatchObject({ phase: 'Succeeded' });
      expect(await deployed(name)).not.toEqual([]);

      for (const [c, state] of BAD.entries()) {
        const bad = `created-${k}-${c}`;
        await expect(
          createApplication(bad, source(kind, state), {
            beside: { operation: { sync: { syncOptions: ['CreateNamespace=true'] } } },
          }),
        ).rejects.toThrow(Refused);
        expect(await kubernetes.get(path.application(bad))).toBeNull();
      }
      await never('a bad one is deployed', async () => (await deployed(`created-${k}-0`)).length > 0, 500);
    });
  }
});
