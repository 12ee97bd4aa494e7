import { type ApplicationQuestion, problem, quotable } from '@source-integrity/core';
import { LRUCache } from 'lru-cache';
import type { ClusterView } from '../cluster/cluster.ts';

type JudgedProject = ApplicationQuestion['project'];

/** Whoever may write Applications chooses the names. */
const MAX_KNOWN = 1000;

/** A view's projects never change, so each is read once; a change of the objects makes another view. */
const known = new WeakMap<ClusterView, LRUCache<string, JudgedProject>>();

/** The project that an Application names, or why it may not be relied on. */
export function judgedProject(view: ClusterView, name: string): JudgedProject {
  const projects = known.get(view) ?? new LRUCache<string, JudgedProject>({ max: MAX_KNOWN });
  known.set(view, projects);
  const project = projects.get(name) ?? read(view, name);
  projects.set(name, project);
  return project;
}

function read(view: ClusterView, name: string): JudgedProject {
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
