import type { ProblemEntries } from '../problem.ts';

/**
 * Problems of an Application: of its form, of what an operation on it would deploy, and of what its project permits.
 * The `operation-…`, `revision-…` and `source-…` ones refuse a sync only where a policy applies.
 */
export type ApplicationProblems = {
  /** `reason` completes "spec.source.targetRevision …". */
  'application-malformed': { readonly path: string; readonly reason: string };
  'source-missing': Record<never, never>;
  'source-without-repository': Record<never, never>;
  /** `fields` are the ones that each name sources, the one that Argo CD executes first. */
  'source-ambiguous': { readonly fields: readonly string[] };
  'operation-without-source': Record<never, never>;
  'operation-revisions-mismatch': { readonly sources: number; readonly revisions: number };
  'operation-local-manifests': { readonly manifests: number };
  'operation-refresh': Record<never, never>;
  'operation-state-smuggled': Record<never, never>;
  /** `wanted` is "a full version" or "a digest"; an empty `revision` means that there is none. */
  'revision-not-pinned': { readonly revision: string; readonly wanted: string };
  'project-missing': { readonly project: string };
  /** The project's object is there and cannot be read. */
  'project-malformed': { readonly project: string; readonly path: string; readonly reason: string };
  'project-forbids-namespace': { readonly project: string; readonly namespace: string };
  'project-forbids-source': { readonly project: string; readonly repoURL: string };
  /** `write` are URLs that it may have been meant for; empty where nothing can be guessed. */
  'source-url-unparsable': { readonly repoURL: string; readonly write: string };
  /** `field` is `sourceRepos` or `sourceNamespaces`; `reason` completes "because …". */
  'project-pattern-unreadable': {
    readonly project: string;
    readonly field: string;
    readonly pattern: string;
    readonly reason: string;
  };
  /** `secret` is the name of a Secret; `reason` completes "enableOCI …". */
  'repository-secret-malformed': { readonly secret: string; readonly field: string; readonly reason: string };
  /** Credentials that Argo CD exchanges for others at a cloud's own service. */
  'repository-credentials-unsupported': { readonly secret: string; readonly kind: string };
};

