import { type Application, type Condition, type Deployment, sourcesOf, type Status } from './application.ts';
import { comparedTo } from './cluster-folder.ts';
import type { ResolveRevision } from './operation.ts';

/** The status before anything was ever compared or synced. */
function statusOf(application: Application): Status {
  return (
    application.status ?? {
      sync: { status: 'OutOfSync', comparedTo: comparedTo(application) },
      health: { status: 'Missing' },
    }
  );
}

/** What a refresh leaves: the target's revision, and whether that is what was deployed. */
export async function compared(application: Application, resolve: ResolveRevision): Promise<Application> {
  const status = statusOf(application);
  const reconciledAt = new Date().toISOString();
  try {
    const revisions: string[] = [];
    for (const source of sourcesOf(application)) revisions.push(await resolve(source, source.targetRevision ?? ''));
    const deployed = status.history?.at(-1);
    const synced = JSON.stringify(deployed?.revisions ?? [deployed?.revision]) === JSON.stringify(revisions);
    const { conditions: _, ...rest } = status;
    return {
      ...application,
      status: {
        ...rest,
        reconciledAt,
        sync: {
          status: synced ? 'Synced' : 'OutOfSync',
          comparedTo: comparedTo(application),
          ...revisionsAsStored(application, revisions),
        },
      },
    };
  } catch (error) {
    const condition: Condition = {
      type: 'ComparisonError',
      message: `Failed to load target state: ${error instanceof Error ? error.message : String(error)}`,
      lastTransitionTime: reconciledAt,
    };
    return {
      ...application,
      status: {
        ...status,
        reconciledAt,
        conditions: [condition],
        sync: { status: 'Unknown', comparedTo: comparedTo(application) },
      },
    };
  }
}

/** The controller takes a fresh operation up with a copy of it. */
export function started(application: Application): Application {
  const { operation } = application;
  if (operation === undefined) return application;
  return {
    ...application,
    status: {
      ...statusOf(application),
      operationState: {
        operation,
        phase: 'Running',
        message: 'waiting for completion of hooks',
        startedAt: new Date().toISOString(),
      },
    },
  };
}

/** The end of a running operation: what it deployed becomes the last entry of the history. */
export function finished(application: Application): Application {
  const { operation: _, ...rest } = application;
  const status = statusOf(application);
  const running = status.operationState;
  if (running === undefined) return rest;
  const finishedAt = new Date().toISOString();
  const { sync } = running.operation;
  const terminated = running.phase === 'Terminating';
  const operationState = {
    ...running,
    phase: terminated ? ('Failed' as const) : ('Succeeded' as const),
    message: terminated
      ? 'Operation terminated'
      : sync.dryRun === true
        ? 'successfully synced (dry run)'
        : 'successfully synced (all tasks run)',
    finishedAt,
  };
  if (terminated || sync.dryRun === true) return { ...rest, status: { ...status, operationState } };
  const deployment: Deployment = {
    id: (status.history?.at(-1)?.id ?? -1) + 1,
    deployStartedAt: running.startedAt,
    deployedAt: finishedAt,
    initiatedBy: running.operation.initiatedBy,
    ...(sync.revision === undefined ? {} : { revision: sync.revision }),
    ...(sync.source === undefined ? {} : { source: sync.source }),
    ...(sync.revisions === undefined ? {} : { revisions: sync.revisions }),
    ...(sync.sources === undefined ? {} : { sources: sync.sources }),
  };
  const { conditions: __, ...kept } = status;
  return {
    ...rest,
    status: {
      ...kept,
      operationState: { ...operationState, syncResult: sync },
      // Argo CD keeps ten: `spec.revisionHistoryLimit`.
      history: [...(status.history ?? []), deployment].slice(-10),
      health: { status: 'Healthy' },
      sync: {
        status: 'Synced',
        comparedTo: comparedTo(application),
        ...revisionsAsStored(application, sync.revisions ?? (sync.revision === undefined ? [] : [sync.revision])),
      },
    },
  };
}

function revisionsAsStored(
  { spec }: Application,
  revisions: readonly string[],
): { revisions: readonly string[] } | { revision: string } | object {
  const [revision] = revisions;
  return spec.sources !== undefined && spec.sources.length > 0
    ? { revisions }
    : revision === undefined
      ? {}
      : { revision };
}
