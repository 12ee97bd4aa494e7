import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { GATE_CONDITION, PIN_CONDITION } from '../../src/admission/match-conditions.ts';
import { variableOf } from '../../src/config/setting.ts';
import { SETTINGS } from '../../src/config/settings.ts';
import { KUSTOMIZE, manifest, manifestsIn } from './manifest-files.ts';

const base = manifestsIn('base');

const Webhooks = z.object({
  webhooks: z.tuple([
    z.looseObject({
      name: z.string(),
      matchConditions: z.array(z.object({ name: z.string(), expression: z.string() })),
      clientConfig: z.object({ service: z.looseObject({ name: z.string(), port: z.number(), path: z.string() }) }),
    }),
  ]),
});

const Container = z.looseObject({
  args: z.array(z.string()),
  env: z.array(z.looseObject({ name: z.string(), value: z.optional(z.string()) })),
  ports: z.array(z.object({ name: z.string(), containerPort: z.number() })),
  volumeMounts: z.array(z.looseObject({ name: z.string(), mountPath: z.string() })),
});
const Server = z.object({
  spec: z.looseObject({
    replicas: z.number(),
    template: z.object({
      metadata: z.object({ labels: z.record(z.string(), z.string()) }),
      spec: z.looseObject({ containers: z.tuple([Container]) }),
    }),
  }),
});
const server = Server.parse(manifest(base, 'StatefulSet'));
const pod = server.spec.template.spec;
const [container] = pod.containers;

it('names every file of the base in its kustomization', () => {
  const kustomization: unknown = parse(readFileSync(new URL('base/kustomization.yaml', KUSTOMIZE), 'utf8'));
  const files = readdirSync(new URL('base', KUSTOMIZE)).filter((name) => name !== 'kustomization.yaml');
  expect(
    z
      .object({ resources: z.array(z.string()) })
      .parse(kustomization)
      .resources.toSorted(),
  ).toEqual(files.toSorted());
});

describe('the webhooks', () => {
  it.each([
    ['MutatingWebhookConfiguration', 'pin.source-integrity.io', '/admission/pin', PIN_CONDITION, 'None'],
    // It writes history and Events of what it decides, but for a dry run.
    ['ValidatingWebhookConfiguration', 'gate.source-integrity.io', '/admission/gate', GATE_CONDITION, 'NoneOnDryRun'],
  ])('%s asks only about what the server decides on', (kind, name, path, condition, sideEffects) => {
    const { webhooks } = Webhooks.parse(manifest(base, kind));
    expect(webhooks).toMatchObject([
      {
        name,
        admissionReviewVersions: ['v1'],
        sideEffects,
        matchPolicy: 'Equivalent',
        failurePolicy: 'Ignore',
        clientConfig: { service: { name: 'source-integrity-server', namespace: 'argocd', port: 443, path } },
        namespaceSelector: { matchExpressions: [{ key: 'kubernetes.io/metadata.name', values: ['argocd'] }] },
        rules: [{ operations: ['CREATE', 'UPDATE'], resources: ['applications'], scope: 'Namespaced' }],
      },
    ]);
    expect(webhooks[0].matchConditions).toEqual([condition]);
  });

  it('wait longer than the server takes', () => {
    for (const kind of ['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration']) {
      const seconds = z.number().parse(Webhooks.parse(manifest(base, kind)).webhooks[0]['timeoutSeconds']);
      expect(seconds * 1000).toBeGreaterThan(SETTINGS.interactiveBudgetMs.fallback);
      expect(seconds * 1000).toBeGreaterThan(SETTINGS.automatedBudgetMs.fallback);
    }
  });
});

describe('the server', () => {
  it('is one, since its database is a file', () => {
    expect(server.spec.replicas).toBe(1);
  });

  it('is replaced also while its pod is broken: a StatefulSet in order would wait for that to become ready', () => {
    expect(server.spec['podManagementPolicy']).toBe('Parallel');
  });

  it('is given only settings that there are', () => {
    const known = new Set(Object.values(SETTINGS).map(({ flag }) => variableOf(flag)));
    expect(container.env.map(({ name }) => name).filter((name) => !known.has(name))).toEqual([]);
  });

  it('is not given the variables of its own Service, which look like settings', () => {
    expect(pod['enableServiceLinks']).toBe(false);
  });

  it('runs without rights on its node', () => {
    expect(pod).toMatchObject({
      securityContext: { runAsNonRoot: true, runAsUser: 65532, seccompProfile: { type: 'RuntimeDefault' } },
    });
    expect(container['securityContext']).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
    expect(Object.keys(pod).filter((key) => key.startsWith('host'))).toEqual([]);
  });

  it('listens where the Service and the probes ask', () => {
    const listens = new Map(container.env.map(({ name, value = '' }) => [name, value]));
    for (const { name, containerPort } of container.ports) {
      expect(listens.get(`SOURCE_INTEGRITY_${name.toUpperCase()}_LISTEN`)).toBe(`0.0.0.0:${containerPort}`);
    }
    expect(manifest(base, 'Service')['spec']).toEqual({
      selector: { 'app.kubernetes.io/name': 'source-integrity-server' },
      ports: [
        { name: 'api', port: 8080, targetPort: 'api' },
        { name: 'admission', port: 443, targetPort: 'admission' },
        { name: 'operations', port: 9090, targetPort: 'operations' },
      ],
    });
    expect(container).toMatchObject({
      startupProbe: { httpGet: { path: '/healthz', port: 'operations' } },
      livenessProbe: { httpGet: { path: '/healthz', port: 'operations' } },
      readinessProbe: { httpGet: { path: '/readyz', port: 'operations' } },
    });
  });

  it('writes only where a volume is mounted, and sees one key of argocd-secret', () => {
    const mounts = new Map(container.volumeMounts.map(({ name, mountPath }) => [name, mountPath]));
    const setting = (name: string): string | undefined => container.env.find((one) => one.name === name)?.value;
    expect(setting('SOURCE_INTEGRITY_DATA_DIR')).toBe(`${mounts.get('data')}/data`);
    expect(setting('SOURCE_INTEGRITY_TOKEN_FILE')).toBe(`${mounts.get('token')}/token`);
    expect(pod['volumes']).toContainEqual({
      name: 'token',
      secret: {
        secretName: 'argocd-secret',
        defaultMode: 0o440,
        items: [{ key: 'source-integrity.token', path: 'token' }],
      },
    });
  });

  it('is what the Service, the NetworkPolicy and the budget select', () => {
    const own = { 'app.kubernetes.io/name': 'source-integrity-server' };
    expect(server.spec.template.metadata.labels).toMatchObject(own);
    expect(server.spec['selector']).toEqual({ matchLabels: own });
    expect(manifest(base, 'NetworkPolicy')).toMatchObject({ spec: { podSelector: { matchLabels: own } } });
    expect(manifest(base, 'PodDisruptionBudget')).toMatchObject({ spec: { selector: { matchLabels: own } } });
  });
});