export const applicationProblems: ProblemEntries<ApplicationProblems> = {
  'application-malformed': {
    consequence: 'indeterminate',
    responsible: 'application owner',
    sentence: (subject, { path, reason }) => `${subject} cannot be read: ${path} ${reason}`,
    remedy: ({ path }) =>
      `Correct ${path} of the Application; \`kubectl explain application.${path.replaceAll(/\.\d+/g, '')}\` says what belongs there.`,
  },
  'source-missing': {
    consequence: 'refused',
    responsible: 'application owner',
    sentence: (subject) => `${subject} names no source`,
    remedy: () => 'Write spec.source or spec.sources into the Application.',
  },
  'source-without-repository': {
    consequence: 'refused',
    responsible: 'application owner',
    sentence: (subject) => `${subject} names no repository`,
    remedy: () => 'Write the repoURL of this source into the Application.',
  },
  'source-ambiguous': {
    consequence: 'refused',
    responsible: 'application owner',
    sentence: (subject, { fields }) =>
      `${subject} names its sources more than once (${fields.join(', ')}), and not all of them may be deployed`,
    remedy: ({ fields }) => `Keep one of ${fields.join(', ')} and remove the others.`,
  },
  'operation-without-source': {
    consequence: 'refused',
    responsible: 'application owner',
    sentence: (subject) =>
      `${subject} was to be synced without naming its source, so that what is deployed could still change after this check`,
    remedy: () =>
      "Sync from Argo CD's page or with `argocd app sync`, which write source and revision into the operation; other clients have to do so too.",
  },
  'operation-revisions-mismatch': {
    consequence: 'refused',
    responsible: 'application owner',
    sentence: (subject, { sources, revisions }) =>
      `${subject} was to be synced with ${revisions} ${revisions === 1 ? 'revision' : 'revisions'} for ${sources} ${sources === 1 ? 'source' : 'sources'}, in which case Argo CD takes none of them`,
    remedy: () => 'Give one revision for each source, in the order of the sources.',
  },
  'operation-local-manifests': {
    consequence: 'refused',
    responsible: 'application owner',
    sentence: (subject) =>
      `${subject} was to be synced with manifests from somebody's machine, which nobody has signed`,
    remedy: () => 'Sync without --local.',
  },
  'operation-refresh': {
    consequence: 'refused',
    responsible: 'application owner',
    sentence: (subject) =>
      `${subject} was to be synced with retry.refresh, with which a retry deploys a revision that nobody has checked`,
    remedy: () => 'Sync without "Refresh on retry" (--retry-refresh), and take retry.refresh out of spec.syncPolicy.',
  },
  'operation-state-smuggled': {
    consequence: 'refused',
    responsible: 'application owner',
    sentence: (subject) =>
      `${subject} brings along a running operation in its status, which Argo CD would execute in place of the one that was asked for`,
    brief: () => 'brings along a running operation in its status',
    remedy: () => 'Remove status.operationState from what is applied; only Argo CD writes it.',
  },
  'revision-not-pinned': {
    consequence: 'refused',
    responsible: 'application owner',
    sentence: (subject, { revision, wanted }) =>
      revision === ''
        ? `${subject} was to be synced without a revision, where ${wanted} is needed`
        : `${subject} was to be synced at "${revision}", which is not ${wanted}, so that what is deployed could still change after this check`,
    brief: ({ revision, wanted }) =>
      `was to be synced ${revision === '' ? 'without a revision' : `at "${revision}"`}, where ${wanted} is needed`,
    remedy: ({ wanted }) =>
      `Give ${wanted} as the revision; a sync from Argo CD's page resolves a range to one by itself.`,
  },
  'project-missing': {
    consequence: 'refused',
    responsible: 'application owner',
    sentence: (subject, { project }) => `${subject} belongs to the project "${project}", which does not exist`,
    remedy: ({ project }) => `Correct spec.project of the Application, or create the AppProject "${project}".`,
  },
  'project-malformed': {
    consequence: 'indeterminate',
    responsible: 'platform administrator',
    sentence: (subject, { project, path, reason }) =>
      `${subject} belongs to the project "${project}", which cannot be read: ${path} ${reason}`,
    remedy: ({ project, path }) => `Correct ${path} of the AppProject "${project}".`,
  },
  'project-forbids-namespace': {
    consequence: 'refused',
    responsible: 'platform administrator',
    sentence: (subject, { project, namespace }) =>
      `${subject} is in the namespace "${namespace}", from which the project "${project}" may not be used`,
    remedy: ({ project, namespace }) =>
      `If Applications in "${namespace}" may use the project "${project}", add the namespace to its sourceNamespaces.`,
  },
  'project-forbids-source': {
    consequence: 'refused',
    responsible: 'platform administrator',
    sentence: (subject, { project, repoURL }) =>
      `${subject} comes from ${repoURL}, which the project "${project}" does not permit`,
    remedy: ({ project, repoURL }) =>
      `If the project "${project}" may deploy from ${repoURL}, add it to the project's sourceRepos.`,
  },
  'source-url-unparsable': {
    consequence: 'refused',
    responsible: 'application owner',
    sentence: (subject, { repoURL }) =>
      `${subject} names ${repoURL} as its repository, which Argo CD cannot read as a URL`,
    remedy: ({ write }) =>
      write === ''
        ? 'Correct repoURL of this source: a chart repository begins with https://, a registry with oci://.'
        : `Write the scheme in repoURL of this source: ${write}. Without one, an address with a port is no URL to Argo CD.`,
  },
  'project-pattern-unreadable': {
    consequence: 'indeterminate',
    responsible: 'platform administrator',
    sentence: (subject, { project, field, pattern, reason }) =>
      `${subject} could not be checked against the project "${project}", because ${reason} in the pattern "${pattern}" of its ${field}`,
    brief: ({ project, field }) =>
      `could not be checked: a pattern in ${field} of the project "${project}" cannot be read`,
    remedy: ({ project, field, pattern }) => `Correct "${pattern}" in ${field} of the AppProject "${project}".`,
  },
  'repository-secret-malformed': {
    consequence: 'indeterminate',
    responsible: 'platform administrator',
    sentence: (subject, { secret, field, reason }) =>
      `${subject} could not be checked: in the repository Secret "${secret}" the field ${field} ${reason}`,
    remedy: ({ secret, field }) => `Correct ${field} in the Secret "${secret}" in Argo CD's namespace.`,
  },
  'repository-credentials-unsupported': {
    consequence: 'unsupported',
    responsible: 'platform administrator',
    sentence: (subject, { secret, kind }) =>
      `${subject} could not be checked: the repository Secret "${secret}" asks for ${kind}, which Source Integrity cannot use`,
    brief: ({ secret, kind }) =>
      `could not be checked: the Secret "${secret}" asks for ${kind}, which is not supported`,
    remedy: ({ secret }) =>
      `Give the Secret "${secret}" a username and a password or token that may read the repository.`,
  },
};
