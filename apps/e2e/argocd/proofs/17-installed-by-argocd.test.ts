import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { installed } from '../install.ts';
import { compared, createApplication, createProject, kubectl, ran, stack, syncToEnd, textAt, tidy } from '../proof.ts';

const chart = fileURLToPath(new URL('../../../../deploy/helm/source-integrity', import.meta.url));
const NAME = 'self-hosted';
const INSTANCE = `source-integrity-${NAME}`;

beforeAll(async () => {
  await installed();
  const folder = join(stack.charts, NAME);
  await mkdir(folder, { recursive: true });
  for (const args of [
    ['package', chart, '--destination', folder],
    ['repo', 'index', folder],
  ]) {
    const { code, output } = await ran(stack.tools.helm, args, { HOME: stack.folder });
    expect(code, output).toBe(0);
  }
  await createProject(NAME, { clusterResourceWhitelist: [{ group: '*', kind: '*' }] });
});

afterAll(async () => {
  await tidy();
  const kinds =
    'mutatingwebhookconfiguration,validatingwebhookconfiguration,validatingadmissionpolicy,clusterrole,clusterrolebinding';
  await kubectl('delete', kinds, INSTANCE, '--ignore-not-found');
  await kubectl(
    'delete',
    'validatingadmissionpolicy,validatingadmissionpolicybinding',
    `${INSTANCE}-trust-roots`,
    '--ignore-not-found',
  );
});

test.each([
  ['as Argo CD applies by default', []],
  ['by server-side apply', ['ServerSideApply=true']],
])('17. what the server fills in is no difference to Argo CD, and stays, %s', async (_, options) => {
  const name = options.length === 0 ? NAME : `${NAME}-server-side`;
  await createApplication(
    name,
    {
      repoURL: `${stack.places.charts}/${NAME}`,
      chart: 'source-integrity',
      targetRevision: '0.1.0',
      helm: { valuesObject: { trustRoots: { groups: ['system:masters'] } } },
    },
    {
      project: NAME,
      spec: {
        destination: { server: 'https://kubernetes.default.svc', namespace: NAME },
        syncPolicy: { syncOptions: ['CreateNamespace=true', ...options] },
      },
    },
  );
  expect(await syncToEnd(name)).toBe('Succeeded');

  const authority = Buffer.from('-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n').toString('base64');
  const webhook = ['patch', 'validatingwebhookconfiguration', INSTANCE, '--type=json', '-p'];
  const fill = [{ op: 'add', path: '/webhooks/0/clientConfig/caBundle', value: authority }];
  for (const args of [
    [...webhook, JSON.stringify(fill)],
    [
      '-n',
      NAME,
      'patch',
      'secret',
      'source-integrity-certificates',
      '--type=merge',
      '-p',
      '{"stringData":{"ca.crt":"x"}}',
    ],
  ]) {
    const { code, output } = await kubectl(...args);
    expect(code, output).toBe(0);
  }
  expect(textAt(await compared(name, 'hard'), 'status', 'sync', 'status')).toBe('Synced');

  expect(await syncToEnd(name)).toBe('Succeeded');
  const bundle = await kubectl(
    'get',
    'validatingwebhookconfiguration',
    INSTANCE,
    '-o',
    'jsonpath={.webhooks[0].clientConfig.caBundle}',
  );
  expect(bundle.output).toBe(authority);
  const secret = await kubectl('-n', NAME, 'get', 'secret', 'source-integrity-certificates', '-o', 'jsonpath={.data}');
  expect(secret.output).toContain('ca.crt');
});
