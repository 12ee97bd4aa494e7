import type { ProblemEntries } from '../problem.ts';

/**
 * Problems of registries and of what lies in them. `url` carries neither user info nor query values; texts that
 * somebody else wrote have been capped and stripped of control characters.
 */
export type OciProblems = {
  /** `reason` completes "the reference … ". */
  'oci-reference-invalid': { readonly reference: string; readonly reason: string };
  'oci-artifact-missing': { readonly reference: string; readonly status: number };
  /** What a constraint leads to cannot be a tag. */
  'oci-version-no-tag': { readonly version: string };

  'oci-digest-mismatch': { readonly url: string; readonly expected: string; readonly actual: string };
  'oci-digest-header-mismatch': { readonly url: string; readonly expected: string; readonly actual: string };
  /** `reason` completes "it …". */
  'oci-manifest-unreadable': { readonly url: string; readonly reason: string };
  'oci-manifest-unsupported': { readonly mediaType: string };
  'oci-index': { readonly manifests: number };
  'oci-too-many-layers': { readonly layers: number; readonly limit: number };
  'oci-blob-missing': { readonly url: string; readonly status: number };
  /** `actual` is null where it is more than was said. */
  'oci-blob-size': { readonly url: string; readonly expected: number; readonly actual: number | null };
  'oci-blob-too-large': { readonly digest: string; readonly bytes: number; readonly limit: number };

  /** A list of tags or referrers. `reason` completes "it …". */
  'oci-list-unreadable': { readonly url: string; readonly reason: string };
  'oci-list-too-long': { readonly url: string; readonly limit: number };
  'oci-rate-limited': { readonly url: string; readonly retryAfterSeconds: number | null };

  'oci-challenge-unsupported': { readonly url: string; readonly challenge: string };
  /** `reason` completes "it …". */
  'oci-token-realm-refused': { readonly registry: string; readonly realm: string; readonly reason: string };
  /** No credentials were sent there. */
  'oci-token-realm-elsewhere': { readonly registry: string; readonly realm: string; readonly host: string };
  'oci-token-refused': { readonly realm: string; readonly status: number };
  /** `reason` completes "it …". */
  'oci-token-unreadable': { readonly realm: string; readonly reason: string };

  'oci-not-a-chart': { readonly mediaType: string };
  'oci-chart-layer-missing': Readonly<Record<never, never>>;
  /** `reason` completes "it …". */
  'oci-chart-ambiguous': { readonly reason: string };
  'oci-extra-layers': { readonly mediaType: string; readonly count: number };

  'oci-content-layers': { readonly expected: string; readonly actual: string };
  'oci-artifact-layers': { readonly layers: number; readonly limit: number };
  'oci-layer-type': { readonly mediaType: string };
  'oci-artifact-subject': Readonly<Record<never, never>>;

  'oci-referrers-too-many': { readonly repository: string; readonly count: number; readonly limit: number };
  'oci-signatures-too-large': { readonly repository: string; readonly limit: number };
};

const TAMPERED =
  'Find out who changed what the registry serves, or what a proxy in between does to it, and do not deploy until then.';
const PUSH_AGAIN = 'Push the artifact again with a current tool.';
const REPACKAGE = 'Package the chart again with "helm package" and push it with "helm push".';

