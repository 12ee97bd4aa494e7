import * as z from 'zod';
import { problem } from '../verdict/catalogue.ts';
import type { Problem } from '../verdict/problem.ts';
import { quotable } from '../verdict/quotable.ts';

/** The three ways to say what an Application's sources are. Only one of them should be used. */
export interface DeclaredSources {
  readonly source: SourceFields | null;
  readonly sources: readonly SourceFields[];
  readonly sourceHydrator: HydratorFields | null;
}

/** A sync that somebody asked for (`Application.operation`, `status.operationState.operation`). */
export interface Operation {
  readonly sync: DeclaredSources & {
    readonly revision: string;
    readonly revisions: readonly string[];
    /** How many manifests it brings along instead of its sources (`argocd app sync --local`). */
    readonly manifests: number;
    readonly dryRun: boolean;
  };
  readonly automated: boolean;
  /** A retry takes whatever the target revision has become by then. */
  readonly refresh: boolean;
}

/** `status.operationState`: what Argo CD executes, or has executed. */
export interface OperationState {
  /** Anything but Succeeded, Failed and Error is still running for Argo CD (`OperationPhase.Completed`). */
  readonly running: boolean;
  readonly terminating: boolean;
  readonly operation: Operation | null;
  /** What a running operation executes, whatever its operation says (`controller/sync.go`, `SyncAppState`). */
  readonly syncResult: (DeclaredSources & { readonly revision: string; readonly revisions: readonly string[] }) | null;
}

/** Characters of one field; Kubernetes has no limit of its own below the size of the object. */
const MAX_TEXT = 4096;
/** Sources of one Application. */
const MAX_SOURCES = 256;

/** Text of Argo CD's types: absent and null are the empty string, as Go decodes them. */
const Text = z
  .string()
  .max(MAX_TEXT)
  .nullish()
  .transform((text) => text ?? '');
const Flag = z
  .boolean()
  .nullish()
  .transform((flag) => flag ?? false);

/** `ApplicationSource` (`pkg/apis/application/v1alpha1/types.go`), as far as it decides what is deployed. */
const SourceFields = z.object({
  repoURL: Text,
  path: Text,
  targetRevision: Text,
  chart: Text,
  ref: Text,
  name: Text,
  helm: z.object({ passCredentials: Flag }).nullish(),
});
export type SourceFields = z.infer<typeof SourceFields>;

const SourceList = z.array(SourceFields).max(MAX_SOURCES).nullish();

/** `SourceHydrator`: what is deployed is the sync source; its repository is the dry one's unless it names its own. */
const HydratorFields = z.object({
  drySource: z.object({ repoURL: Text }).nullish(),
  syncSource: z.object({ repoURL: Text, path: Text, targetBranch: Text }).nullish(),
});
export type HydratorFields = z.infer<typeof HydratorFields>;

const MAX_LIST = 256;
/** `status.history` is cut to `spec.revisionHistoryLimit`, 10 by default. */
const MAX_HISTORY = 10_000;

const TextList = z
  .array(Text)
  .max(MAX_LIST)
  .nullish()
  .transform((list) => list ?? []);

const declared = {
  source: SourceFields.nullish().transform((source) => source ?? null),
  sources: SourceList.transform((sources) => sources ?? []),
};
const Hydrator = HydratorFields.nullish().transform((hydrator) => hydrator ?? null);
const revisions = { revision: Text, revisions: TextList };

/** `ApplicationSpec`'s project and sources. */
export const Spec = z
  .object({ ...declared, project: Text, sourceHydrator: Hydrator })
  .transform(({ project, ...sources }) => ({ project: project === '' ? 'default' : project, sources }));

const SyncFields = z
  .object({ ...declared, ...revisions, manifests: z.array(z.unknown()).nullish(), dryRun: Flag })
  .transform(({ manifests, ...sync }) => ({ ...sync, sourceHydrator: null, manifests: manifests?.length ?? 0 }));

/** `Operation`; one without `sync` does nothing (`SyncAppState`: "no operation specified") and is null here. */
export const OperationFields = z
  .object({
    sync: SyncFields.nullish(),
    initiatedBy: z.object({ automated: Flag }).nullish(),
    retry: z.object({ refresh: Flag }).nullish(),
  })
  .nullish()
  .transform((operation): Operation | null =>
    operation?.sync
      ? {
          sync: operation.sync,
          automated: operation.initiatedBy?.automated ?? false,
          refresh: operation.retry?.refresh ?? false,
        }
      : null,
  );

const Result = z
  .object({ ...declared, ...revisions })
  // Argo CD writes the source beside the list, as an empty object: only the list is executed then.
  .transform((result) => ({
    ...result,
    source: result.sources.length > 0 ? null : result.source,
    sourceHydrator: null,
  }))
  .nullish()
  .transform((result) => result ?? null);

/** `OperationState`. */
export const OperationStateFields = z
  .object({ phase: Text, operation: OperationFields, syncResult: Result })
  .nullish()
  .transform((state): OperationState | null =>
    state
      ? {
          running: !['Succeeded', 'Failed', 'Error'].includes(state.phase),
          terminating: state.phase === 'Terminating',
          operation: state.operation,
          syncResult: state.syncResult,
        }
      : null,
  );

const StatusFields = z
  .object({
    operationState: OperationStateFields,
    sync: z.object({ status: Text, ...revisions }).nullish(),
    history: z
      .array(z.object({ id: z.number().nullish(), ...revisions }))
      .max(MAX_HISTORY)
      .nullish(),
  })
  .nullish();

export type StatusFields = NonNullable<z.infer<typeof StatusFields>>;

export const ApplicationFields = z.object({
  metadata: z.object({ namespace: Text, name: Text, uid: Text }),
  spec: Spec,
  operation: OperationFields,
  status: StatusFields,
});

/** Reads one part of an Application; `at` is where it stands in the object. */
export function read<T>(
  schema: z.ZodType<T>,
  value: unknown,
  at: readonly PropertyKey[],
): { readonly value: T } | { readonly problem: Problem } {
  const parsed = schema.safeParse(value);
  if (parsed.success) return { value: parsed.data };
  const [issue] = parsed.error.issues;
  return { problem: malformed([...at, ...(issue?.path ?? [])], reason(issue)) };
}

export function malformed(path: readonly PropertyKey[], reason: string): Problem {
  return problem('application-malformed', { path: quotable(path.map(String).join('.')), reason });
}

/** Completes "spec.source.targetRevision …". */
function reason(issue: z.core.$ZodIssue | undefined): string {
  if (issue?.code === 'invalid_type') return `is not ${names[issue.expected] ?? issue.expected}`;
  return issue?.code === 'too_big' ? `is longer than ${issue.maximum}` : 'is not what Argo CD writes there';
}

const names: Readonly<Partial<Record<string, string>>> = {
  string: 'a text (a number has to be put in quotes)',
  boolean: 'true or false',
  object: 'an object',
  array: 'a list',
  number: 'a number',
};
