import { describe, expect, it } from 'vitest';
import { named } from '../cluster/kubernetes/world.ts';
import { HEADERS, ask, report, requiring } from './fixture.ts';
import { startWatchingWorld, type WatchingWorld } from './kubernetes-world.ts';
import { configMap, project } from './manifests.ts';
import { gate, reviewOf, syncOf } from './review.ts';
import { eventually } from '../eventually.ts';

const POLICY = 'argocd-source-integrity-cm';

async function start(): Promise<WatchingWorld & { readonly sync: () => ReturnType<typeof gate> }> {
  const watching = await startWatchingWorld();
  const { world, payments } = watching;
  await eventually(async () => {
    expect((await fetch(`${world.server.addresses.operations}/readyz`)).status).toBe(200);
  });
  return { ...watching, sync: () => gate(world, reviewOf(syncOf(payments))) };
}

describe('a server in Kubernetes', () => {
  it('honours a changed policy, key and project without a restart', async () => {
    const { world, api, sync } = await start();
    const { repository, release, stranger } = world;
    expect((await sync()).allowed).toBe(true);

    const entry = requiring(repository.url, stranger);
    api.put('configmaps', named(configMap(POLICY, { 'project.shop': entry })));
    await eventually(async () => {
      expect((await sync()).allowed).toBe(false);
    });
    api.put('configmaps', named(configMap(POLICY, { 'project.shop': entry, enforcement: 'warn' })));
    await eventually(async () => {
      expect(await sync()).toMatchObject({ allowed: true, warnings: [expect.any(String) as unknown] });
    });

    api.put('configmaps', named(configMap(POLICY, { 'project.shop': requiring(repository.url, release) })));
    await eventually(async () => {
      expect(await sync()).not.toHaveProperty('warnings');
    });
    api.put('configmaps', named(configMap('argocd-gpg-keys-cm', {})));
    await eventually(async () => {
      expect((await sync()).allowed).toBe(false);
    });

    api.put('configmaps', named(configMap('argocd-gpg-keys-cm', { [release.keyId]: release.armored })));
    await eventually(async () => {
      expect((await sync()).allowed).toBe(true);
    });
    api.put('appprojects', named(project('shop', { sourceRepos: ['https://elsewhere.example.com'] })));
    await eventually(async () => {
      expect((await sync()).status?.message).toContain('does not permit');
    });
  });

  it('refuses where there is no policy any more', async () => {
    const { api, sync } = await start();
    api.remove('configmaps', 'argocd', POLICY);
    await eventually(async () => {
      expect((await sync()).status?.message).toContain(POLICY);
    });
  });

  it('shows an Application that it watches, and says of what it may not watch why', async () => {
    const { world, api, payments } = await start();
    expect((await ask(world, '/report')).status).toBe(404);
    api.put('applications', named(payments));
    await eventually(async () => {
      expect((await report(world)).status).toBe('verified');
    });
    api.forbidden.add('applications');
    api.put('configmaps', named(configMap('argocd-cmd-params-cm', { 'application.namespaces': 'team-a' })));
    const headers = { ...HEADERS, 'argocd-application-name': 'team-a:payments' };
    await eventually(async () => {
      const answer = await ask(world, '/report', { headers });
      expect([answer.status, await answer.text()]).toEqual([
        503,
        expect.stringContaining('may not list applications in namespace team-a'),
      ]);
    });
    expect((await fetch(`${world.server.addresses.operations}/readyz`)).status).toBe(200);
  });

  it('says which projects may replace what enforces, through Argo CD, until they no longer may', async () => {
    const { world, api } = await start();
    const notes = async (): Promise<string> => (await fetch(`${world.server.addresses.operations}/readyz`)).text();
    const note = 'Applications of project shop may deploy into Argo CD';
    expect(await notes()).not.toContain(note);
    const anywhere = { sourceRepos: ['*'], destinations: [{ server: '*', namespace: '*' }] };
    api.put('appprojects', named(project('shop', anywhere)));
    await eventually(async () => {
      expect(await notes()).toContain(note);
    });
    api.put('appprojects', named(project('shop', { ...anywhere, namespaceResourceWhitelist: [] })));
    await eventually(async () => {
      expect(await notes()).not.toContain(note);
    });
  });

  it('is not ready, and refuses with the reason, while it may not list something that counts', async () => {
    const { world, api, payments } = await startWatchingWorld({ prepare: ({ forbidden }) => forbidden.add('secrets') });
    const readyz = async () => {
      const answer = await fetch(`${world.server.addresses.operations}/readyz`);
      return [answer.status, await answer.text()];
    };
    const reason = 'this server may not list secrets in namespace argocd';
    await eventually(async () => {
      expect(await readyz()).toEqual([503, expect.stringContaining(`"cluster":"cannot be read"`)]);
      expect(await readyz()).toEqual([503, expect.stringContaining(reason)]);
      expect((await gate(world, reviewOf(syncOf(payments)))).status?.message).toContain(reason);
    });
    api.forbidden.clear();
    await eventually(async () => {
      expect(await readyz()).toEqual([
        200,
        expect.stringMatching(/^\{"status":"ready","cluster":"ready","store":"ready",.*"notes":\[\]\}$/),
      ]);
      expect((await gate(world, reviewOf(syncOf(payments)))).allowed).toBe(true);
    });
  });
});