export const ociProblems: ProblemEntries<OciProblems> = {
  'oci-reference-invalid': {
    consequence: 'indeterminate',
    responsible: 'application owner',
    sentence: (subject, { reference, reason }) =>
      `${subject} could not be checked: the reference "${reference}" ${reason}`,
    remedy: () => 'Write registry and path into repoURL, and the tag or digest into targetRevision.',
  },
  'oci-artifact-missing': {
    consequence: 'indeterminate',
    responsible: 'application owner',
    sentence: (subject, { reference, status }) =>
      `${subject} could not be checked: the registry has no ${reference} (HTTP status ${status})`,
    remedy: () =>
      'Check repository and targetRevision. Some registries say so too of what the credentials in the repository Secret may not read.',
  },
  'oci-version-no-tag': {
    consequence: 'indeterminate',
    responsible: 'application owner',
    sentence: (subject, { version }) =>
      `${subject} could not be checked: its targetRevision leads to "${version}", which Argo CD cannot ask a registry for`,
    remedy: () => 'Write a tag without "+", or the digest, into targetRevision.',
  },
  'oci-digest-mismatch': {
    consequence: 'failed',
    responsible: 'platform administrator',
    compares: 'digest',
    sentence: (subject, { url }) => `${subject} is not what its digest says: ${url} answers with other bytes`,
    remedy: () => TAMPERED,
  },
  'oci-digest-header-mismatch': {
    consequence: 'indeterminate',
    responsible: 'platform administrator',
    compares: 'digest',
    sentence: (subject, { url }) =>
      `${subject} could not be checked: the registry gives a digest for ${url} that is not the digest of its answer`,
    remedy: () =>
      `Argo CD takes the registry's word for the digest of a tag, so nobody can say what it would deploy. ${TAMPERED}`,
  },
  'oci-manifest-unreadable': {
    consequence: 'indeterminate',
    responsible: 'chart maintainer',
    sentence: (subject, { url, reason }) =>
      `${subject} could not be checked: the manifest at ${url} cannot be read, it ${reason}`,
    remedy: () => `${PUSH_AGAIN} If a web page answers there, check the repository URL.`,
  },
  'oci-manifest-unsupported': {
    consequence: 'unsupported',
    responsible: 'chart maintainer',
    sentence: (subject, { mediaType }) =>
      `${subject} is of a form that cannot be verified here: its manifest is of type ${mediaType}`,
    remedy: () => 'Push it with an OCI image manifest (application/vnd.oci.image.manifest.v1+json).',
  },
  'oci-index': {
    consequence: 'unsupported',
    responsible: 'application owner',
    sentence: (subject, { manifests }) =>
      `${subject} is an index of ${manifests} manifests, which Argo CD does not deploy from`,
    remedy: () => 'Refer to one manifest: push the artifact without an index, or name the digest of the manifest.',
  },
  'oci-too-many-layers': {
    consequence: 'indeterminate',
    responsible: 'chart maintainer',
    sentence: (subject, { layers, limit }) =>
      `${subject} could not be checked: a manifest has ${layers} layers, more than the ${limit} that are looked at`,
    remedy: () => 'Push a manifest with fewer layers; of signatures, remove those that nobody needs.',
  },
  'oci-blob-missing': {
    consequence: 'indeterminate',
    responsible: 'chart maintainer',
    sentence: (subject, { url, status }) =>
      `${subject} could not be checked: its manifest lists ${url}, which is not there (HTTP status ${status})`,
    remedy: () => PUSH_AGAIN,
  },
  'oci-blob-size': {
    consequence: 'indeterminate',
    responsible: 'platform administrator',
    compares: 'size in bytes',
    sentence: (subject, { url, expected, actual }) =>
      `${subject} could not be checked: ${url} has ${actual === null ? 'more' : actual} bytes, where its manifest says ${expected}`,
    remedy: () => 'Choose Re-verify. If it stays so, push the artifact again.',
  },
  'oci-blob-too-large': {
    consequence: 'indeterminate',
    responsible: 'chart maintainer',
    sentence: (subject, { digest, bytes, limit }) =>
      `${subject} could not be checked: ${digest} has ${bytes} bytes, more than the limit of ${limit}`,
    remedy: () => 'Make it smaller; signatures and charts of that size are not fetched.',
  },
  'oci-list-unreadable': {
    consequence: 'indeterminate',
    responsible: 'platform administrator',
    sentence: (subject, { url, reason }) =>
      `${subject} could not be checked: the list at ${url} cannot be read, it ${reason}`,
    remedy: () => 'Check that a registry answers at this address, and what a proxy in between does to its answers.',
  },
  'oci-list-too-long': {
    consequence: 'indeterminate',
    responsible: 'chart maintainer',
    sentence: (subject, { url, limit }) =>
      `${subject} could not be checked: the list at ${url} has more than ${limit} entries`,
    remedy: () => 'Remove what nobody needs from the repository. A full version or a digest needs no list of tags.',
  },
  'oci-rate-limited': {
    consequence: 'indeterminate',
    responsible: 'platform administrator',
    sentence: (subject, { url, retryAfterSeconds }) =>
      `${subject} could not be checked: the registry limits how often it may be asked (${url}${retryAfterSeconds === null ? '' : `, again in ${retryAfterSeconds} s`})`,
    remedy: () =>
      'Choose Re-verify later. With credentials in the repository Secret, public registries usually allow more.',
  },
  'oci-challenge-unsupported': {
    consequence: 'indeterminate',
    responsible: 'platform administrator',
    sentence: (subject, { url, challenge }) =>
      `${subject} could not be checked: ${url} wants a login of a kind that is not supported ("${challenge}")`,
    remedy: () => 'Use a registry that takes basic or bearer authentication, and check that a registry answers there.',
  },
  'oci-token-realm-refused': {
    consequence: 'indeterminate',
    responsible: 'platform administrator',
    sentence: (subject, { registry, realm, reason }) =>
      `${subject} could not be checked: ${registry} sends us to ${realm} for a token, and it ${reason}`,
    remedy: () => 'Configure the registry with an https:// realm for its tokens.',
  },
  'oci-token-realm-elsewhere': {
    consequence: 'indeterminate',
    responsible: 'platform administrator',
    sentence: (subject, { registry, realm, host }) =>
      `${subject} could not be checked: ${registry} gives no access without credentials and sends us to ${realm} for a token, but credentials are not sent to ${host}`,
    brief: ({ host }) => `could not be checked: its registry wants a login at ${host}, where no credentials are sent`,
    remedy: ({ registry, host }) =>
      `If ${host} belongs to ${registry}, add ${registry}=${host} to SOURCE_INTEGRITY_TOKEN_REALMS. If not, somebody may be after the credentials.`,
  },
  'oci-token-refused': {
    consequence: 'indeterminate',
    responsible: 'platform administrator',
    sentence: (subject, { realm, status }) =>
      `${subject} could not be checked: ${realm} gave no token (HTTP status ${status})`,
    remedy: () => "Check the username and password in Argo CD's repository Secret, and what they may read.",
  },
  'oci-token-unreadable': {
    consequence: 'indeterminate',
    responsible: 'platform administrator',
    sentence: (subject, { realm, reason }) =>
      `${subject} could not be checked: the token of ${realm} cannot be used, it ${reason}`,
    remedy: () => 'Check that the token server of the registry answers at this address.',
  },
  'oci-not-a-chart': {
    consequence: 'indeterminate',
    responsible: 'application owner',
    sentence: (subject, { mediaType }) =>
      `${subject} is not a Helm chart: the configuration in its manifest is of type ${mediaType}`,
    remedy: () => 'Check repository, chart and version. A chart is pushed with "helm push".',
  },
  'oci-chart-layer-missing': {
    consequence: 'indeterminate',
    responsible: 'chart maintainer',
    sentence: (subject) => `${subject} has a manifest without the layer of a chart`,
    remedy: () => REPACKAGE,
  },
  'oci-chart-ambiguous': {
    consequence: 'indeterminate',
    responsible: 'chart maintainer',
    sentence: (subject, { reason }) =>
      `${subject} could not be checked: it is chance which chart Helm takes from its manifest, since it ${reason}`,
    remedy: () => REPACKAGE,
  },
  'oci-extra-layers': {
    consequence: 'warning',
    responsible: 'chart maintainer',
    sentence: (subject, { mediaType, count }) =>
      `${subject} has ${count} layers of type ${mediaType}, of which only the last counts`,
    remedy: () => REPACKAGE,
  },
  'oci-content-layers': {
    consequence: 'indeterminate',
    responsible: 'chart maintainer',
    compares: 'number of content layers',
    sentence: (subject, { actual }) => `${subject} has ${actual} layers with content, where Argo CD wants exactly one`,
    remedy: () => 'Push the manifests as one archive, in one layer.',
  },
  'oci-artifact-layers': {
    consequence: 'indeterminate',
    responsible: 'chart maintainer',
    sentence: (subject, { layers, limit }) =>
      `${subject} has ${layers} layers, more than the ${limit} that Argo CD allows`,
    remedy: () => 'Push the manifests as one archive, in one layer.',
  },
  'oci-layer-type': {
    consequence: 'indeterminate',
    responsible: 'chart maintainer',
    sentence: (subject, { mediaType }) => `${subject} has a layer of type ${mediaType}, which Argo CD does not unpack`,
    remedy: () => 'Push the archive as application/vnd.oci.image.layer.v1.tar+gzip.',
  },
  'oci-artifact-subject': {
    consequence: 'indeterminate',
    responsible: 'chart maintainer',
    sentence: (subject) =>
      `${subject} could not be checked: its manifest refers to another one as its subject, and Argo CD would unpack the layers of both`,
    brief: () => 'could not be checked: its manifest refers to another one as its subject',
    remedy: () => 'Push the artifact with a manifest that has no subject.',
  },
  'oci-referrers-too-many': {
    consequence: 'indeterminate',
    responsible: 'chart maintainer',
    sentence: (subject, { repository, count, limit }) =>
      `${subject} could not be checked: ${repository} has ${count} manifests that refer to it, of which only ${limit} were opened`,
    brief: ({ count }) => `could not be checked: ${count} manifests refer to it, too many to open them all`,
    remedy: () => 'Remove referrers that nobody needs, or keep signatures in a repository of their own.',
  },
  'oci-signatures-too-large': {
    consequence: 'indeterminate',
    responsible: 'chart maintainer',
    sentence: (subject, { repository, limit }) =>
      `${subject} could not be checked: the signatures in ${repository} and what lies beside them have more than ${limit} bytes`,
    remedy: () => 'Remove signatures that nobody needs.',
  },
};
