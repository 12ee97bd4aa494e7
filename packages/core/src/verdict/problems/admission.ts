import type { ProblemEntries } from '../problem.ts';

/** Problems of a sync as such: of what it asks for, and of the state that Argo CD is in. */
export type AdmissionProblems = {
  'chart-replaced': {
    readonly otherDigest: string;
    readonly seenAt: string;
    readonly until: string;
    readonly forget: string;
  };
  'verification-running': { readonly budgetMs: number };
  'verification-timed-out': { readonly since: string };
  'verification-busy': { readonly waiting: number };
  'verification-stopped': Record<never, never>;
  'verification-fault': { readonly name: string };
  'chart-as-artifact': Record<never, never>;
  'review-malformed': { readonly path: string; readonly reason: string };
  'cluster-unreadable': { readonly reason: string };
};

export const admissionProblems: ProblemEntries<AdmissionProblems> = {
  'chart-replaced': {
    consequence: 'refused',
    responsible: 'platform administrator',
    sentence: (subject, { otherDigest, seenAt }) =>
      `${subject} was replaced: Argo CD may still hold the other bytes, which the policy refuses and which were last served at ${seenAt} (${otherDigest})`,
    brief: () => 'was replaced: Argo CD may still hold the other bytes, which the policy refuses',
    remedy: ({ forget, until }) =>
      `Clear Argo CD's caches (restart its repo-server and Redis), then run \`${forget}\`; or wait until ${until}, or publish the chart under a new version.`,
  },
  'verification-running': {
    consequence: 'indeterminate',
    responsible: 'application owner',
    sentence: (subject) => `${subject} is still being verified`,
    remedy: () =>
      'Retry in a few seconds: the verification goes on in the background and its answer is kept. Automated sync retries by itself.',
  },
  'verification-timed-out': {
    consequence: 'indeterminate',
    responsible: 'platform administrator',
    sentence: (subject, { since }) =>
      `${subject} could not be verified in time: its repository has not answered since ${since}`,
    remedy: () => 'Check that the repository answers; it is asked again in the background, and then retry.',
  },
  'verification-busy': {
    consequence: 'indeterminate',
    responsible: 'application owner',
    sentence: (subject, { waiting }) => `${subject} could not be verified now: ${waiting} verifications are waiting`,
    remedy: () => 'Retry in a minute.',
  },
  'verification-stopped': {
    consequence: 'indeterminate',
    responsible: 'application owner',
    sentence: (subject) => `${subject} could not be verified, because the server was stopped meanwhile`,
    remedy: () => 'Press Re-verify again.',
  },
  'verification-fault': {
    consequence: 'indeterminate',
    responsible: 'platform administrator',
    sentence: (subject, { name }) => `${subject} could not be verified, because the server failed (${name})`,
    remedy: () => "The server's log has the reason. Retry, and report it if it comes again.",
  },
  'chart-as-artifact': {
    consequence: 'unsupported',
    responsible: 'application owner',
    sentence: (subject) =>
      `${subject} is a Helm chart that is deployed as a plain OCI artifact, where its provenance file is not looked at`,
    remedy: () =>
      'Deploy it as a chart: write the repository without oci:// into repoURL, and the name of the chart into chart.',
  },
  'review-malformed': {
    consequence: 'refused',
    responsible: 'platform administrator',
    sentence: (subject, { path, reason }) => `${subject} could not be read: ${path} ${reason}`,
    remedy: () =>
      'Correct the Application; `kubectl explain application.spec` and `application.operation` show the form.',
  },
  'cluster-unreadable': {
    consequence: 'indeterminate',
    responsible: 'platform administrator',
    sentence: (subject, { reason }) =>
      `${subject} could not be verified, because Argo CD's objects could not be read: ${reason}`,
    brief: () => "could not be verified, because Argo CD's objects could not be read",
    remedy: () => "Check the server's log and its access to Argo CD's namespace.",
  },
};
