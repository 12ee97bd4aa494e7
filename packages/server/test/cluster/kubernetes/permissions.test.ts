import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import * as z from 'zod';
import { startWatchingWorld } from '../../server/kubernetes-world.ts';
import { gate, reviewOf, syncOf } from '../../server/review.ts';
import { named } from './world.ts';
import { eventually } from '../../eventually.ts';

const Role = z.object({
  kind: z.literal('Role'),
  rules: z.array(
    z.object({
      apiGroups: z.array(z.string()),
      resources: z.array(z.string()),
      resourceNames: z.array(z.string()).optional(),
      verbs: z.array(z.string()),
    }),
  ),
});
type Rule = z.infer<typeof Role>['rules'][number];

const manifest = new URL('../../../../../deploy/kustomize/base/permissions.yaml', import.meta.url);
const rules: readonly Rule[] = parseAllDocuments(readFileSync(manifest, 'utf8')).flatMap((document) => {
  const role = Role.safeParse(document.toJS());
  return role.success ? role.data.rules : [];
});

interface Asked {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  /** Of the one object that is asked for; null: of all. */
  readonly name: string | null;
}

/** What RBAC makes of a request in Argo CD's namespace; null for one elsewhere. */
function read(request: string): Asked | null {
  const [method = '', path = ''] = request.split(' ');
  const url = new URL(path, 'http://localhost');
  const parts = /^\/(?:api|apis\/([^/]+))\/v[^/]+\/namespaces\/argocd\/([^/]+)(?:\/([^/]+))?$/.exec(url.pathname);
  if (parts === null) return null;
  const [, group = '', resource = '', object] = parts;
  const selected = /^metadata\.name=(.+)$/.exec(url.searchParams.get('fieldSelector') ?? '')?.[1];
  const reading = url.searchParams.get('watch') === 'true' ? 'watch' : object === undefined ? 'list' : 'get';
  const verb = method === 'GET' ? reading : { POST: 'create', PUT: 'update', PATCH: 'patch' }[method];
  return { verb: verb ?? method, group, resource, name: object ?? selected ?? null };
}

function permits(
  { apiGroups, resources, resourceNames, verbs }: Rule,
  { verb, group, resource, name }: Asked,
): boolean {
  const isNamed = resourceNames === undefined || (name !== null && resourceNames.includes(name));
  return apiGroups.includes(group) && resources.includes(resource) && verbs.includes(verb) && isNamed;
}

async function asked(): Promise<readonly Asked[]> {
  const { world, api, payments } = await startWatchingWorld();
  api.put('applications', named(payments));
  await world.repository.publish({ name: 'payments', version: '1.4.2', signer: null });
  await eventually(async () => {
    expect((await fetch(`${world.server.addresses.operations}/readyz`)).status).toBe(200);
    expect(api.watches('applications')).toBe(1);
  });
  await gate(world, reviewOf(syncOf(payments)));
  await eventually(() => {
    expect(api.objects('events')).toHaveLength(1);
  });
  const requests = api.requests.map(read);
  expect(requests).not.toContain(null);
  return requests.filter((request) => request !== null);
}

describe('the Role that is shipped', () => {
  it('permits everything that the server asks for, and what it asks for uses every rule but those of certificates', async () => {
    const requests = await asked();
    expect(requests.filter((request) => !rules.some((rule) => permits(rule, request)))).toEqual([]);
    const unused = rules.filter((rule) => !requests.some((request) => permits(rule, request)));
    expect(unused.flatMap(({ resourceNames }) => resourceNames ?? ['any'])).toEqual(['source-integrity-certificates']);
  });

  it('does not permit what the server has no business with', () => {
    const core = { group: '', name: null };
    for (const request of [
      { ...core, verb: 'list', resource: 'configmaps' },
      { ...core, verb: 'get', resource: 'secrets', name: 'argocd-secret' },
      { ...core, verb: 'create', resource: 'secrets' },
      { ...core, verb: 'update', resource: 'configmaps', name: 'argocd-source-integrity-cm' },
      { verb: 'patch', group: 'argoproj.io', resource: 'applications', name: 'payments' },
    ]) {
      expect(rules.some((rule) => permits(rule, request))).toBe(false);
    }
  });
});
