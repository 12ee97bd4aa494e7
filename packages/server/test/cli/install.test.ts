import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Manifest, manifest, manifestsIn, manifestsOf } from '../deploy/manifest-files.ts';
import { cli, type Said } from './command-line.ts';

const install = (...args: string[]): Promise<Said> => cli(['install', ...args]);

async function printed(...args: string[]): Promise<Manifest[]> {
  const { status, out, err } = await install('--print', ...args);
  expect([status, err]).toEqual([0, '']);
  return manifestsOf(out);
}

const names = (manifests: readonly Manifest[]): string[] =>
  manifests.map(({ kind, metadata }) => `${kind} ${metadata.namespace ?? ''}/${metadata.name}`).sort();

const WEBHOOKS = ['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration'];
const Webhooks = z.object({
  webhooks: z.tuple([
    z.looseObject({
      failurePolicy: z.string(),
      namespaceSelector: z.object({ matchExpressions: z.tuple([z.looseObject({ values: z.array(z.string()) })]) }),
      matchConditions: z.array(z.object({ name: z.string(), expression: z.string() })),
    }),
  ]),
});
const webhooksOf = (manifests: readonly Manifest[]): z.infer<typeof Webhooks>['webhooks'][0][] =>
  WEBHOOKS.map((kind) => Webhooks.parse(manifest(manifests, kind)).webhooks[0]);

const Variables = z.object({
  spec: z.looseObject({ variables: z.array(z.object({ name: z.string(), expression: z.string() })) }),
});
const variable = (manifests: readonly Manifest[], wanted: string): string | undefined =>
  Variables.parse(manifest(manifests, 'ValidatingAdmissionPolicy')).spec.variables.find(({ name }) => name === wanted)
    ?.expression;

/** What a shell script hands to kubectl: the arguments of each call, and its standard input. */
function callsOf(script: string): { readonly args: readonly string[]; readonly input: string }[] {
  const kubectl = String.raw`kubectl() { printf 'CALL\0'; printf '%s\0' "$@"; case "$*" in *stdin*) printf 'INPUT\0'; cat; printf '\0';; esac; }`;
  const said = execFileSync('sh', ['-e'], { input: `${kubectl}\n${script}`, encoding: 'utf8' });
  return said
    .split('CALL\0')
    .slice(1)
    .map((call) => {
      const [args = '', input = ''] = call.split('INPUT\0');
      return { args: args.split('\0').filter((arg) => arg !== ''), input: input.replace(/\0$/, '') };
    });
}

