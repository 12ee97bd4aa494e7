import type { ProblemEntries } from '../problem.ts';

/** Problems of a PGP signature and of the keys that judge it. */
export type PgpProblems = {
  'signature-unknown-key': { readonly keyIds: readonly string[] };
};

export const pgpProblems: ProblemEntries<PgpProblems> = {
  'signature-unknown-key': {
    consequence: 'failed',
    responsible: 'platform administrator',
    sentence: (subject, { keyIds }) => `${subject} is signed by a key that is not in the key ring (${keyIds.join(', ')})`,
    remedy: () =>
      'If the maintainers really use this key, add its public key to argocd-gpg-keys-cm and its fingerprint to the policy. If not, treat the chart as not theirs.',
  },
};