/** docs/operations.md's table of what the server may read and write, as `group resource verbs names`. */
function documentedRights(): string[] {
  const page = readFileSync(new URL('../../../../docs/operations.md', import.meta.url), 'utf8');
  const section = page.slice(page.indexOf('## What it may read and write'));
  const [, , ...rows] = /(?:^\|.*\n)+/m.exec(section)?.[0].trim().split('\n') ?? [];
  return rows.flatMap((row) => {
    const [group = '', resources = '', , verbs = '', names = ''] = row.split('|').slice(1);
    const words = (cell: string): string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, word = '']) => word);
    const named = words(names).map((name) => name.replace('<namespace>', 'argocd'));
    return words(resources).map((resource) =>
      [words(group)[0] ?? '', resource, words(verbs).toSorted().join(), named.toSorted().join()].join(' '),
    );
  });
}

const Rules = z.object({
  rules: z.array(
    z.object({
      apiGroups: z.array(z.string()),
      resources: z.array(z.string()),
      resourceNames: z.optional(z.array(z.string())),
      verbs: z.array(z.string()),
    }),
  ),
});

describe('the permissions', () => {
  it('are those of docs/operations.md, and no others', () => {
    const roles = base.filter(({ kind }) => kind === 'Role' || kind === 'ClusterRole');
    const rights = roles
      .flatMap((role) => Rules.parse(role).rules)
      .flatMap(({ apiGroups, resources, verbs, resourceNames = [] }) =>
        resources.map((resource) =>
          [apiGroups[0], resource, verbs.toSorted().join(), resourceNames.toSorted().join()].join(' '),
        ),
      );
    expect(rights.toSorted()).toEqual(documentedRights().toSorted());
  });

  it('in other namespaces are about Applications alone', () => {
    const role = manifest(manifestsIn('overlays/namespaced'), 'ClusterRole');
    expect(Rules.parse(role).rules).toEqual([
      { apiGroups: ['argoproj.io'], resources: ['applications'], verbs: ['list', 'watch'] },
      { apiGroups: [''], resources: ['events'], verbs: ['create'] },
    ]);
  });

  it('name whatever may be written, Events apart', () => {
    const writing = base
      .filter(({ kind }) => kind === 'Role' || kind === 'ClusterRole')
      .flatMap((role) => Rules.parse(role).rules)
      .filter(({ verbs }) => verbs.some((verb) => !['get', 'list', 'watch'].includes(verb)));
    expect(writing.filter(({ resourceNames }) => resourceNames === undefined)).toEqual([
      { apiGroups: [''], resources: ['events'], verbs: ['create'] },
    ]);
  });

  it('have no wildcard, and no right to make rights', () => {
    const rules = base.filter(({ kind }) => kind.endsWith('Role')).flatMap((role) => Rules.parse(role).rules);
    const words = rules.flatMap(({ apiGroups, resources, verbs }) => [apiGroups, resources, verbs].flat());
    expect(
      words.filter((word) =>
        ['*', 'escalate', 'bind', 'impersonate', 'delete', 'rbac.authorization.k8s.io'].includes(word),
      ),
    ).toEqual([]);
  });

  it('are mounted only where they are used', () => {
    expect(manifest(base, 'ServiceAccount')['automountServiceAccountToken']).toBe(false);
    expect(pod['serviceAccountName']).toBe(manifest(base, 'ServiceAccount').metadata.name);
  });
});

it('ships a policy that refuses nothing, and a Secret without anything secret', () => {
  expect(manifest(base, 'ConfigMap')['data']).toEqual({ enforcement: 'warn', 'all-projects': 'unmatched: allow\n' });
  expect(Object.keys(manifest(base, 'Secret'))).toEqual(['apiVersion', 'kind', 'metadata', 'type']);
});

it('guards what decides on trust by a policy that needs no server', () => {
  const policy = manifest(base, 'ValidatingAdmissionPolicy');
  expect(policy).toMatchObject({
    metadata: { name: 'source-integrity-argocd-trust-roots' },
    spec: {
      failurePolicy: 'Fail',
      matchConstraints: { resourceRules: [{ operations: ['CREATE', 'UPDATE', 'DELETE'] }] },
    },
  });
  expect(manifest(base, 'ValidatingAdmissionPolicyBinding')).toMatchObject({
    spec: { policyName: policy.metadata.name, validationActions: ['Deny'] },
  });
});
