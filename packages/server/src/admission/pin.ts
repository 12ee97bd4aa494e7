import {
  type Deployment,
  enforcementFor,
  isConstraint,
  isUnderPolicy,
  type PolicySet,
  selectRequirements,
  whatWouldDeploy,
} from '@source-integrity/core';
import * as z from 'zod';
import type { ServerContext } from '../context.ts';
import { argocdSettings } from '../verification/argocd-settings.ts';
import type { AdmissionRequest } from './admission-review.ts';
import { type PatchOperation, pinFor, pinningPatch } from './pin-patch.ts';
import { readReviewedApplication } from './reviewed-application.ts';

/**
 * What has to be written into an Application so that what is verified is what is deployed: the revisions that its
 * sources resolve to now, the sources themselves where the operation carries none, and no running operation that
 * nobody asked for, nor one that is only left over. It decides nothing: whatever it leaves as it is, the gate judges.
 */
export async function pin(request: AdmissionRequest, context: ServerContext): Promise<readonly PatchOperation[]> {
  const { operation, object, oldObject } = request;
  if (request.kind.group !== 'argoproj.io' || request.kind.kind !== 'Application') return [];
  if (operation !== 'CREATE' && operation !== 'UPDATE') return [];
  const view = await context.cluster.view();
  const reviewed = readReviewedApplication(request);
  const would = whatWouldDeploy({ operation, object, oldObject }, view.enablesOCI(reviewed.project));
  if (would.kind !== 'deploys') return [];
  const { policy } = await argocdSettings(view);
  if (enforcementFor(policy, would.project).value === 'off') return [];
  if (!would.deployments.some((deployment) => isConcerned(deployment, policy, would.project))) return [];

  if (isLeftover(request, context.config.namespace)) return [{ op: 'remove', path: '/operation' }];

  const application = { ...reviewed, project: would.project };
  const patch: PatchOperation[] = [];
  if (bringsState(operation, object, oldObject)) patch.push({ op: 'remove', path: '/status/operationState' });
  const asked = would.deployments.find(({ via }) => via === 'operation');
  if (asked === undefined) return patch;
  const resolved = asked.sources.some(canBeResolved)
    ? await revisionsOf(asked, async () => {
        const { automatedBudgetMs, interactiveBudgetMs } = context.config.gate;
        return context.verifier.look({
          view,
          application,
          deployment: asked,
          deployedRevisions: [],
          trigger: asked.automated ? 'automated-sync' : 'sync',
          runningJob: null,
          // The gate is asked in the same request to kube-apiserver, and finds what has been fetched by then.
          ask: {
            waitMs: (asked.automated ? automatedBudgetMs : interactiveBudgetMs) / 2,
            interactive: !asked.automated,
            refresh: false,
          },
          observe: false,
          record: false,
          enter: () => undefined,
        });
      })
    : [];
  return [...patch, ...pinningPatch(object, asked, resolved)];
}

/** As the gate has it: a policy that asks something of a source, or any policy where it cannot be told what it is. */
function isConcerned({ sources }: Deployment, policy: PolicySet, project: string): boolean {
  if (sources.length === 0) {
    return policy.problems.length > 0 || policy.baseline !== null || policy.projects.size > 0;
  }
  return sources.some(({ source }) => isUnderPolicy(selectRequirements(policy, project, source).explanation));
}

/**
 * A range, or a tag of a plain OCI source. A partial Helm version stays: Argo CD takes it as it is and shows it, so
 * the gate refuses it with the version to write.
 */
function canBeResolved({ source, revision, pinned }: Deployment['sources'][number]): boolean {
  switch (source.kind) {
    case 'helm-http':
    case 'helm-oci':
      return !pinned && isConstraint(revision);
    case 'oci':
      return !pinned && revision !== '';
    case 'git':
    case 'ref':
      return false;
  }
}

/** What was found for each source, where that is a revision to pin it to. */
async function revisionsOf(
  deployment: Deployment,
  verify: () => Promise<Awaited<ReturnType<ServerContext['verifier']['look']>>>,
): Promise<readonly (string | null)[]> {
  const { sources } = await verify();
  return deployment.sources.map((planned, place) => {
    if (!canBeResolved(planned)) return null;
    const found = sources[place];
    return pinFor(planned, (planned.source.kind === 'oci' ? found?.digest : found?.revision) ?? null);
  });
}

const State = z.object({
  operation: z.unknown().optional(),
  status: z.object({ operationState: z.object({ phase: z.unknown().optional() }).nullish() }).nullish(),
});

/**
 * Whether this is what is left of an operation that has ended. ApplicationSet's controller writes what differs between
 * its own operation and the one in its cache, which pin had completed; where that one is over by now, the difference
 * alone would be a new operation, without the options of the first (Argo CD 3.6.1,
 * `applicationset/utils/createOrUpdate.go`). A whole one of its own always says who it is.
 */
function isLeftover({ operation, object, oldObject, userInfo }: AdmissionRequest, namespace: string): boolean {
  if (operation !== 'UPDATE') return false;
  if (userInfo.username !== `system:serviceaccount:${namespace}:argocd-applicationset-controller`) return false;
  const [now, before] = [Initiated.safeParse(object), Initiated.safeParse(oldObject)];
  if (!now.success || !before.success || (before.data.operation ?? null) !== null) return false;
  return (now.data.operation?.initiatedBy ?? null) === null;
}

const Initiated = z.object({ operation: z.object({ initiatedBy: z.unknown().optional() }).nullish() });

/**
 * Whether a running state comes along with what is to be started: manifests are applied with their status, and Argo CD
 * executes a state that runs in place of the operation. An operation that replaces another leaves the state alone.
 */
function bringsState(operation: 'CREATE' | 'UPDATE', object: unknown, oldObject: unknown): boolean {
  const now = State.safeParse(object);
  const before = operation === 'CREATE' ? null : State.safeParse(oldObject);
  const state = now.data?.status?.operationState ?? null;
  const hadOperation = (before?.data?.operation ?? null) !== null;
  return state !== null && !hadOperation && !['Succeeded', 'Failed', 'Error'].some((phase) => phase === state.phase);
}