describe('install --print', () => {
  it('prints what deploy/kustomize/base has', async () => {
    expect(await printed()).toEqual(manifestsIn('base').toSorted(byBaseOrder(await printed())));
    expect(await printed()).toEqual(await printed('--warn'));
  });

  it('lets nothing through without the server in enforce, and only then', async () => {
    const failurePolicies = (manifests: readonly Manifest[]): string[] =>
      webhooksOf(manifests).map(({ failurePolicy }) => failurePolicy);
    const [warn, enforce] = [await printed('--warn'), await printed('--enforce')];
    expect(failurePolicies(warn)).toEqual(['Ignore', 'Ignore']);
    expect(failurePolicies(enforce)).toEqual(['Fail', 'Fail']);
    expect(manifest(warn, 'ConfigMap')['data']).toMatchObject({ enforcement: 'warn' });
    expect(manifest(enforce, 'ConfigMap')['data']).toMatchObject({ enforcement: 'enforce' });
  });

  it("keeps two instances apart: nothing of another namespace's objects names this one's", async () => {
    const [ours, others] = [await printed('--namespace', 'ci-cd'), await printed()];
    expect(names(ours).filter((name) => names(others).includes(name))).toEqual([]);
    const texts = ours.flatMap((one) => textsOf(one)).filter((text) => /\bargocd\b/.test(text));
    const known = texts.filter((text) => !/^argocd$|^argocd-[a-z-]+$/.test(text));
    // Argo CD's own names, which are the same in every namespace.
    expect(
      known
        .map((text) =>
          text.replaceAll(
            /argocd-(?:source-integrity-cm|gpg-keys-cm|cosign-keys-cm|sigstore-trusted-root-cm|server)/g,
            '',
          ),
        )
        .filter((text) => text.includes('argocd')),
    ).toEqual([]);
    const exact = ours.flatMap((one) => pathsOf(one, 'argocd'));
    expect([...new Set(exact)]).toEqual(['app.kubernetes.io/part-of']);
    expect(webhooksOf(ours).map(({ namespaceSelector }) => namespaceSelector.matchExpressions[0].values)).toEqual([
      ['ci-cd'],
      ['ci-cd'],
    ]);
    expect(webhooksOf(ours)).toMatchObject([
      { clientConfig: { service: { namespace: 'ci-cd' } } },
      { clientConfig: { service: { namespace: 'ci-cd' } } },
    ]);
  });

  it('asks about and reads Applications of other namespaces, in those and in no others', async () => {
    const manifests = await printed('--application-namespaces', 'team-a,team-b');
    for (const { namespaceSelector } of webhooksOf(manifests)) {
      expect(namespaceSelector.matchExpressions[0].values).toEqual(['argocd', 'team-a', 'team-b']);
    }
    expect(await printed('--application-namespaces', 'team-a,argocd,team-b,team-a')).toEqual(manifests);
    const more = names(manifests).filter((name) => !names(manifestsIn('base')).includes(name));
    expect(more).toEqual([
      'ClusterRole /source-integrity-argocd-applications',
      'RoleBinding team-a/source-integrity-argocd-applications',
      'RoleBinding team-b/source-integrity-argocd-applications',
    ]);
  });

  it('takes one Application out by exact namespace and name', async () => {
    for (const { matchConditions } of webhooksOf(await printed('--exclude-application', 'argocd/source-integrity'))) {
      expect(matchConditions).toHaveLength(2);
      expect(matchConditions[1]).toEqual({
        name: 'not-our-own-installation',
        expression:
          "!(object.metadata.namespace == 'argocd' && object.metadata.?name.orValue('') == 'source-integrity')",
      });
    }
  });

  it('names who else may change what is trusted', async () => {
    const account = 'system:serviceaccount:argocd:argocd-application-controller';
    const manifests = await printed('--trust-root-writers', account, 'alice@example.com', 'group:platform');
    expect(variable(manifests, 'users')).toBe(`['${account}', 'alice@example.com']`);
    expect(variable(manifests, 'groups')).toBe("['system:masters', 'platform']");
    expect(variable(await printed(), 'users')).toBe('[]');
    expect(variable(await printed(), 'groups')).toBe("['system:masters']");
  });

  it('runs the image that is named', async () => {
    const { out } = await install('--print', '--image', 'registry.example.com/source-integrity@sha256:0123');
    expect(out).toContain('image: registry.example.com/source-integrity@sha256:0123\n');
    expect(out).not.toContain('No image is published');
  });

  it('leaves the policy alone where it is asked to', async () => {
    const without = names(await printed('--without-policy'));
    expect(names(await printed()).filter((name) => !without.includes(name))).toEqual([
      'ConfigMap argocd/argocd-source-integrity-cm',
    ]);
  });

  it('prints no secret, and says which command makes the token', async () => {
    const { out } = await install('--print', '--namespace', 'ci-cd');
    expect(Object.keys(manifest(manifestsOf(out), 'Secret'))).toEqual(['apiVersion', 'kind', 'metadata', 'type']);
    const command = out.split('\n').find((line) => line.includes('argocd-secret')) ?? '';
    const [call] = callsOf(command.slice(1));
    expect(call?.args.join(' ')).toBe('-n ci-cd patch secret argocd-secret --type merge --patch-file /dev/stdin');
    expect(call?.input).toMatch(/^\{"stringData":\{"source-integrity\.token":"[0-9a-f]{64}"\}\}$/);
  });
});

const BIN = fileURLToPath(new URL('../../bin/source-integrity.js', import.meta.url));

/** `npm test` builds first; vitest alone may find nothing built. */
it.skipIf(!existsSync(new URL('../../dist/kustomize', import.meta.url)))(
  'prints it from the bundle, too, which has the files beside it',
  async () => {
    const built = execFileSync(process.execPath, [BIN, 'install', '--print'], { encoding: 'utf8', cwd: '/' });
    expect(names(manifestsOf(built))).toEqual(names(await printed()));
  },
);

