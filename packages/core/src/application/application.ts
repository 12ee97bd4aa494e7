import type { Problem } from '../verdict/problem.ts';
import {
  ApplicationFields,
  malformed,
  read,
  type DeclaredSources,
  type Operation,
  type OperationState,
  type StatusFields,
} from './form.ts';

/** An Application as far as it decides what is deployed and to whom that belongs. */
export interface Application {
  readonly namespace: string;
  readonly name: string;
  /** Empty before the API server has given it one. */
  readonly uid: string;
  /** An empty `spec.project` means `default`. */
  readonly project: string;
  readonly spec: DeclaredSources;
  readonly operation: Operation | null;
  readonly operationState: OperationState | null;
  /** Revisions that are deployed, in the order of their sources; see {@link deployedRevisions}. */
  readonly deployedRevisions: readonly string[];
  /**
   * What the last comparison resolved the target to, in the order of the sources: what automated sync would deploy.
   * Empty before the first one; of the target as it was then.
   */
  readonly comparedRevisions: readonly string[];
}

/** Reads an Application as the API server gives it. What has not the form of one is named with its path. */
export function parseApplication(
  object: unknown,
): { readonly application: Application } | { readonly problem: Problem } {
  const parsed = read(ApplicationFields, object, []);
  if ('problem' in parsed) return parsed;
  const { metadata, spec, operation, status } = parsed.value;
  if (metadata.name === '') return { problem: malformed(['metadata', 'name'], 'is missing') };
  return {
    application: {
      ...metadata,
      project: spec.project,
      spec: spec.sources,
      operation,
      operationState: status?.operationState ?? null,
      deployedRevisions: deployedRevisions(status ?? {}),
      comparedRevisions: status?.sync ? listed(status.sync) : [],
    },
  };
}

/**
 * What is deployed now: the last entry of the history, which every whole sync leaves; without one, what the live
 * state was found equal to (an Application that adopted its objects). A comparison that is out of sync deploys nothing.
 */
function deployedRevisions({ history, sync }: Pick<StatusFields, 'history' | 'sync'>): readonly string[] {
  const last = history?.at(-1);
  if (last !== undefined) return listed(last);
  return sync?.status === 'Synced' ? listed(sync) : [];
}

/** `ApplicationStatus.GetRevisions`. */
function listed({
  revision,
  revisions,
}: {
  readonly revision: string;
  readonly revisions: readonly string[];
}): readonly string[] {
  if (revisions.length > 0) return revisions;
  return revision === '' ? [] : [revision];
}
