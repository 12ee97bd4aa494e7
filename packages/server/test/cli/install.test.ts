import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
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

  it('has a server asked in enforce that is not ready: it names the cause, where no answer names none', async () => {
    const published = (manifests: readonly Manifest[]): unknown =>
      z.looseObject({}).parse(manifest(manifests, 'Service')['spec'])['publishNotReadyAddresses'];
    expect(published(await printed('--enforce'))).toBe(true);
    // In warn nobody is to be stopped, and what cannot be read counts as what enforces.
    expect(published(await printed('--warn'))).toBeUndefined();
  });

  it('opens the webhooks and the guard to the addresses that are named, and to the repo-server', async () => {
    const rules = async (...args: string[]): Promise<unknown> =>
      z.looseObject({}).parse(manifest(await printed(...args), 'NetworkPolicy')['spec'])['ingress'];
    const [api, admission, operations] = z
      .array(z.unknown())
      .length(3)
      .parse(await rules());
    expect(admission).toEqual({ ports: [{ port: 'admission' }] });
    const from = [
      { ipBlock: { cidr: '10.0.0.1/32' } },
      { ipBlock: { cidr: 'fd00::/64' } },
      { podSelector: { matchLabels: { 'app.kubernetes.io/name': 'argocd-repo-server' } } },
    ];
    expect(await rules('--api-server-addresses', '10.0.0.1/32,fd00::/64,10.0.0.1/32')).toEqual([
      api,
      { from, ports: [{ port: 'admission' }] },
      operations,
    ]);
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

describe('install --print-verified-pull', () => {
  const component = manifest(manifestsIn('components/verified-pull'), 'Deployment');
  const scripted = async (...args: readonly string[]): Promise<{ script: string; objects: Manifest[] }> => {
    const { status, out, err } = await install('--print-verified-pull', ...args);
    expect([status, err]).toEqual([0, '']);
    return { script: out, objects: manifestsOf(/<<'END'\n(.*?)^END$/ms.exec(out)?.[1] ?? '') };
  };

  /** Each call of kubectl, without its time-out, in a cluster whose Redis is in high availability or not. */
  const callsIn = (script: string, isHighlyAvailable: boolean): string[] => {
    const kubectl = `kubectl() {
      echo "$*" | sed 's/ --timeout [0-9a-z]*//' >&2
      case "$*" in
        *'get statefulset'*) return ${isHighlyAvailable ? 0 : 1} ;;
        *'get pods'*) echo pod/redis-0 pod/redis-1 ;;
        *'-f -') cat >/dev/null ;;
      esac
    }`;
    const run = spawnSync('sh', [], { input: `${kubectl}\n${script}`, encoding: 'utf8' });
    expect(run.status).toBe(0);
    return run.stderr.trim().split('\n');
  };

  it('kubectl: applies what the component has, waits until no pod without the guard is left, and clears Redis', async () => {
    const { script, objects } = await scripted('kubectl');
    expect(objects).toEqual([
      ...manifestsIn('components/verified-pull').filter(({ kind }) => kind !== 'Deployment'),
      { ...component, metadata: { ...component.metadata, namespace: 'argocd' } },
    ]);
    const first = [
      'apply --server-side --field-manager=source-integrity-verified-pull -f -',
      '-n argocd rollout status deployment argocd-repo-server',
      '-n argocd wait pod -l app.kubernetes.io/name=argocd-repo-server,!source-integrity.io/verified-pull --for delete',
    ];
    expect(callsIn(script, false)).toEqual([...first, '-n argocd rollout restart deployment argocd-redis']);
    const flush = `-c redis -- sh -c redis-cli --no-auth-warning -a "$AUTH" flushall`;
    expect(callsIn(script, true)).toEqual([
      ...first,
      '-n argocd get pods -l app.kubernetes.io/name=argocd-redis-ha -o name',
      `-n argocd exec pod/redis-0 ${flush}`,
      `-n argocd exec pod/redis-1 ${flush}`,
    ]);
  });

  it('kubectl: names image and namespace', async () => {
    const { script, objects } = await scripted('kubectl', '--namespace', 'ci-cd', '--image', 'x.example.com/y:1');
    expect(objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual([
      'ClusterRole source-integrity-ci-cd-guard',
      'ClusterRoleBinding source-integrity-ci-cd-guard',
      'Deployment argocd-repo-server',
    ]);
    expect(objects[2]?.metadata.namespace).toBe('ci-cd');
    expect(JSON.stringify(objects[2])).toContain('"image":"x.example.com/y:1"');
    expect(script).toContain('https://source-integrity-server.ci-cd.svc');
    expect(script).not.toMatch(/\bnamespace: argocd\b|\.argocd\.svc|-n argocd/);
  });

  it('stops at the first command that fails, so that nothing is cleared for nothing', async () => {
    for (const form of ['kubectl', 'removal']) {
      const { script } = await scripted(form);
      const run = spawnSync('sh', [], {
        input: `kubectl() { cat >/dev/null; echo "$1" >&2; return 1; }\n${script}`,
        encoding: 'utf8',
      });
      expect([run.status, run.stderr]).toEqual([1, 'apply\n']);
    }
  });

  it('removal: takes back what came under the same field manager, and then the rights', async () => {
    const { script, objects } = await scripted('removal');
    expect(objects).toEqual([
      { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'argocd-repo-server', namespace: 'argocd' } },
    ]);
    expect(callsIn(script, false)).toEqual([
      'apply --server-side --field-manager=source-integrity-verified-pull -f -',
      '-n argocd rollout status deployment argocd-repo-server',
      '-n argocd wait pod -l app.kubernetes.io/name=argocd-repo-server,source-integrity.io/verified-pull --for delete',
      'delete --ignore-not-found clusterrole,clusterrolebinding source-integrity-argocd-guard',
    ]);
  });

  it("helm-values: is the component by the names of Argo CD's own chart", async () => {
    const { out } = await install('--print-verified-pull', 'helm-values', '--image', 'source-integrity:0.1.0');
    const { template } = PodTemplate.parse(component).spec;
    const [container] = template.spec.containers;
    expect(parse(out)).toEqual({
      repoServer: {
        podLabels: template.metadata.labels,
        // The account that the server answers.
        serviceAccount: { name: 'argocd-repo-server' },
        env: container.env,
        initContainers: template.spec.initContainers,
        volumeMounts: container.volumeMounts,
        volumes: template.spec.volumes,
      },
    });
    // That chart takes values for templates.
    expect(out).not.toContain('{{');
  });

  it('leaves nothing of the component out in any form', () => {
    const { template } = PodTemplate.parse(component).spec;
    expect(Object.keys(template.spec).toSorted()).toEqual(['containers', 'initContainers', 'volumes']);
    expect(Object.keys(template.spec.containers[0]).toSorted()).toEqual(['env', 'name', 'volumeMounts']);
  });

  it('--print brings the rights with --verified-pull alone', async () => {
    const [without, withRights] = [names(await printed()), names(await printed('--verified-pull'))];
    expect(withRights.filter((name) => !without.includes(name))).toEqual([
      'ClusterRole /source-integrity-argocd-guard',
      'ClusterRoleBinding /source-integrity-argocd-guard',
    ]);
  });
});

const PodTemplate = z.object({
  spec: z.object({
    template: z.object({
      metadata: z.object({ labels: z.record(z.string(), z.string()) }),
      spec: z.looseObject({
        initContainers: z.array(z.unknown()),
        volumes: z.array(z.unknown()),
        containers: z.tuple([z.looseObject({ env: z.array(z.unknown()), volumeMounts: z.array(z.unknown()) })]),
      }),
    }),
  }),
});

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
  [['--print', '--print-verified-pull', 'kubectl'], 'One of --print'],
  [['--print-verified-pull', 'patch'], '--print-verified-pull takes kubectl or helm-values or removal'],
  [['--print', '--warn', '--enforce'], 'exclude each other'],
  [['--print', '--namespace', 'Argo_CD'], '--namespace takes exact names'],
  [['--print', '--application-namespaces', 'team-*'], '--application-namespaces takes exact names'],
  [['--print', '--api-server-addresses', '10.0.0.1'], '--api-server-addresses takes CIDRs'],
  [['--print', '--api-server-addresses', '10.0.0.0/33'], '--api-server-addresses takes CIDRs'],
  [['--print', '--api-server-addresses', '10.0/16'], '--api-server-addresses takes CIDRs'],
  [['--print', '--api-server-addresses', '010.0.0.1/32'], '--api-server-addresses takes CIDRs'],
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
