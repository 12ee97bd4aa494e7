import { type FakeApiServer, startApiServer } from '../cluster/kubernetes/fake-api-server.ts';
import { named } from '../cluster/kubernetes/world.ts';
import { chartSource, requiring, startWorld, type World, type WorldOptions } from './fixture.ts';
import { application, configMap, type Manifest, project } from './manifests.ts';

export interface WatchingWorld {
  readonly world: World;
  readonly api: FakeApiServer;
  /** As its owner would apply it; not there yet. */
  readonly payments: Manifest;
}

interface WatchingWorldOptions extends Omit<WorldOptions, 'config'> {
  /** Called before the server starts. */
  readonly prepare?: (api: FakeApiServer) => void;
}

/** The real server with its objects in a fake API server: project `shop` requires the signature of `release`. */
export async function startWatchingWorld({
  prepare = () => undefined,
  ...options
}: WatchingWorldOptions = {}): Promise<WatchingWorld> {
  const api = await startApiServer();
  prepare(api);
  const cluster = { kind: 'kubernetes', server: api.url, tokenFile: api.tokenFile, caFile: null } as const;
  const world = await startWorld({ ...options, config: (config) => ({ ...config, cluster }) });
  const { repository, release } = world;
  api.put('appprojects', named(project('shop', { sourceRepos: ['*'] })));
  api.put('configmaps', named(configMap('argocd-gpg-keys-cm', { [release.keyId]: release.armored })));
  const policy = { 'project.shop': requiring(repository.url, release) };
  api.put('configmaps', named(configMap('argocd-source-integrity-cm', policy)));
  return { world, api, payments: application({ name: 'payments', spec: { source: chartSource(repository.url) } }) };
}
