import { request } from 'node:https';
import { expect, it, onTestFinished, vi } from 'vitest';
import * as z from 'zod';
import { loadConfig } from '../../../src/config/config.ts';
import { createLogger } from '../../../src/logger.ts';
import { type RunningServer, startServer } from '../../../src/main.ts';
import { type FakeApiServer, startApiServer } from '../../cluster/kubernetes/fake-api-server.ts';

const Secret = z.object({ data: z.object({ 'ca.crt': z.string(), 'tls.crt': z.string() }) });

const LABELS = { 'app.kubernetes.io/part-of': 'argocd' };
const TOKEN = 'a-token-of-some-length';
/** An upper bound, for machines that are busy. */
const PATIENCE = 60_000;

async function startOnKubernetes(
  failurePolicy: 'Fail' | 'Ignore',
): Promise<{ api: FakeApiServer; server: RunningServer }> {
  const api = await startApiServer();
  api.writeToken(api.token);
  const name = 'source-integrity-argocd';
  const matchExpressions = [{ key: 'kubernetes.io/metadata.name', operator: 'In', values: ['argocd'] }];
  const webhooks = [
    { name: 'gate.source-integrity.io', failurePolicy, namespaceSelector: { matchExpressions }, clientConfig: {} },
  ];
  api.put('secrets', { metadata: { name: 'source-integrity-certificates', namespace: 'argocd' } });
  api.put('configmaps', {
    metadata: { name: 'argocd-source-integrity-cm', namespace: 'argocd', labels: LABELS },
    data: { enforcement: 'enforce' },
  });
  api.put('mutatingwebhookconfigurations', { metadata: { name }, webhooks });
  api.put('validatingwebhookconfigurations', { metadata: { name }, webhooks });
  const loaded = loadConfig(
    {
      'kubernetes-api': api.url,
      'kubernetes-token-file': api.tokenFile,
      'api-listen': '127.0.0.1:0',
      'admission-listen': '127.0.0.1:0',
      'operations-listen': '127.0.0.1:0',
      'data-dir': ':memory:',
      'certificate-names': '127.0.0.1',
      tuf: 'off',
    },
    { SOURCE_INTEGRITY_TOKEN: TOKEN },
  );
  if ('faults' in loaded) throw new Error(JSON.stringify(loaded.faults));
  const server = await startServer(loaded.config, createLogger('silent'));
  onTestFinished(() => server.close());
  return { api, server };
}

function askPin(url: string, ca: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const asked = request(`${url}/admission/pin`, { method: 'POST', ca }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    asked.on('error', reject);
    asked.end('{}');
  });
}

async function notes({ addresses }: RunningServer): Promise<string> {
  return (await fetch(`${addresses.operations}/readyz`)).text();
}

async function reported({ addresses }: RunningServer): Promise<unknown> {
  const headers = {
    authorization: `Bearer ${TOKEN}`,
    'argocd-application-name': 'argocd:payments',
    'argocd-project-name': 'shop',
  };
  return (await fetch(`${addresses.api}/api/v1/report`, { headers })).json();
}

it('answers the API server by a certificate of the authority that is in the Secret', async () => {
  const { api, server } = await startOnKubernetes('Fail');
  const secret = Secret.parse(api.objects('secrets')[0]);
  const ca = Buffer.from(secret.data['ca.crt'], 'base64').toString();
  expect(await askPin(server.addresses.admission, ca)).toBe(400);
  const patches = api.requests.filter((each) => each.startsWith('PATCH '));
  expect(patches).toEqual([
    'PATCH /apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/source-integrity-argocd',
    'PATCH /apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/source-integrity-argocd',
  ]);
  const metrics = await (await fetch(`${server.addresses.operations}/metrics`)).text();
  expect(metrics).toMatch(/^source_integrity_certificate_expiry_seconds\{certificate="serving"\} 77\d{5}/m);
  expect(await notes(server)).not.toContain('failurePolicy');
});

it(
  'says that there are Applications that the gate is not asked about',
  async () => {
    const { api, server } = await startOnKubernetes('Fail');
    const source = { repoURL: 'https://git.example.com/payments', path: '.' };
    for (const namespace of ['argocd', 'team-a']) {
      api.put('applications', {
        metadata: { name: 'payments', namespace, uid: namespace },
        spec: { project: 'shop', source },
      });
    }
    expect(await notes(server)).not.toContain('does not select');
    api.put('configmaps', {
      metadata: { name: 'argocd-cmd-params-cm', namespace: 'argocd', labels: LABELS },
      data: { 'application.namespaces': 'team-a' },
    });
    await vi.waitFor(async () => {
      expect(await notes(server)).toContain("the gate's webhook does not select team-a: syncs");
    }, PATIENCE);
  },
  2 * PATIENCE,
);

it(
  'says that the policy enforces behind a webhook that is ignored while nobody answers',
  async () => {
    const { api, server } = await startOnKubernetes('Ignore');
    await vi.waitFor(async () => {
      expect(await notes(server)).toContain("failurePolicy of the gate's webhook is Ignore");
    }, PATIENCE);
    api.put('appprojects', { metadata: { name: 'shop', namespace: 'argocd' }, spec: { sourceRepos: ['*'] } });
    api.put('applications', {
      metadata: { name: 'payments', namespace: 'argocd', uid: '6f3c1a52' },
      spec: { project: 'shop', source: { repoURL: 'https://git.example.com/payments', path: '.' } },
    });
    await vi.waitFor(async () => {
      expect(await reported(server)).toMatchObject({ enforcement: 'enforce', gaps: ['gate-lets-through'] });
    }, PATIENCE);
    api.put('configmaps', {
      metadata: { name: 'argocd-source-integrity-cm', namespace: 'argocd', labels: LABELS },
      data: { enforcement: 'warn' },
    });
    await vi.waitFor(async () => {
      expect(await reported(server)).not.toHaveProperty('gaps');
    }, PATIENCE);
  },
  4 * PATIENCE,
);
