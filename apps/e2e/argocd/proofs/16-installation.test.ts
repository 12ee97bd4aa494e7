import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { argocdManifests, fileOf, printed, shell } from '../installing.ts';
import { at, kubectl, ran, stack, textAt, until } from '../proof.ts';

/** An instance of its own, in which nothing of the other proofs is disturbed. */
const NAMESPACE = 'installed-here';
const INSTANCE = `source-integrity-${NAMESPACE}`;

/** Within an object that is expected: text with this in it. */
function containing(text: string): unknown {
  return expect.stringContaining(text);
}

function applicationFile(metadata: object, beside: object): Promise<string> {
  const source = { repoURL: 'https://charts.example.com', chart: 'x', targetRevision: '1.0.0' };
  const application = {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: { namespace: NAMESPACE, ...metadata },
    spec: { project: 'default', destination: {}, source },
    ...beside,
  };
  return fileOf('application.json', JSON.stringify(application));
}

afterAll(async () => {
  const label = 'app.kubernetes.io/name=source-integrity-server';
  const kinds =
    'mutatingwebhookconfiguration,validatingwebhookconfiguration,validatingadmissionpolicybinding,validatingadmissionpolicy,clusterrole,clusterrolebinding';
  const { output } = await kubectl('get', kinds, '-l', label, '-o', 'name');
  const ours = output.split('\n').filter((name) => name.includes(INSTANCE));
  if (ours.length > 0) await kubectl('delete', ...ours);
  await kubectl('delete', 'namespace', NAMESPACE, '--wait=false');
});

