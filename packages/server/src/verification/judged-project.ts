import { type ApplicationQuestion, problem, quotable } from '@source-integrity/core';
import type { ClusterView } from '../cluster/cluster.ts';

/** The project that an Application names, or why it may not be relied on. */
export function judgedProject(view: ClusterView, name: string): ApplicationQuestion['project'] {
  const lookup = view.project(name);
  switch (lookup.status) {
    case 'found':
      return { project: lookup.value };
    case 'missing':
      return { problem: problem('project-missing', { project: quotable(name) }) };
    case 'unreadable':
      return { problem: lookup.problem };
  }
}
