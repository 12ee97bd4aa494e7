import type { ProblemEntries } from '../problem.ts';

/** A place in a value of argocd-source-integrity-cm: its entry, and line and column within it, from 1. */
type At = { readonly entry: string; readonly line: number; readonly column: number };

/** Problems of the policy itself, and of a source that no policy can be found for. */
export type PolicyProblems = {
  'policy-missing': Record<never, never>;
  /** `reason` completes "because …". */
  'policy-unreadable': { readonly reason: string };
  /** A key of the ConfigMap that means nothing; `meant` is the nearest that does. */
  'policy-entry-unknown': { readonly entry: string; readonly meant: string | null };
  'policy-entry-too-large': { readonly entry: string; readonly limit: string };
  /** `reason` is a clause. */
  'policy-yaml-invalid': At & { readonly reason: string };
  'policy-field-unknown': At & {
    readonly field: string;
    readonly meant: string | null;
    readonly known: readonly string[];
  };
  'policy-field-missing': At & { readonly field: string; readonly write: string };
  'policy-value-invalid': At & {
    readonly field: string;
    readonly expected: string;
    readonly actual: string;
    readonly meant: string | null;
  };
  /** Two fields that contradict each other; `reason` is a clause. */
  'policy-contradiction': At & { readonly reason: string; readonly write: string };
  /** `reason` completes "it …". */
  'policy-key-invalid': At & { readonly key: string; readonly reason: string };
  /** `reason` is a clause. */
  'glob-invalid': At & { readonly glob: string; readonly reason: string };
  'glob-unsupported': At & { readonly glob: string; readonly reason: string };
  'glob-not-normal': At & { readonly expected: string; readonly actual: string };
  'glob-matches-nothing': At & { readonly glob: string; readonly reason: string };
  /** `reason` is a clause; `url` holds no user information and no query. */
  'source-url-unclear': { readonly url: string; readonly reason: string };
  'source-unmatched': { readonly project: string };
  'policy-key-missing': { readonly name: string };
  'policy-trust-root-missing': { readonly name: string };
  'trust-config-map-missing': { readonly configMap: string };
  'exemption-expired': { readonly application: string; readonly reason: string; readonly until: string };
  'policy-entry-shadowed': At & { readonly policy: string; readonly by: string };
  'policy-key-short': At & { readonly key: string };
  'policy-trusts-nothing': At & { readonly policy: string };
  'policy-url-insecure': At & { readonly glob: string };
  'policy-url-without-scheme': At & { readonly glob: string };
};

const CONFIG_MAP = 'argocd-source-integrity-cm';

const where = ({ entry, line, column }: At): string => `line ${line}, column ${column} of ${entry} in ${CONFIG_MAP}`;
const edit = (at: At): string => `Edit ${where(at)}`;
/** Where in the policy there is something to mend: what it is is in the whole sentence. */
const withError = ({ entry, line }: At): string =>
  `cannot be judged: the policy has an error in line ${line} of ${entry}`;
const didYouMean = (meant: string | null): string => (meant === null ? '' : ` Did you mean ${meant}?`);
const LINT = 'Check the result with `source-integrity policy lint`.';