describe('16. an installation', () => {
  const as = (who: string, ...args: readonly string[]): Promise<{ code: number; output: string }> => {
    const [user = '', group] = who.split(' in ');
    const groups = group === undefined ? ['any'] : [group];
    return kubectl('-n', NAMESPACE, '--as', user, ...groups.flatMap((name) => ['--as-group', name]), ...args);
  };
  const account = (name: string): string => `system:serviceaccount:${NAMESPACE}:${name}`;
  const change = (kind: string, name: string, value = 'changed', key = 'x'): string[] => [
    'patch',
    kind,
    name,
    '--type=merge',
    '-p',
    JSON.stringify({ [kind === 'secret' ? 'stringData' : 'data']: { [key]: value } }),
  ];

  beforeAll(async () => {
    await kubectl('create', 'namespace', NAMESPACE);
    await kubectl('label', 'namespace', NAMESPACE, 'pod-security.kubernetes.io/warn=restricted');
    // They all may, by RBAC: what refuses them is the policy alone.
    const names = [
      'mallory',
      'alice',
      'bob',
      account('argocd-server'),
      account('argocd-application-controller'),
      account('source-integrity-server'),
    ];
    await kubectl(
      '-n',
      NAMESPACE,
      'create',
      'rolebinding',
      'all',
      '--clusterrole=cluster-admin',
      ...names.map((name) => `--user=${name}`),
      '--group=platform',
    );
    const argocd = await argocdManifests();
    const one = await kubectl('apply', '--server-side', '-n', NAMESPACE, '-f', argocd);
    expect(one.code, one.output).toBe(0);
    const manifests = await fileOf(
      'ours.yaml',
      await printed(
        '--print',
        '--enforce',
        '--namespace',
        NAMESPACE,
        '--trust-root-writers',
        'alice',
        'group:platform',
      ),
    );
    for (const again of [false, true]) {
      const { code, output } = await kubectl('apply', '--server-side', '-f', manifests);
      expect([again, code], output).toEqual([again, 0]);
      expect(output).not.toContain('would violate PodSecurity');
    }
    await until('the policy is in force', async () => {
      const { output } = await as('mallory', ...change('configmap', 'argocd-gpg-keys-cm', `at ${Date.now()}`));
      return output.includes('may not change');
    });
  });

  test.each([
    ['mallory', change('configmap', 'argocd-source-integrity-cm')],
    ['mallory', change('configmap', 'argocd-gpg-keys-cm')],
    ['mallory', change('secret', 'source-integrity-certificates')],
    ['mallory', ['delete', 'configmap', 'argocd-gpg-keys-cm']],
    [
      'mallory',
      [
        'delete',
        '--raw',
        `/api/v1/namespaces/${NAMESPACE}/configmaps?fieldSelector=metadata.name%3Dargocd-gpg-keys-cm`,
      ],
    ],
    [
      'mallory',
      [
        'delete',
        '--raw',
        `/api/v1/namespaces/${NAMESPACE}/secrets?fieldSelector=metadata.name%3Dsource-integrity-certificates`,
      ],
    ],
    ['mallory', ['create', 'configmap', 'argocd-cosign-keys-cm']],
    ['mallory', ['create', 'configmap', 'argocd-sigstore-trusted-root-cm']],
    ['mallory', ['label', 'configmap', 'argocd-source-integrity-cm', 'app.kubernetes.io/part-of-']],
    [account('argocd-application-controller'), change('configmap', 'argocd-source-integrity-cm')],
    [account('argocd-application-controller'), change('configmap', 'argocd-gpg-keys-cm')],
    [account('argocd-server'), change('configmap', 'argocd-source-integrity-cm')],
    [account('argocd-server'), ['delete', 'configmap', 'argocd-gpg-keys-cm']],
    [account('source-integrity-server'), change('configmap', 'argocd-source-integrity-cm')],
    [account('source-integrity-server'), ['delete', 'secret', 'source-integrity-certificates']],
  ])('keeps %s from %j', async (who, args) => {
    const { code, output } = await as(who, ...args);
    expect(output).toContain(`${who} may not change `);
    expect(output).toContain(`ValidatingAdmissionPolicy ${INSTANCE}-trust-roots`);
    expect(code).toBe(1);
  });

  test.each([
    ['alice', change('configmap', 'argocd-source-integrity-cm')],
    ['bob in platform', change('configmap', 'argocd-source-integrity-cm', 'by bob')],
    ['root in system:masters', change('configmap', 'argocd-gpg-keys-cm', 'by root')],
    [account('argocd-server'), change('configmap', 'argocd-gpg-keys-cm')],
    [account('source-integrity-server'), change('secret', 'source-integrity-certificates', 'own', 'tls.crt')],
    ['mallory', ['annotate', 'configmap', 'argocd-gpg-keys-cm', 'example.com/seen=yes']],
    ['mallory', ['create', 'configmap', 'another']],
    ['mallory', change('configmap', 'argocd-cm')],
  ])('lets %s %j', async (who, args) => {
    const { code, output } = await as(who, ...args);
    expect(code, output).toBe(0);
  });

  test('keeps a policy that was changed by hand, applied again', async () => {
    await kubectl(
      '-n',
      NAMESPACE,
      'patch',
      'configmap',
      'argocd-source-integrity-cm',
      '--type=merge',
      '-p',
      '{"data":{"enforcement":"off"}}',
    );
    const manifests = await fileOf('again.yaml', await printed('--print', '--enforce', '--namespace', NAMESPACE));
    const { code, output } = await kubectl('apply', '--server-side', '-f', manifests);
    expect([code, output]).toEqual([1, containing('.data.enforcement')]);
    const without = await fileOf(
      'without.yaml',
      await printed('--print', '--enforce', '--namespace', NAMESPACE, '--without-policy'),
    );
    expect((await kubectl('apply', '--server-side', '-f', without)).code).toBe(0);
    const after = await kubectl(
      '-n',
      NAMESPACE,
      'get',
      'configmap',
      'argocd-source-integrity-cm',
      '-o',
      'jsonpath={.data.enforcement}',
    );
    expect(after.output).toBe('off');
  });

  test("is registered in Argo CD's own objects, which keep what else is in them", async () => {
    await kubectl(
      '-n',
      NAMESPACE,
      'patch',
      'configmap',
      'argocd-cm',
      '--type=merge',
      '-p',
      '{"data":{"url":"https://argocd.example.com"}}',
    );
    const script = await printed(
      '--print-registration',
      '--namespace',
      NAMESPACE,
      '--image',
      'registry.example.com/si:1',
    );
    const token =
      (await printed('--print', '--namespace', NAMESPACE)).split('\n').find((line) => line.includes('patch secret')) ??
      '';
    for (const once of [`${token.slice(1)}\n${script}`, script]) {
      const { code, output } = await shell(once);
      expect(code, output).toBe(0);
    }
    const get = async (what: string): Promise<unknown> =>
      JSON.parse((await kubectl('-n', NAMESPACE, 'get', ...what.split(' '), '-o', 'json')).output);
    expect(await get('configmap argocd-cm')).toMatchObject({
      data: {
        url: 'https://argocd.example.com',
        'extension.config.source-integrity': containing(`.${NAMESPACE}.svc:8080`),
      },
    });
    expect(await get('configmap argocd-cmd-params-cm')).toMatchObject({
      data: { 'server.enable.proxy.extension': 'true' },
    });
    expect(textAt(await get('secret argocd-secret'), 'data', 'source-integrity.token')).toMatch(/^[\w+/=]{88}$/);
    const server = await get('deployment argocd-server');
    expect(at(server, 'spec', 'template', 'spec')).toMatchObject({
      initContainers: [{ name: 'extension-source-integrity', image: 'registry.example.com/si:1' }],
      containers: [
        {
          name: 'argocd-server',
          args: ['/usr/local/bin/argocd-server'],
        },
      ],
    });
  });

  test('puts the guard before the repo-server, and takes it away again, exactly', async () => {
    const repoServer = async (): Promise<unknown> => {
      const { output } = await kubectl('-n', NAMESPACE, 'get', 'deployment', 'argocd-repo-server', '-o', 'json');
      const object: unknown = JSON.parse(output);
      return { annotations: at(object, 'metadata', 'annotations'), spec: at(object, 'spec') };
    };
    const rights = `clusterrole/${INSTANCE}-guard clusterrolebinding/${INSTANCE}-guard`.split(' ');
    // Nothing here runs Deployments, so nothing would ever be rolled out; and kubectl restarts none twice in a second.
    const run = async (...args: readonly string[]): Promise<{ code: number; output: string }> => {
      const script = await printed('--print-verified-pull', ...args, '--namespace', NAMESPACE);
      return shell(script.replaceAll(/^.*kubectl .* rollout status .*$/gm, 'sleep 1'));
    };
    const before = await repoServer();
    // Twice is the same as once; so is an upgrade.
    for (const image of ['registry.example.com/si:1', 'registry.example.com/si:1', 'registry.example.com/si:2']) {
      const { code, output } = await run('kubectl', '--image', image);
      expect(code, output).toBe(0);
      expect(JSON.stringify(await repoServer())).toContain(`"image":"${image}"`);
    }
    expect(at(await repoServer(), 'spec', 'template')).toMatchObject({
      metadata: { labels: { 'source-integrity.io/verified-pull': 'guarded' } },
      spec: { containers: [{ args: ['/usr/local/bin/argocd-repo-server'] }] },
    });
    expect(await kubectl('get', ...rights)).toMatchObject({ code: 0 });
    for (const again of [false, true]) {
      const { code, output } = await run('removal');
      expect([again, code], output).toEqual([again, 0]);
      expect(await repoServer()).toEqual(before);
      expect((await kubectl('get', ...rights)).output).toContain('not found');
    }
  });

  test('does not overwrite what the repo-server has been given by others', async () => {
    const patch = {
      spec: {
        template: {
          spec: { containers: [{ name: 'argocd-repo-server', env: [{ name: 'PATH', value: '/custom-tools' }] }] },
        },
      },
    };
    const change = ['patch', 'deployment', 'argocd-repo-server', '--type', 'strategic', '--patch'];
    await kubectl('-n', NAMESPACE, ...change, JSON.stringify(patch));
    const script = await printed('--print-verified-pull', 'kubectl', '--namespace', NAMESPACE);
    const { code, output } = await shell(script);
    expect(code).not.toBe(0);
    expect(output).toContain('conflict');
    expect(output).toContain('env[name="PATH"].value');
    expect(output).not.toContain('argocd-redis restarted');
  });

  test('tells of a refused automated sync by Argo CD Notifications, and of no other', async () => {
    const refusal = 'admission webhook "gate.source-integrity.io" denied the request: Chart x 1.0.0 is not signed.';
    for (const [name, message] of [
      ['refused', refusal],
      ['failed', 'one or more objects failed to apply'],
    ]) {
      const conditions = [{ type: 'SyncError', message, lastTransitionTime: '2026-01-01T00:00:00Z' }];
      const status = { sync: { status: 'OutOfSync', revision: '1.0.0' }, conditions };
      const created = await kubectl('create', '-f', await applicationFile({ name }, { status }));
      expect(created.code, created.output).toBe(0);
    }
    const run = (name: string): Promise<{ code: number; output: string }> =>
      ran(
        stack.tools.argocd,
        ['admin', 'notifications', 'trigger', 'run', 'on-source-integrity-refused', name, '-n', NAMESPACE],
        { ARGOCD_BINARY_NAME: 'argocd', HOME: stack.folder, KUBECONFIG: stack.kubernetes.kubeconfig },
      );
    expect((await run('refused')).output).toMatch(/ true\n/);
    expect((await run('failed')).output).toMatch(/ false\n/);
  });

  test('lets one Application through while the server is away, no other, and takes it back', async () => {
    const operation = { sync: { revision: '1.0.0' } };
    const create = async (metadata: object): Promise<string> =>
      (await kubectl('create', '--dry-run=server', '-f', await applicationFile(metadata, { operation }))).output;
    const refused = containing('failed calling webhook "pin.source-integrity.io"');
    expect(await create({ name: 'payments' })).toEqual(refused);

    const commands = await printed('--print-break-glass', `${NAMESPACE}/payments`, '--namespace', NAMESPACE);
    expect(await shell(commands)).toMatchObject({ code: 0 });
    await until('payments is let through', async () => (await create({ name: 'payments' })).includes('created'));
    expect(await create({ name: 'payments-2' })).toEqual(refused);
    expect(await create({ generateName: 'payments' })).toEqual(refused);
    expect(await create({ name: 'x', labels: { 'app.kubernetes.io/instance': 'payments' } })).toEqual(refused);

    const back = commands.split('\n').flatMap((line) => (line.startsWith('#   ') ? [line.slice(4)] : []));
    expect(await shell(back.join('\n'))).toMatchObject({ code: 0 });
    await until('payments is asked about again', async () =>
      (await create({ name: 'payments' })).includes('failed calling webhook'),
    );
  });

  test('does not hold its namespace once that ends', async () => {
    await kubectl('delete', 'namespace', NAMESPACE, '--wait=false');
    await until(
      'what decides on trust goes with it',
      async () => (await as('mallory', 'delete', 'configmap', 'argocd-gpg-keys-cm')).code === 0,
    );
  });
});
