import type { ProblemEntries } from '../problem.ts';

/** Problems of charts between Helm's download and their rendering. */
export type GuardProblems = {
  'pulled-bytes-differ': { readonly expected: string; readonly actual: string; readonly seenAt: string };
  'pull-unguarded': { readonly why: string };
  'dependency-not-locked': { readonly file: string };
  'dependency-repository-alias': { readonly repository: string };
  'dependencies-too-many': { readonly found: string; readonly limit: string };
};

export const guardProblems: ProblemEntries<GuardProblems> = {
  'pulled-bytes-differ': {
    consequence: 'refused',
    responsible: 'chart maintainer',
    compares: 'digest of the chart',
    sentence: (subject, { expected, actual, seenAt }) =>
      `${subject} is served differently to different clients: Argo CD's repo-server was given ${actual}, and this server ${expected} at ${seenAt}`,
    brief: () => 'is served differently to Argo CD and to this server',
    remedy: () =>
      'Find out which of the two the maintainers signed. A repository that replaces published versions, a mirror or a proxy between them may be the cause; if it was none of these, take it for an attack.',
  },
  'pull-unguarded': {
    consequence: 'refused',
    responsible: 'platform administrator',
    sentence: (subject, { why }) => `${subject} cannot be checked between download and rendering, because ${why}`,
    remedy: () =>
      'Have the chart pulled by name and full version before it is rendered, as Argo CD does. If this call comes from a plugin, change the plugin.',
  },
  'dependency-not-locked': {
    consequence: 'refused',
    responsible: 'application owner',
    sentence: (subject, { file }) => `${subject} brought the dependency ${file}, which its lock file does not name`,
    remedy: () => 'Run `helm dependency update`, and commit Chart.lock.',
  },
  'dependency-repository-alias': {
    consequence: 'refused',
    responsible: 'application owner',
    sentence: (subject, { repository }) =>
      `${subject} takes its repository from the alias ${repository}, which only the machine that pulls it can resolve`,
    remedy: () => "Write the repository's URL into Chart.yaml, and run `helm dependency update`.",
  },
  'dependencies-too-many': {
    consequence: 'refused',
    responsible: 'application owner',
    sentence: (subject, { found, limit }) => `${subject} brought ${found}, of which one call may bring ${limit}`,
    remedy: () => 'Vendor some of them into charts/, or divide the chart.',
  },
};
