import { type Application, isRecord, type Operation, type Source, sourcesOf } from './application.ts';

/** What the page's Sync panel sends: upstream's `ApplicationSyncRequest`, in part. */
export interface SyncRequest {
  /** Replaces the target revision of a single source. */
  readonly revision?: string;
  readonly prune: boolean;
  readonly dryRun: boolean;
  readonly strategy?: object;
  readonly syncOptions: readonly string[];
}

export function parseSyncRequest(body: unknown): SyncRequest {
  const given = isRecord(body) ? body : {};
  const options = isRecord(given['syncOptions']) ? given['syncOptions']['items'] : [];
  return {
    prune: given['prune'] === true,
    dryRun: given['dryRun'] === true,
    syncOptions: Array.isArray(options) ? options.map(String) : [],
    ...(typeof given['revision'] === 'string' && given['revision'] !== '' ? { revision: given['revision'] } : {}),
    ...(isRecord(given['strategy']) ? { strategy: given['strategy'] } : {}),
  };
}

/** Answers the concrete revision of a source; throws with Argo CD's words where there is none. */
export type ResolveRevision = (source: Source, targetRevision: string) => Promise<string>;

/**
 * The operation that a sync through argocd-server's API writes: one source travels as `source` and `revision`, several
 * as `sources` and `revisions`, all revisions resolved (upstream: server/application/application.go, Sync).
 */
export async function syncOperation(
  application: Application,
  request: SyncRequest,
  resolve: ResolveRevision,
): Promise<Operation> {
  const sources = sourcesOf(application);
  const several = application.spec.sources !== undefined && application.spec.sources.length > 0;
  const revisions: string[] = [];
  for (const source of sources) {
    const override = several ? undefined : request.revision;
    revisions.push(await resolve(source, override ?? source.targetRevision ?? ''));
  }
  const [source] = sources;
  const [revision] = revisions;
  return {
    initiatedBy: { username: 'admin' },
    retry: {},
    sync: {
      ...(several || source === undefined || revision === undefined ? { sources, revisions } : { revision, source }),
      ...(request.prune ? { prune: true } : {}),
      ...(request.dryRun ? { dryRun: true } : {}),
      ...(request.strategy === undefined ? {} : { syncStrategy: request.strategy }),
      ...(request.syncOptions.length === 0 ? {} : { syncOptions: request.syncOptions }),
    },
  };
}
