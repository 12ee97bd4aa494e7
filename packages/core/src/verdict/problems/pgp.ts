import type { ProblemEntries } from '../problem.ts';

/** Who a problem of a signature is about: the key, and the first of its user IDs (empty: it has none). */
type Signed = { readonly fingerprint: string; readonly userId: string };

/** Problems of a PGP signature and of the keys that judge it. */
export type PgpProblems = {
  'keyring-missing': Record<never, never>;
  'keyring-entry-too-large': { readonly entry: string; readonly limitBytes: number };
  'keyring-entry-unreadable': { readonly entry: string; readonly reason: string };
  'keyring-entry-misnamed': { readonly entry: string; readonly expected: string; readonly actual: string };
  'keyring-entry-several-keys': { readonly entry: string; readonly keyIds: readonly string[] };
  'keyring-keybox': { readonly entry: string };
  'keyring-private-key': { readonly entry: string; readonly keyId: string };
  'keyring-too-many-keys': { readonly limit: number };
  /** `keyId` is null where not even that could be read. */
  'keyring-key-unusable': { readonly entry: string; readonly keyId: string | null; readonly reason: string };
  'keyring-key-unsupported': { readonly entry: string; readonly keyId: string; readonly algorithm: string };
  'key-reference-invalid': { readonly reference: string; readonly reason: string };

  'signature-block-malformed': { readonly reason: string };
  'signature-unreadable': { readonly reason: string };
  /** `forms` says what each of the signatures was that Helm passes over: "a RIPEMD-160 digest". */
  'signature-form-not-accepted': { readonly forms: readonly string[] };
  'signature-type-not-accepted': { readonly type: number };
  'signature-unknown-key': { readonly keyIds: readonly string[] };
  'signature-key-not-for-signing': Signed & { readonly keyId: string };
  'signature-key-id-collision': { readonly keyId: string; readonly fingerprints: readonly string[] };
  'signature-issuer-mismatch': { readonly expected: string; readonly actual: string };
  'signature-invalid': Signed;
  'signature-check-octets-differ': Signed;
  'signature-digest-too-short': Signed & { readonly hash: string };
  'signature-critical-notation': Signed & { readonly notation: string };
  'signature-expired': Signed & { readonly expiredAt: string };
  'signature-in-future': Signed & { readonly signedAt: string };
  'signature-key-unsupported': Signed & { readonly algorithm: string };
  'signature-sha1': Signed;
  'signature-dsa': Signed & { readonly bits: number };
  'signature-rsa-below-2048': Signed & { readonly bits: number };
  'key-revoked': Signed & { readonly reason: string };
  'key-subkey-revoked': Signed & { readonly subkey: string; readonly reason: string };
  'key-user-id-revoked': Signed;
  'key-expired': Signed & { readonly expiredAt: string };
  'key-subkey-expired': Signed & { readonly subkey: string; readonly expiredAt: string };
  'key-not-yet-valid': Signed & { readonly createdAt: string };
  'key-self-signature-out-of-time': Signed;
  'signer-not-trusted': Signed & { readonly expected: string; readonly actual: string };
};

