import { problem } from '../verdict/catalogue.ts';
import type { Problem } from '../verdict/problem.ts';
import { isNonEmpty, type NonEmpty } from '../verdict/verdict.ts';
import type { Application } from './application.ts';
import {
  type DeclaredSources,
  type Operation,
  OperationFields,
  type OperationState,
  OperationStateFields,
  read,
  Spec,
} from './form.ts';
import { type Deployment, planOperation, planSources, covers } from './plan.ts';
import { member, sameJSON } from './json.ts';
import type { EnablesOCI } from './source.ts';

/** A write of an Application, as an AdmissionReview carries it: parsed JSON, otherwise unchecked. */
export interface ApplicationReview {
  readonly operation: 'CREATE' | 'UPDATE';
  readonly object: unknown;
  readonly oldObject: unknown;
}

export type WouldDeploy =
  /** Nothing that was not allowed before would be deployed by this write: it must be let through. */
  | { readonly kind: 'nothing' }
  /** Every deployment has to be allowed. */
  | { readonly kind: 'deploys'; readonly project: string; readonly deployments: NonEmpty<Deployment> }
  /** What would be deployed cannot be told. */
  | { readonly kind: 'unreadable'; readonly problem: Problem };

/**
 * What a write of an Application would let Argo CD deploy that it would not have deployed before.
 *
 * Argo CD executes `.operation`, but only takes it up while no operation state is running; a running
 * `status.operationState` is executed in its stead, and the `syncResult` in that before its operation
 * (`controller/appcontroller.go`, `processRequestedAppOperation`; `controller/sync.go`, `SyncAppState`).
 * The Application's owner may be able to write all three. Argo CD's own writes to the status repeat what
 * `.operation` says, so they come to nothing here.
 */
export function whatWouldDeploy(review: ApplicationReview, enablesOCI: EnablesOCI): WouldDeploy {
  const created = review.operation === 'CREATE';
  const raw = parts(review.object);
  const before = created ? null : parts(review.oldObject);
  // Nothing is executed while there is no operation; a state that waits for one is judged when it appears.
  if (!isPresent(raw.operation) && !(created && isPresent(raw.operationState))) return { kind: 'nothing' };

  const now = readParts(raw);
  if ('problem' in now) return { kind: 'unreadable', problem: now.problem };
  // An old object that cannot be read allowed nothing.
  const then = before === null || !isPresent(before.operation) ? null : readParts(before);
  const old = then === null || 'problem' in then ? null : then;

  const deployments: Deployment[] = [];
  if (now.operation !== null) {
    const plan = planOperation('operation', now.operation, now.sources, enablesOCI);
    const same =
      old !== null &&
      old.operation !== null &&
      old.project === now.project &&
      sameJSON(before?.operation, raw.operation) &&
      covers(planOperation('operation', old.operation, old.sources, enablesOCI), plan);
    if (!same) deployments.push(plan);
  }
  const appears = created || !isPresent(before?.operation);
  deployments.push(...runningDeployments(now, old, appears, enablesOCI));
  return isNonEmpty(deployments) ? { kind: 'deploys', project: now.project, deployments } : { kind: 'nothing' };
}

/** What the spec's target would deploy if somebody synced it now. */
export function specDeployment(application: Application, enablesOCI: EnablesOCI): Deployment {
  return planSources('spec', application.spec, { revision: '', revisions: [] }, enablesOCI);
}

/**
 * What a sync of the Application would deploy as far as that is known before it: a target that can mean one thing
 * only, else what the last comparison made of it.
 */
export function nextDeployment(application: Application, enablesOCI: EnablesOCI): Deployment {
  const { spec, comparedRevisions } = application;
  const target = specDeployment(application, enablesOCI);
  const [revision = ''] = comparedRevisions;
  const compared = planSources('spec', spec, { revision, revisions: comparedRevisions }, enablesOCI);
  const sources = target.sources.map((planned, at) => (planned.pinned ? planned : (compared.sources[at] ?? planned)));
  return { ...target, sources };
}

interface Parts {
  readonly project: string;
  readonly sources: DeclaredSources;
  readonly operation: Operation | null;
  readonly operationState: OperationState | null;
}

/** What a running operation state would deploy beyond `.operation` and beyond what it already did before. */
function runningDeployments(now: Parts, old: Parts | null, appears: boolean, enablesOCI: EnablesOCI): Deployment[] {
  const state = now.operationState;
  if (state === null || !state.running) return [];
  const executed = executedBy(state, now.sources, enablesOCI);
  if (appears) {
    // Argo CD starts an operation with an empty state: this one was brought along.
    const smuggled = problem('operation-state-smuggled', {});
    return [brought(executed[0] ?? nothing, smuggled), ...executed.slice(1)];
  }
  if (state.terminating) return [];
  const known = old === null || old.project !== now.project ? [] : knownDeployments(old, enablesOCI);
  if (now.operation !== null) known.push(planOperation('operation', now.operation, now.sources, enablesOCI));
  return executed.filter((deployment) => !known.some((judged) => covers(judged, deployment)));
}

const nothing: Deployment = { via: 'operationState', automated: false, sources: [], concerns: [], ambiguity: null };

function brought(deployment: Deployment, concern: Problem): Deployment {
  return { ...deployment, concerns: [concern, ...deployment.concerns] };
}

/** What was running before the write, and so was judged when it was written. */
function knownDeployments(old: Parts, enablesOCI: EnablesOCI): Deployment[] {
  const state = old.operationState;
  return state !== null && state.running && !state.terminating ? executedBy(state, old.sources, enablesOCI) : [];
}

/** A running state executes its result, and on a retry its operation anew. */
function executedBy(state: OperationState, spec: DeclaredSources, enablesOCI: EnablesOCI): Deployment[] {
  const { operation, syncResult } = state;
  const executed: Deployment[] = [];
  if (operation !== null) executed.push(planOperation('operationState', operation, spec, enablesOCI));
  if (syncResult !== null) executed.push(planSources('operationState', syncResult, syncResult, enablesOCI));
  return executed;
}

function parts(object: unknown): { spec: unknown; operation: unknown; operationState: unknown } {
  return {
    spec: member(object, 'spec'),
    operation: member(object, 'operation'),
    operationState: member(member(object, 'status'), 'operationState'),
  };
}

function readParts(raw: ReturnType<typeof parts>): Parts | { readonly problem: Problem } {
  const spec = read(Spec, raw.spec ?? {}, ['spec']);
  if ('problem' in spec) return spec;
  const operation = read(OperationFields, raw.operation, ['operation']);
  if ('problem' in operation) return operation;
  const state = read(OperationStateFields, raw.operationState, ['status', 'operationState']);
  if ('problem' in state) return state;
  return { ...spec.value, operation: operation.value, operationState: state.value };
}

function isPresent(value: unknown): boolean {
  return value !== undefined && value !== null;
}
