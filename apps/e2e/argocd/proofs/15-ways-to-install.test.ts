import { copyFile, cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { argocdManifests, BIN, DEPLOY, DOCS, fileOf, printed } from '../installing.ts';
import { isObject } from '../json.ts';
import { at, kubectl, kubernetes, listAt, path, ran, stack, textAt } from '../proof.ts';

/** By kind, namespace and name; keys in any order are the same. */
function objectsOf(yaml: string): Map<string, unknown> {
  const objects = new Map<string, unknown>();
  for (const document of parseAllDocuments(yaml)) {
    const object: unknown = document.toJS();
    const [namespace, name] = [textAt(object, 'metadata', 'namespace'), textAt(object, 'metadata', 'name')];
    if (object !== null) objects.set(`${textAt(object, 'kind')} ${namespace}/${name}`, object);
  }
  return objects;
}

async function kustomized(overlay: string): Promise<Map<string, unknown>> {
  const { code, output } = await kubectl('kustomize', join(DEPLOY, 'kustomize/overlays', overlay));
  expect(code, output).toBe(0);
  return objectsOf(output);
}

async function charted(
  namespace: string,
  values: Readonly<Record<string, unknown>> = {},
): Promise<Map<string, unknown>> {
  const file = await fileOf('values.json', JSON.stringify(values));
  const chart = join(DEPLOY, 'helm/source-integrity');
  const args = ['template', 'any', chart, '--namespace', namespace, '--values', file];
  const { code, output } = await ran(stack.tools.helm, args, { HOME: stack.folder });
  expect(code, output).toBe(0);
  return objectsOf(output);
}

/** `data` of each policy in the documentation, a whole ConfigMap or entries of one, and where it is. */
async function documentedPolicies(): Promise<[place: string, data: unknown][]> {
  const pages = (await readdir(DOCS, { recursive: true })).filter((name) => name.endsWith('.md'));
  const policies: [string, unknown][] = [];
  for (const page of pages) {
    const text = await readFile(join(DOCS, page), 'utf8');
    for (const [index, [, yaml = '']] of [...text.matchAll(/^```yaml\n(.*?)^```/gms)].entries()) {
      for (const document of parseAllDocuments(yaml)) {
        const object: unknown = document.toJS();
        const data = textAt(object, 'metadata', 'name') === 'argocd-source-integrity-cm' ? at(object, 'data') : object;
        const keys = isObject(data) ? Object.keys(data) : [];
        if (keys.some((key) => /^(?:project\..+|all-projects)$/.test(key)))
          policies.push([`${page}, ${index + 1}`, data]);
      }
    }
  }
  return policies;
}

describe('15. the ways to install', () => {
  test('print the same: Kustomize, the command, Helm', async () => {
    const warn = objectsOf(await printed('--print'));
    expect(await kustomized('warn')).toEqual(warn);
    expect(await charted('argocd')).toEqual(warn);

    const enforce = objectsOf(await printed('--print', '--enforce'));
    expect(await kustomized('enforce')).toEqual(enforce);
    expect(await charted('argocd', { enforcement: 'enforce' })).toEqual(enforce);
    expect(enforce).not.toEqual(warn);

    const namespaced = objectsOf(await printed('--print', '--application-namespaces', 'team-a,team-b'));
    expect(await kustomized('namespaced')).toEqual(namespaced);
    expect(await charted('argocd', { applicationNamespaces: ['team-a', 'argocd', 'team-b'] })).toEqual(namespaced);

    const addresses = ['10.0.0.1/32', 'fd00::/64'];
    const closed = objectsOf(await printed('--print', '--api-server-addresses', addresses.join()));
    expect(await charted('argocd', { network: { apiServer: addresses } })).toEqual(closed);
    expect(closed).not.toEqual(warn);

    const verifiedPull = objectsOf(await printed('--print', '--verified-pull'));
    expect(await charted('argocd', { verifiedPull: { enabled: true } })).toEqual(verifiedPull);
    expect(verifiedPull.size).toBe(warn.size + 2);

    const answers = ['--enforce', '--namespace', 'ci-cd', '--image', 'registry.example.com/si:1', '--without-policy'];
    const more = ['--exclude-application', 'ci-cd/si', '--trust-root-writers', 'alice', 'group:platform'];
    expect(
      await charted('ci-cd', {
        enforcement: 'enforce',
        image: 'registry.example.com/si:1',
        policy: { create: false },
        excludeApplication: { namespace: 'ci-cd', name: 'si' },
        trustRoots: { users: ['alice'], groups: ['system:masters', 'platform'] },
      }),
    ).toEqual(objectsOf(await printed('--print', ...answers, ...more)));
  });

  test('of Helm refuses a value that is misspelt or of another kind', async () => {
    for (const set of [
      'enforcment=enforce',
      'enforcement=on',
      'excludeApplication.name=si',
      'network.apiServer={10.0.0.1}',
      "trustRoots.users={x' || '}",
    ]) {
      const args = ['template', 'any', join(DEPLOY, 'helm/source-integrity'), '--set', set];
      const { code, output } = await ran(stack.tools.helm, args, { HOME: stack.folder });
      expect([set, code]).toEqual([set, 1]);
      expect(output).toContain('values');
    }
  });

  test('are taken by the API server, each overlay and component', async () => {
    for (const overlay of ['warn', 'enforce', 'namespaced']) {
      const folder = join(DEPLOY, 'kustomize/overlays', overlay);
      const { code, output } = await kubectl(
        'apply',
        '--server-side',
        '--force-conflicts',
        '--dry-run=server',
        '-k',
        folder,
      );
      expect([overlay, code], output).toEqual([overlay, 0]);
    }
  });

  test('fit together: components over an overlay, and over Argo CD itself', async () => {
    const folder = join(stack.folder, 'components');
    await cp(join(DEPLOY, 'kustomize'), folder, { recursive: true });
    const build = async (
      name: string,
      resource: string,
      components: readonly string[],
    ): Promise<Map<string, unknown>> => {
      const own = join(folder, 'overlays', name);
      await mkdir(own, { recursive: true });
      await copyFile(await argocdManifests(), join(own, 'argocd.yaml'));
      const named = components.map((component) => `../../components/${component}`);
      await writeFile(join(own, 'kustomization.yaml'), JSON.stringify({ resources: [resource], components: named }));
      const { code, output } = await kubectl('kustomize', own);
      expect(code, output).toBe(0);
      return objectsOf(output);
    };
    const components = ['cert-manager', 'exclude-application', 'api-server-addresses'];
    const ours = await build('ours', '../enforce', components);
    expect(
      at(ours.get('ValidatingWebhookConfiguration /source-integrity-argocd'), 'webhooks', 0, 'matchConditions', 1),
    ).toEqual({
      name: 'not-our-own-installation',
      expression: "!(object.metadata.namespace == 'argocd' && object.metadata.?name.orValue('') == 'source-integrity')",
    });
    const closed = objectsOf(await printed('--print', '--api-server-addresses', '192.0.2.0/28'));
    const network = 'NetworkPolicy argocd/source-integrity-server';
    expect(ours.get(network)).toEqual(closed.get(network));
    // cert-manager may write its own Secret, and the policy as little as anybody else.
    const variables = listAt(
      ours.get('ValidatingAdmissionPolicy /source-integrity-argocd-trust-roots'),
      'spec',
      'variables',
    );
    const naming = variables.filter((variable) => textAt(variable, 'expression').includes('cert-manager'));
    expect(naming).toEqual([expect.objectContaining({ name: 'ownCertificate' })]);
    expect(textAt(naming[0], 'expression')).toContain("request.resource.resource == 'secrets' &&");
    expect(at(ours.get('Role argocd/source-integrity-server'), 'rules')).toEqual(
      expect.not.arrayContaining([expect.objectContaining({ resourceNames: ['source-integrity-certificates'] })]),
    );
    expect([...ours.keys()].filter((key) => /^(?:Secret|ClusterRole)/.test(key))).toEqual([]);
    for (const extension of ['extension-image', 'extension-installer']) {
      const argocd = await build(extension, 'argocd.yaml', ['argocd', extension]);
      expect(at(argocd.get('ConfigMap /argocd-cmd-params-cm'), 'data', 'server.enable.proxy.extension')).toBe('true');
      const server = at(argocd.get('Deployment /argocd-server'), 'spec', 'template', 'spec');
      expect(at(server, 'initContainers', 0, 'name')).toBe('extension-source-integrity');
      expect(at(server, 'containers', 0, 'volumeMounts')).toContainEqual({
        name: 'extensions',
        mountPath: '/tmp/extensions/',
      });
    }
  });

  test('put the guard before the repo-server in the same way: the component, the command', async () => {
    const own = join(stack.folder, 'components', 'overlays', 'verified-pull');
    await cp(join(DEPLOY, 'kustomize'), join(stack.folder, 'components'), { recursive: true });
    await mkdir(own, { recursive: true });
    await copyFile(await argocdManifests(), join(own, 'argocd.yaml'));
    const components = ['../../components/verified-pull'];
    await writeFile(join(own, 'kustomization.yaml'), JSON.stringify({ resources: ['argocd.yaml'], components }));
    const { code, output } = await kubectl('kustomize', own);
    expect(code, output).toBe(0);
    const [, yaml = ''] = /<<'END'\n(.*?)^END$/ms.exec(await printed('--print-verified-pull', 'kubectl')) ?? [];
    const [built, commanded] = [objectsOf(output), objectsOf(yaml)];
    for (const name of ['ClusterRole', 'ClusterRoleBinding'].map((kind) => `${kind} /source-integrity-argocd-guard`)) {
      expect(built.get(name)).toEqual(commanded.get(name));
      expect(built.get(name)).toBeDefined();
    }
    const template = ['spec', 'template', 'spec'] as const;
    const deployment = built.get('Deployment /argocd-repo-server');
    const ours = commanded.get('Deployment argocd/argocd-repo-server');
    for (const part of [
      [...template, 'initContainers'],
      [...template, 'volumes'],
      [...template, 'containers', 0, 'env'],
      [...template, 'containers', 0, 'volumeMounts'],
    ]) {
      expect(at(deployment, ...part)).toEqual(expect.arrayContaining([...listAt(ours, ...part)]));
    }
  });

  test('come with documentation whose policies the API server takes, and lint too', async () => {
    const policies = await documentedPolicies();
    expect(policies.length).toBeGreaterThan(5);
    for (const [place, data] of policies) {
      const metadata = {
        name: 'argocd-source-integrity-cm',
        namespace: 'argocd',
        labels: { 'app.kubernetes.io/part-of': 'argocd' },
      };
      const policy = { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: isObject(data) ? data : null };
      const url = `${path.configMap('argocd-source-integrity-cm')}?dryRun=All&fieldManager=suite&force=true`;
      const applied = await kubernetes.ask('PATCH', url, policy, 'application/apply-patch+yaml');
      expect(applied.status, `${place}: ${textAt(applied.body, 'message')}`).toBeLessThan(300);
      const file = await fileOf('policy.json', JSON.stringify(policy));
      const linted = await ran(process.execPath, [BIN, 'policy', 'lint', file]);
      expect([place, linted.code], linted.output).toEqual([place, 0]);
    }
  });
});