describe('install --print-registration', () => {
  it("patches Argo CD's own objects, each by its name, and twice the same way", async () => {
    const { status, out } = await install(
      '--print-registration',
      '--namespace',
      'ci-cd',
      '--image',
      'x.example.com/y:1',
    );
    expect(status).toBe(0);
    const calls = callsOf(out);
    expect(calls.map(({ args }) => args.slice(0, 5).join(' '))).toEqual([
      '-n ci-cd patch configmap argocd-cm',
      '-n ci-cd patch configmap argocd-cmd-params-cm',
      '-n ci-cd patch configmap argocd-rbac-cm',
      '-n ci-cd patch configmap argocd-notifications-cm',
      '-n ci-cd patch deployment argocd-server',
    ]);
    const patches = calls.map(({ input }) => manifestsOf(input)[0]);
    expect(patches.map((patch) => patch?.metadata.name)).toEqual(calls.map(({ args }) => args[4]));
    expect(patches[0]?.['data']).toEqual({
      'extension.config.source-integrity': [
        'connectionTimeout: 2s',
        'services:',
        '  - url: http://source-integrity-server.ci-cd.svc:8080',
        '    headers:',
        '      - name: Authorization',
        '        value: $source-integrity.token',
        '',
      ].join('\n'),
    });
    expect(JSON.stringify(patches[4])).toContain('"image":"x.example.com/y:1"');
  });

  it('brings the extension by the standard installer where an address is given', async () => {
    const { out } = await install(
      '--print-registration',
      '--extension-url',
      'https://files.example.com/si/extension.tar.gz',
    );
    const patch = callsOf(out).at(-1)?.input ?? '';
    expect(patch).toContain("value: 'https://files.example.com/si/extension.tar.gz' }");
    expect(patch).toContain("value: 'https://files.example.com/si/extension_checksums.txt' }");
    expect(patch).not.toContain('source-integrity:0.1.0');
  });
});

const Patch = z.object({
  webhooks: z.tuple([z.object({ name: z.string(), matchConditions: z.tuple([z.record(z.string(), z.string())]) })]),
});

describe('install --print-break-glass', () => {
  it('takes one Application out of both webhooks, and has the way back beside it', async () => {
    const { status, out } = await install('--print-break-glass', 'team-a/payments', '--namespace', 'ci-cd');
    expect(status).toBe(0);
    const back = out.replace(/^[^#].*\n/gm, '').replaceAll(/^# {3}/gm, '');
    const [forth, undo] = [out, back].map((script) =>
      callsOf(script).map(({ args }) => {
        const { webhooks } = Patch.parse(JSON.parse(args.at(-1) ?? ''));
        return { what: args.slice(0, 3).join(' '), webhooks };
      }),
    );
    const what = WEBHOOKS.map((kind) => `patch ${kind.toLowerCase()} source-integrity-ci-cd`);
    expect(forth?.map((call) => call.what)).toEqual(what);
    expect(undo?.map((call) => call.what)).toEqual(what);
    expect(forth?.map(({ webhooks }) => webhooks[0].name)).toEqual([
      'pin.source-integrity.io',
      'gate.source-integrity.io',
    ]);
    for (const [index, call] of (forth ?? []).entries()) {
      const [condition] = call.webhooks[0].matchConditions;
      expect(condition['expression']).toBe(
        "!(object.metadata.namespace == 'team-a' && object.metadata.?name.orValue('') == 'payments')",
      );
      expect(undo?.[index]?.webhooks[0].matchConditions).toEqual([{ name: condition['name'], $patch: 'delete' }]);
    }
  });

  it('lets two Applications through beside one another', async () => {
    const conditions = await Promise.all(
      ['argocd/a', 'argocd/b'].map(
        async (name) => (await install('--print-break-glass', name)).out.match(/break-glass-[0-9a-f]+/)?.[0],
      ),
    );
    expect(new Set(conditions).size).toBe(2);
  });
});

it.each([
  [[], 'One of --print'],
  [['--print', '--print-registration'], 'One of --print'],
  [['--print', '--warn', '--enforce'], 'exclude each other'],
  [['--print', '--namespace', 'Argo_CD'], '--namespace takes exact names'],
  [['--print', '--application-namespaces', 'team-*'], '--application-namespaces takes exact names'],
  [['--print', '--exclude-application', 'payments'], '--exclude-application takes <namespace>/<name>'],
  [['--print', '--exclude-application', "argocd/x' || true || '"], '--exclude-application takes'],
  [['--print-break-glass', 'argocd/$(id)'], '--print-break-glass takes'],
  [['--print', '--trust-root-writers', "x', 'y"], '--trust-root-writers takes names without quotes'],
  [['--print', '--image', 'x y'], '--image takes a reference'],
  [['--print-registration', '--extension-url', 'https://x.example.com/other.tgz'], '--extension-url takes'],
  [['--print', 'more'], 'one too many'],
])('refuses install %j', async (args, sentence) => {
  const { status, out, err } = await install(...args);
  expect([status, out]).toEqual([64, '']);
  expect(err).toContain(sentence);
});

/** Every text in an object, keys apart. */
function textsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap((one) => textsOf(one)) : [];
}

/** The keys under which an object has exactly this text. */
function pathsOf(value: unknown, text: string): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, one]) => (one === text ? [key] : pathsOf(one, text)));
}

function byBaseOrder(order: readonly Manifest[]): (one: Manifest, other: Manifest) => number {
  const place = ({ kind, metadata }: Manifest): number =>
    order.findIndex((at) => at.kind === kind && at.metadata.name === metadata.name);
  return (one, other) => place(one) - place(other);
}