export const policyProblems: ProblemEntries<PolicyProblems> = {
  'policy-missing': {
    consequence: 'indeterminate',
    responsible: 'platform administrator',
    sentence: (subject) => `${subject} cannot be judged, because the ConfigMap ${CONFIG_MAP} does not exist`,
    remedy: () =>
      `Create ${CONFIG_MAP} in Argo CD's namespace with the label app.kubernetes.io/part-of: argocd; without any entry it asks for nothing.`,
  },
  'policy-unreadable': {
    consequence: 'indeterminate',
    responsible: 'platform administrator',
    sentence: (subject, { reason }) =>
      `${subject} cannot be judged, because the ConfigMap ${CONFIG_MAP} cannot be read: ${reason}`,
    brief: () => `cannot be judged, because the ConfigMap ${CONFIG_MAP} cannot be read`,
    remedy: () => `Restore access to ${CONFIG_MAP} in Argo CD's namespace.`,
  },
  'policy-entry-unknown': {
    consequence: 'indeterminate',
    responsible: 'platform administrator',
    sentence: (subject, { entry }) =>
      `${subject} cannot be judged, because ${CONFIG_MAP} has the unknown entry "${entry}"`,
    remedy: ({ entry, meant }) =>
      `Rename or remove the entry "${entry}".${didYouMean(meant)} Policies are in all-projects and project.<name>, where <name> is an AppProject's.`,
  },
  'policy-entry-too-large': {
    consequence: 'indeterminate',
    responsible: 'platform administrator',
    sentence: (subject, { entry, limit }) =>
      `${subject} cannot be judged, because the entry ${entry} of ${CONFIG_MAP} is larger than ${limit}`,
    remedy: ({ entry, limit }) => `Shorten ${entry} to ${limit}: globs and charts can be joined by "*" and braces.`,
  },
  'policy-yaml-invalid': {
    consequence: 'indeterminate',
    responsible: 'platform administrator',
    sentence: (subject, params) =>
      `${subject} cannot be judged, because ${where(params)} is no valid YAML: ${params.reason}`,
    brief: withError,
    remedy: (params) => `${edit(params)}. ${LINT}`,
  },
  'policy-field-unknown': {
    consequence: 'indeterminate',
    responsible: 'platform administrator',
    sentence: (subject, params) =>
      `${subject} cannot be judged, because ${where(params)} has the unknown field "${params.field}"`,
    brief: withError,
    remedy: (params) => `${edit(params)}.${didYouMean(params.meant)} Known there: ${params.known.join(', ')}.`,
  },
  'policy-field-missing': {
    consequence: 'indeterminate',
    responsible: 'platform administrator',
    sentence: (subject, params) =>
      `${subject} cannot be judged, because ${where(params)} lacks the field "${params.field}"`,
    brief: withError,
    remedy: (params) => `${edit(params)}: write ${params.write}.`,
  },
  'policy-value-invalid': {
    consequence: 'indeterminate',
    responsible: 'platform administrator',
    compares: 'policy value',
    sentence: (subject, params) =>
      `${subject} cannot be judged, because "${params.field}" at ${where(params)} must be ${params.expected}, and is ${params.actual}`,
    brief: withError,
    remedy: (params) => `${edit(params)}: write ${params.expected}.${didYouMean(params.meant)}`,
  },
  'policy-contradiction': {
    consequence: 'indeterminate',
    responsible: 'platform administrator',
    sentence: (subject, params) => `${subject} cannot be judged, because at ${where(params)} ${params.reason}`,
    brief: withError,
    remedy: (params) => `${edit(params)}: ${params.write}.`,
  },
  'policy-key-invalid': {
    consequence: 'indeterminate',
    responsible: 'platform administrator',
    sentence: (subject, params) =>
      `${subject} cannot be judged, because the key "${params.key}" at ${where(params)} names no key: it ${params.reason}`,
    brief: withError,
    remedy: (params) =>
      `${edit(params)}: write the key's fingerprint, 40 or 64 hex digits, in quotes; \`source-integrity keys list\` shows those of the key ring.`,
  },
  'glob-invalid': {
    consequence: 'indeterminate',
    responsible: 'platform administrator',
    sentence: (subject, params) =>
      `${subject} cannot be judged, because "${params.glob}" at ${where(params)} is no valid glob: ${params.reason}`,
    brief: withError,
    remedy: (params) => `${edit(params)}. To mean one of *?[]{}\\ itself, write a backslash before it.`,
  },
  'glob-unsupported': {
    consequence: 'indeterminate',
    responsible: 'platform administrator',
    sentence: (subject, params) =>
      `${subject} cannot be judged, because the glob "${params.glob}" at ${where(params)} cannot be answered reliably: ${params.reason}`,
    brief: withError,
    remedy: (params) => `${edit(params)}: write several shorter globs, one for each choice in the braces.`,
  },
  'glob-not-normal': {
    consequence: 'indeterminate',
    responsible: 'platform administrator',
    compares: 'glob',
    sentence: (subject, params) =>
      `${subject} cannot be judged, because the glob "${params.actual}" at ${where(params)} meets only one spelling of the URLs that it means, and another would step around it`,
    brief: withError,
    remedy: (params) =>
      `${edit(params)}: write "${params.expected}", with scheme and host in lower case and without a default port, ".git" or user information; it meets every spelling.`,
  },
  'glob-matches-nothing': {
    consequence: 'indeterminate',
    responsible: 'platform administrator',
    sentence: (subject, params) =>
      `${subject} cannot be judged, because the glob "${params.glob}" at ${where(params)} can never match: ${params.reason}`,
    brief: withError,
    remedy: (params) => `${edit(params)}. ${LINT}`,
  },
  'source-url-unclear': {
    consequence: 'indeterminate',
    responsible: 'application owner',
    sentence: (subject, { url, reason }) =>
      `${subject} cannot be matched with a policy, because repoURL or chart can be read in more than one way: ${reason} (${url})`,
    remedy: () =>
      'Write repoURL and chart of this source plainly: lower-case scheme and host, and a path of unescaped names. Credentials belong in a repository Secret.',
  },
  'source-unmatched': {
    consequence: 'refused',
    responsible: 'platform administrator',
    sentence: (subject, { project }) =>
      `${subject} comes from a repository that no policy of project ${project} mentions, and the baseline denies such sources`,
    remedy: ({ project }) =>
      `Add an entry for this repository to project.${project} or all-projects in ${CONFIG_MAP}, with the keys that sign its charts.`,
  },
  'policy-key-missing': {
    consequence: 'indeterminate',
    responsible: 'platform administrator',
    sentence: (subject, { name }) =>
      `${subject} cannot be judged, because the policy names the key "${name}", which argocd-cosign-keys-cm does not have`,
    remedy: ({ name }) => `Add the public key as entry ${name} of argocd-cosign-keys-cm, or correct the name.`,
  },
  'policy-trust-root-missing': {
    consequence: 'indeterminate',
    responsible: 'platform administrator',
    sentence: (subject, { name }) =>
      `${subject} cannot be judged, because the policy names the trust root "${name}", which argocd-sigstore-trusted-root-cm does not have`,
    brief: ({ name }) => `cannot be judged, because the policy names the trust root "${name}", which is missing`,
    remedy: ({ name }) =>
      `Add the trusted_root.json as entry ${name} of argocd-sigstore-trusted-root-cm, or correct the name.`,
  },
  'trust-config-map-missing': {
    consequence: 'indeterminate',
    responsible: 'platform administrator',
    sentence: (subject, { configMap }) =>
      `${subject} cannot be judged, because there is no ConfigMap ${configMap}, which the policy refers to`,
    remedy: ({ configMap }) =>
      `Create ${configMap} in Argo CD's namespace, with the label app.kubernetes.io/part-of: argocd.`,
  },
  'exemption-expired': {
    consequence: 'warning',
    responsible: 'platform administrator',
    sentence: (subject, { application, reason, until }) =>
      `${subject} is no longer exempt: the exemption of ${application} ("${reason}") ended at ${until}`,
    remedy: () => `Remove the exemption from ${CONFIG_MAP}, or give it a new end if the emergency lasts.`,
  },
  'policy-entry-shadowed': {
    consequence: 'warning',
    responsible: 'platform administrator',
    sentence: (subject, params) =>
      `${subject} has an entry that never applies: ${params.policy} at ${where(params)}, since ${params.by} matches all that it matches and comes first`,
    brief: (params) => `has an entry that never applies: ${params.policy}, since ${params.by} comes first`,
    remedy: (params) => `Move ${params.policy} before ${params.by}, or remove it.`,
  },
  'policy-key-short': {
    consequence: 'warning',
    responsible: 'platform administrator',
    sentence: (subject, params) => `${subject} names a key by its 64-bit ID alone: "${params.key}" at ${where(params)}`,
    brief: ({ key }) => `names a key by its 64-bit ID alone: "${key}"`,
    remedy: (params) =>
      `${edit(params)}: write the whole fingerprint, which \`source-integrity keys list\` shows. Two keys can be made to share an ID.`,
  },
  'policy-trusts-nothing': {
    consequence: 'warning',
    responsible: 'platform administrator',
    sentence: (subject, params) =>
      `${subject} has an entry that accepts nothing: ${params.policy} at ${where(params)} requires a signature and trusts no key`,
    brief: ({ policy }) => `has an entry that accepts nothing: ${policy}`,
    remedy: (params) => `${edit(params)}: add a key, unless everything that matches is to be refused.`,
  },
  'policy-url-insecure': {
    consequence: 'warning',
    responsible: 'platform administrator',
    sentence: (subject, params) => `${subject} names a repository without TLS: "${params.glob}" at ${where(params)}`,
    brief: ({ glob }) => `names a repository without TLS: "${glob}"`,
    remedy: (params) =>
      `${edit(params)}: serve the repository over https. Signatures are still checked, but its index and credentials can be read and changed on the way.`,
  },
  'policy-url-without-scheme': {
    consequence: 'warning',
    responsible: 'platform administrator',
    sentence: (subject, params) =>
      `${subject} has a glob without scheme, which matches charts in registries only: "${params.glob}" at ${where(params)}`,
    brief: ({ glob }) => `has a glob that matches charts in registries only: "${glob}"`,
    remedy: (params) => `${edit(params)}: write "https://" before it for a chart repository, "oci://" for a registry.`,
  },
};
