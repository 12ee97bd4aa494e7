import type { Application } from '../argocd/application.ts';
import type { ApplicationTree } from './extensions-api.ts';

/** The resource tree: nothing is deployed here, so it has no nodes below the Application. */
export function treeOf(_application: Application): ApplicationTree {
  return { nodes: [], orphanedNodes: [], hosts: [] };
}