export const pgpProblems: ProblemEntries<PgpProblems> = {
  'keyring-missing': {
    consequence: 'indeterminate',
    responsible: 'platform administrator',
    sentence: (subject) => `${subject} could not be verified, because there is no ConfigMap argocd-gpg-keys-cm`,
    remedy: () =>
      'Create it with the label app.kubernetes.io/part-of: argocd and the public keys that sign your charts; `argocd gpg add --from FILE` does both.',
  },
  'keyring-entry-too-large': {
    consequence: 'indeterminate',
    responsible: 'platform administrator',
    sentence: (subject, { entry, limitBytes }) =>
      `${subject} can't be checked with the key ring entry ${entry}: it is larger than ${limitBytes} bytes`,
    remedy: () => 'Export the key without signatures of others: gpg --export-options export-minimal --armor --export.',
  },
  'keyring-entry-unreadable': {
    consequence: 'indeterminate',
    responsible: 'platform administrator',
    sentence: (subject, { entry, reason }) => `${subject} can't be checked with the key ring entry ${entry}: ${reason}`,
    remedy: () => 'Export the public key again with gpg --armor --export, and replace the entry.',
  },
  'keyring-entry-misnamed': {
    consequence: 'indeterminate',
    responsible: 'platform administrator',
    compares: 'key ID',
    sentence: (subject, { entry, actual }) =>
      `${subject} can't be checked with the key ring entry ${entry}: it holds the key ${actual}`,
    remedy: ({ actual }) =>
      `Name the entry of argocd-gpg-keys-cm ${actual} if that is the key you want, as argocd gpg add does. If not, find out who changed it.`,
  },
  'keyring-entry-several-keys': {
    consequence: 'indeterminate',
    responsible: 'platform administrator',
    sentence: (subject, { entry, keyIds }) =>
      `${subject} can't be checked with the key ring entry ${entry}: it holds ${keyIds.length} keys (${keyIds.join(', ')})`,
    remedy: () => 'Give each key an entry of its own in argocd-gpg-keys-cm, named by its key ID.',
  },
  'keyring-keybox': {
    consequence: 'indeterminate',
    responsible: 'platform administrator',
    sentence: (subject, { entry }) =>
      `${subject} can't be checked with the key ring ${entry}: it is a GnuPG keybox, which is not read`,
    remedy: () => 'Export it with gpg --export > keyring.gpg, and use that file.',
  },
  'keyring-private-key': {
    consequence: 'indeterminate',
    responsible: 'platform administrator',
    sentence: (subject, { entry, keyId }) =>
      `${subject} can't be checked with the key ring entry ${entry}: it holds the private part of the key ${keyId}`,
    remedy: () =>
      'Treat the private key as disclosed: revoke it and sign with a new one. Put only public keys into the entry, exported with gpg --armor --export.',
  },
  'keyring-too-many-keys': {
    consequence: 'indeterminate',
    responsible: 'platform administrator',
    sentence: (subject, { limit }) => `${subject} can't be checked: the key ring holds more than ${limit} keys`,
    remedy: () => 'Remove keys that no policy names.',
  },
  'keyring-key-unusable': {
    consequence: 'indeterminate',
    responsible: 'platform administrator',
    sentence: (subject, { entry, keyId, reason }) =>
      `${subject} can't be checked with ${keyId === null ? 'a key' : `the key ${keyId}`} in ${entry}: ${reason}`,
    remedy: () =>
      'Get the key from its owner again. In a key ring file, a key of a kind that Helm does not know makes the key before it unusable: remove it.',
  },
  'keyring-key-unsupported': {
    consequence: 'unsupported',
    responsible: 'platform administrator',
    sentence: (subject, { entry, keyId, algorithm }) =>
      `${subject} can't be checked with the key ${keyId} in ${entry}: keys on the curve ${algorithm} are not supported`,
    remedy: () => 'Ask the maintainers to sign with an RSA, Ed25519 or NIST curve key.',
  },
  'key-reference-invalid': {
    consequence: 'indeterminate',
    responsible: 'platform administrator',
    sentence: (subject, { reference, reason }) =>
      `${subject} can't be checked: the policy names the key "${reference}", which ${reason}`,
    remedy: () =>
      'Write the 40 (or 64) hex digits of its fingerprint, as gpg --fingerprint or source-integrity keys list shows them, or the 16 of its key ID.',
  },
  'signature-block-malformed': {
    consequence: 'failed',
    responsible: 'chart maintainer',
    sentence: (subject, { reason }) => `${subject} has a provenance file whose signed message is malformed: ${reason}`,
    remedy: () =>
      'Publish the file as helm package --sign made it. Editors, mail and some repositories change the lines around the signature.',
  },
  'signature-unreadable': {
    consequence: 'failed',
    responsible: 'chart maintainer',
    sentence: (subject, { reason }) => `${subject} has a provenance file whose signature can't be read: ${reason}`,
    remedy: () => 'Publish the file as helm package --sign made it, or sign the chart again.',
  },
  'signature-form-not-accepted': {
    consequence: 'failed',
    responsible: 'chart maintainer',
    sentence: (subject, { forms }) => `${subject} is signed in a form that Helm does not accept: ${forms.join(', ')}`,
    remedy: () => 'Ask the maintainers to sign again with helm package --sign, which uses SHA-512.',
  },
  'signature-type-not-accepted': {
    consequence: 'failed',
    responsible: 'chart maintainer',
    sentence: (subject, { type }) =>
      `${subject} carries a PGP signature of type ${type}, which is not one over a document`,
    remedy: () => 'Sign the chart again with helm package --sign.',
  },
  'signature-unknown-key': {
    consequence: 'failed',
    responsible: 'platform administrator',
    sentence: (subject, { keyIds }) =>
      keyIds.length === 0
        ? `${subject} carries no signature of a key in the key ring`
        : `${subject} is signed by a key that is not in the key ring (${keyIds.join(', ')})`,
    remedy: () =>
      'If the maintainers really use this key, add its public key to argocd-gpg-keys-cm and its fingerprint to the policy. If not, treat the chart as not theirs.',
  },
  'signature-key-not-for-signing': {
    consequence: 'failed',
    responsible: 'chart maintainer',
    sentence: (subject, { keyId, ...by }) =>
      `${subject} is signed by ${keyId}, a key of ${signer(by)} that is not marked for signing`,
    remedy: () => 'Ask the maintainers to sign with a key or subkey that has the signing flag.',
  },
  'signature-key-id-collision': {
    consequence: 'failed',
    responsible: 'platform administrator',
    sentence: (subject, { keyId, fingerprints }) =>
      `${subject} is signed by the key ID ${keyId}, which ${fingerprints.length} different keys of the key ring have`,
    remedy: ({ fingerprints }) =>
      `Such keys are made on purpose. Find out which of ${fingerprints.join(' and ')} is the maintainers', and remove the other.`,
  },
  'signature-issuer-mismatch': {
    consequence: 'failed',
    responsible: 'chart maintainer',
    compares: 'fingerprint',
    sentence: (subject) =>
      `${subject} carries a signature that names the fingerprint of another key than the one that its key ID leads to`,
    remedy: () => 'Do not deploy it before this is explained: somebody has changed the signature.',
  },
  'signature-invalid': {
    consequence: 'failed',
    responsible: 'chart maintainer',
    sentence: (subject, by) =>
      `${subject} has a provenance file that was changed after ${signer(by)} signed it, or never signed by that key`,
    remedy: () =>
      'Do not deploy it: text and signature do not belong together. Fetch the file again, and ask the maintainers if it persists.',
  },
  'signature-check-octets-differ': {
    consequence: 'failed',
    responsible: 'chart maintainer',
    sentence: (subject, by) =>
      `${subject} carries a damaged signature of ${signer(by)}: the octets that repeat its digest are wrong`,
    remedy: () => 'Fetch the provenance file again, or ask the maintainers to sign again.',
  },
  'signature-digest-too-short': {
    consequence: 'failed',
    responsible: 'chart maintainer',
    sentence: (subject, { hash, ...by }) =>
      `${subject} carries an EdDSA signature of ${signer(by)} over a ${hash} digest, which is too short for such a key`,
    remedy: () => 'Ask the maintainers to sign with SHA-512, as helm package --sign does.',
  },
  'signature-critical-notation': {
    consequence: 'failed',
    responsible: 'chart maintainer',
    sentence: (subject, { notation, ...by }) =>
      `${subject} is signed by ${signer(by)} with a critical notation that is not known: ${notation}`,
    remedy: () => 'Ask the maintainers to sign without critical notations.',
  },
  'signature-expired': {
    consequence: 'failed',
    responsible: 'chart maintainer',
    sentence: (subject, { expiredAt, ...by }) =>
      `${subject} carries a signature of ${signer(by)} that expired at ${expiredAt}`,
    remedy: () => 'Ask the maintainers to sign the chart again, without an expiry of the signature.',
  },
  'signature-in-future': {
    consequence: 'failed',
    responsible: 'chart maintainer',
    sentence: (subject, { signedAt, ...by }) =>
      `${subject} carries a signature of ${signer(by)} that is dated in the future (${signedAt})`,
    remedy: () => 'Check the clocks of the machine that signed and of this one.',
  },
  'signature-key-unsupported': {
    consequence: 'unsupported',
    responsible: 'chart maintainer',
    sentence: (subject, { algorithm, ...by }) =>
      `${subject} is signed by ${signer(by)} with a key on the curve ${algorithm}, which is not supported`,
    remedy: () => 'Ask the maintainers to sign with an RSA, Ed25519 or NIST curve key.',
  },
  'signature-sha1': {
    consequence: 'failed',
    responsible: 'chart maintainer',
    sentence: (subject, by) =>
      `${subject} carries a signature of ${signer(by)} over a SHA-1 digest, for which forgeries can be made`,
    remedy: () =>
      'Ask the maintainers to sign with SHA-512. An administrator can accept such signatures with strictRules sha1: accept.',
  },
  'signature-dsa': {
    consequence: 'failed',
    responsible: 'chart maintainer',
    sentence: (subject, { bits, ...by }) =>
      `${subject} is signed by ${signer(by)} with a DSA key of ${bits} bits, an algorithm that has been given up`,
    remedy: () =>
      'Ask the maintainers to sign with an RSA or Ed25519 key. An administrator can accept such keys with strictRules dsa: accept.',
  },
  'signature-rsa-below-2048': {
    consequence: 'failed',
    responsible: 'chart maintainer',
    sentence: (subject, { bits, ...by }) =>
      `${subject} is signed by ${signer(by)} with an RSA key of only ${bits} bits`,
    remedy: () =>
      'Ask the maintainers to sign with a longer key. An administrator can accept such keys with strictRules rsaBelow2048: accept.',
  },
  'key-revoked': {
    consequence: 'failed',
    responsible: 'chart maintainer',
    sentence: (subject, { reason, ...by }) =>
      `${subject} is signed by ${signer(by)} with a key that is revoked (${reason})`,
    remedy: () => 'Ask the maintainers for a chart that is signed with their present key.',
  },
  'key-subkey-revoked': {
    consequence: 'failed',
    responsible: 'chart maintainer',
    sentence: (subject, { subkey, reason, ...by }) =>
      `${subject} is signed by ${signer(by)} with the subkey ${subkey}, which is revoked (${reason})`,
    remedy: () => 'Ask the maintainers for a chart that is signed with their present subkey.',
  },
  'key-user-id-revoked': {
    consequence: 'failed',
    responsible: 'chart maintainer',
    sentence: (subject, by) => `${subject} is signed by ${signer(by)}, a user ID that its key has revoked`,
    remedy: () =>
      'If the key has a new user ID, replace it in the key ring by its current export. If not, ask the maintainers for a chart that is signed with their present key.',
  },
  'key-expired': {
    consequence: 'failed',
    responsible: 'chart maintainer',
    sentence: (subject, { expiredAt, ...by }) =>
      `${subject} is signed by ${signer(by)} with a key that expired at ${expiredAt}`,
    remedy: ({ fingerprint }) =>
      `If the owner has extended the key, a platform administrator replaces it in argocd-gpg-keys-cm by the extended one (\`gpg --armor --export ${fingerprint}\`). If not, ask for a chart that is signed with a valid key.`,
  },
  'key-subkey-expired': {
    consequence: 'failed',
    responsible: 'chart maintainer',
    sentence: (subject, { subkey, expiredAt, ...by }) =>
      `${subject} is signed by ${signer(by)} with the subkey ${subkey}, which expired at ${expiredAt}`,
    remedy: ({ fingerprint }) =>
      `If the owner has extended the subkey, a platform administrator replaces the key in argocd-gpg-keys-cm by the extended one (\`gpg --armor --export ${fingerprint}\`). If not, ask for a chart that is signed with a valid one.`,
  },
  'key-not-yet-valid': {
    consequence: 'failed',
    responsible: 'chart maintainer',
    sentence: (subject, { createdAt, ...by }) =>
      `${subject} is signed by ${signer(by)} with a key that is dated in the future (${createdAt})`,
    remedy: () => 'Check the clocks of the machine that made the key and of this one.',
  },
  'key-self-signature-out-of-time': {
    consequence: 'failed',
    responsible: 'chart maintainer',
    sentence: (subject, by) =>
      `${subject} is signed by ${signer(by)} with a key whose own signature has expired or is dated in the future`,
    remedy: () => 'Replace the key in the key ring by its current export.',
  },
  'signer-not-trusted': {
    consequence: 'failed',
    responsible: 'platform administrator',
    compares: 'signer',
    sentence: (subject, { fingerprint, userId }) =>
      `${subject} is signed by ${signer({ fingerprint, userId })}, a key that the policy does not list`,
    remedy: ({ actual }) =>
      `If charts of this repository may be signed by this key, add ${actual} to the keys of the policy. If not, treat the chart as not theirs.`,
  },
};

function signer({ fingerprint, userId }: Signed): string {
  return userId === '' ? fingerprint : `"${userId}" (${fingerprint})`;
}
