import { setTimeout as sleep } from 'node:timers/promises';
import type { Admit } from './admission.ts';
import type { Application } from './application.ts';
import type { Cluster } from './cluster-folder.ts';
import { compared, finished, started } from './controller.ts';
import { type ResolveRevision, type SyncRequest, syncOperation } from './operation.ts';

/** How long a sync takes here: nothing is deployed, but people see that it runs. */
const SYNC_TAKES_MS = 800;

/** An answer of argocd-server's API that is not the Application. */
export class ApiError extends Error {
  readonly status: number;
  /** gRPC status code, as the gateway passes it on. */
  readonly code: number;

  constructor(status: number, code: number, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

export interface Syncs {
  sync(application: Application, request: SyncRequest): Promise<Application>;
  terminate(application: Application): Promise<void>;
  refresh(application: Application): Promise<Application>;
  /** What kube-apiserver warned of at the last sync of this Application; kubectl would print it. */
  warnings(application: Application): readonly string[];
  stop(): void;
}

/** How long an operation runs; settles early, in whatever way, where the signal says so. */
export type Running = (signal: AbortSignal) => Promise<unknown>;

const forAWhile: Running = (signal) => sleep(SYNC_TAKES_MS, undefined, { signal });

/** What argocd-server and the application controller do for a sync, with every write decided by admission. */
export function createSyncs(
  cluster: Cluster,
  admit: Admit,
  resolve: ResolveRevision,
  running: Running = forAWhile,
): Syncs {
  const warned = new Map<string, readonly string[]>();
  const stopping = new AbortController();

  async function update(before: Application, after: Application): Promise<Application> {
    const admission = await admit(before, after);
    if (!admission.allowed) throw refusal(before.metadata.name, admission.code, admission.message);
    warned.set(keyOf(after), admission.warnings);
    cluster.keep(after);
    return after;
  }

  async function controllerWrites(
    key: Application,
    change: (now: Application) => Application,
  ): Promise<Application | null> {
    const now = await cluster.get(key.metadata.namespace, key.metadata.name);
    if (now === null || now.operation === undefined) return null;
    const after = change(now);
    if (!(await admit(now, after)).allowed) return null;
    cluster.keep(after);
    return after;
  }

  /** The server reads the folder: what is deployed has to be there. */
  async function publish(application: Application | null): Promise<void> {
    if (application !== null) await cluster.publish(application).catch(() => undefined);
  }

  async function end(application: Application): Promise<void> {
    await running(stopping.signal).catch(() => undefined);
    if (!stopping.signal.aborted) await publish(await controllerWrites(application, finished));
  }

  return {
    async sync(application, request) {
      if (application.operation !== undefined) {
        throw new ApiError(400, 9, 'another operation is already in progress');
      }
      const operation = await syncOperation(application, request, resolve).catch((error: unknown) => {
        throw new ApiError(400, 9, error instanceof Error ? error.message : String(error));
      });
      const after = await update(application, withoutOperationState({ ...application, operation }));
      await controllerWrites(after, started);
      void end(after);
      return after;
    },
    async terminate(application) {
      const { status } = application;
      if (application.operation === undefined || status?.operationState === undefined) {
        throw new ApiError(400, 3, 'Unable to terminate operation. No operation is in progress');
      }
      const operationState = { ...status.operationState, phase: 'Terminating' as const };
      await update(application, { ...application, status: { ...status, operationState } });
    },
    async refresh(application) {
      const after = await compared(application, resolve);
      cluster.keep(after);
      return after;
    },
    warnings: (application) => warned.get(keyOf(application)) ?? [],
    stop() {
      stopping.abort();
    },
  };
}

function keyOf({ metadata }: Application): string {
  return `${metadata.namespace}/${metadata.name}`;
}

/** argocd-server clears the state of the last operation with the update that asks for a new one. */
function withoutOperationState(application: Application): Application {
  if (application.status === undefined) return application;
  const { operationState: _, ...status } = application.status;
  return { ...application, status };
}

/** As argocd-server words it, and as its gateway maps Kubernetes' status codes (upstream: util/grpc/errors.go). */
function refusal(name: string, code: number, message: string): ApiError {
  const [status, grpc] = { 403: [403, 7], 400: [400, 9], 422: [400, 3], 504: [504, 4] }[code] ?? [500, 13];
  return new ApiError(
    status ?? 500,
    grpc ?? 13,
    `error setting app operation: error updating application "${name}": ${message}`,
  );
}
