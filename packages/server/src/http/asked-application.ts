import { type Application, wording } from '@source-integrity/core';
import type { Request } from 'express';
import type { Cluster, ClusterView } from '../cluster/cluster.ts';
import { ApiError } from './api-error.ts';
import { type ArgocdIdentity, argocdIdentity } from './argocd-identity.ts';

/** The Application that the headers name, as it is now. */
export interface AskedApplication {
  readonly identity: ArgocdIdentity;
  readonly view: ClusterView;
  readonly application: Application;
}

/**
 * Finds the Application of the headers. One that is now in another project is not found: argocd-server checked the
 * caller's rights for the project that it sent.
 */
export async function askedApplication(request: Request, cluster: Cluster): Promise<AskedApplication> {
  const identity = argocdIdentity(request);
  const view = await cluster.view();
  const found = view.application(identity.namespace, identity.name);
  if (found.status === 'unreadable') {
    throw new ApiError(503, 'cluster-unreadable', wording(found.problem, `Application ${identity.name}`).sentence);
  }
  if (found.status === 'missing' || found.value.project !== identity.project) {
    const { namespace, name, project } = identity;
    throw new ApiError(
      404,
      'application-not-found',
      `${namespace}/${name} is not an Application of project ${project}.`,
    );
  }
  return { identity, view, application: found.value };
}
