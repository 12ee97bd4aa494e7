import type { ProblemEntries } from '../problem.ts';

/**
 * Problems of cosign signatures, and of the keys, identities and trust roots that judge them. Texts that somebody
 * else wrote have been capped and stripped of control characters. A `reason` completes "… it".
 */
export type CosignProblems = {
  'cosign-key-unreadable': { readonly name: string; readonly reason: string };
  'cosign-key-private': { readonly name: string };
  'cosign-key-certificate': { readonly name: string };
  'cosign-key-unsupported': { readonly name: string; readonly algorithm: string };
  'cosign-key-weak': { readonly name: string; readonly algorithm: string };
  'identity-invalid': { readonly field: 'issuer' | 'subject'; readonly value: string; readonly reason: string };

  'trust-root-unreadable': { readonly name: string; readonly reason: string };
  'trust-root-missing': Readonly<Record<never, never>>;
  /** One log of a trust root. */
  'trust-root-log-without-start': { readonly name: string; readonly log: string };
  /** One part of a trust root. */
  'trust-root-entry-unusable': { readonly name: string; readonly entry: string; readonly reason: string };
  'trust-root-expired': { readonly name: string; readonly kind: string; readonly since: string };
  /** `path` leads to the place in trusted_root.json. */
  'trust-root-base64': { readonly name: string; readonly path: string };
  'trust-root-field-unknown': { readonly name: string; readonly path: string; readonly known: readonly string[] };
  'trust-root-key-type': {
    readonly name: string;
    readonly path: string;
    readonly expected: string;
    readonly actual: string;
  };
  'trust-root-log-id': {
    readonly name: string;
    readonly log: string;
    readonly expected: string;
    readonly actual: string;
  };
  /** `expected` is the origin in the URL; `reason` completes "the ID …". */
  'trust-root-log-origin': {
    readonly name: string;
    readonly log: string;
    readonly expected: string;
    readonly reason: string;
  };
  /** `reason` says what does not verify then. */
  'trust-root-list-empty': { readonly name: string; readonly field: string; readonly reason: string };
  'trust-root-window-open': { readonly name: string; readonly entry: string };
  /** `checkedAt` null: the root that came with this version. `reason` is a problem's code. */
  'trust-root-stale': {
    readonly name: string;
    readonly checkedAt: string | null;
    readonly since: string;
    readonly reason: string;
  };
  /** `reason` completes "the TUF mirror …". */
  'trust-root-mirror-invalid': { readonly reason: string };

  'oci-unsigned': Readonly<Record<never, never>>;
  /** `types` are predicate types of in-toto statements. */
  'oci-attestations-only': { readonly types: readonly string[] };
  'signatures-too-many': { readonly limit: number };
  /** Beside one that is accepted. `codes` say why. */
  'other-signatures-refused': { readonly count: number; readonly codes: readonly string[] };
  'signature-form-unsupported': { readonly form: string };
  'bundle-version-unsupported': { readonly mediaType: string };

  'bundle-unreadable': { readonly reason: string };
  'legacy-unreadable': { readonly reason: string };
  'bundle-payload-type': { readonly expected: string; readonly actual: string };
  'bundle-signs-a-file': Readonly<Record<never, never>>;
  'file-needed': Readonly<Record<never, never>>;
  'simple-signing-unreadable': { readonly reason: string };
  'simple-signing-type': { readonly expected: string; readonly actual: string };
  'statement-unreadable': { readonly reason: string };
  'statement-type': { readonly expected: string; readonly actual: string };
  'statement-predicate': { readonly expected: string; readonly actual: string };

  /** `expected` are key names. */
  'signed-by-certificate': { readonly expected: string; readonly actual: string };
  'signed-by-key': { readonly expected: string; readonly actual: string };
  'cosign-key-mismatch': { readonly expected: string; readonly actual: string };
  'cosign-digest-algorithm': { readonly key: string; readonly expected: string; readonly actual: string };
  /** By a key or certificate that is known. */
  'cosign-signature-invalid': { readonly signer: string };
  'cosign-ed25519-invalid': { readonly keys: string };

  'signed-other-artifact': { readonly expected: string; readonly actual: string };
  'claim-missing': { readonly claim: string; readonly expected: string };
  'claim-mismatch': { readonly claim: string; readonly expected: string; readonly actual: string };
  'claim-needs-tag': { readonly claim: string; readonly template: string };

  'certificate-unreadable': { readonly reason: string };
  'certificate-critical-extension': { readonly extension: string };
  'certificate-purpose': { readonly expected: string; readonly actual: string };
  'certificate-untrusted': Readonly<Record<never, never>>;
  'certificate-outside-validity': { readonly expected: string; readonly actual: string };
  'certificate-timestamp-missing': Readonly<Record<never, never>>;
  'certificate-timestamp-invalid': Readonly<Record<never, never>>;
  'evidence-malformed': Readonly<Record<never, never>>;
  'trusted-time-missing': Readonly<Record<never, never>>;
  'timestamp-invalid': { readonly reason: string };
  'identity-mismatch': { readonly expected: string; readonly actual: string };
  'issuer-mismatch': { readonly expected: string; readonly actual: string };
  /** An expression that matches a part: what cosign would have accepted. */
  'identity-matches-part': { readonly field: 'issuer' | 'subject'; readonly expected: string; readonly actual: string };

  'log-entry-missing': Readonly<Record<never, never>>;
  'log-entry-invalid': { readonly reason: string };
  'log-entry-kind': { readonly kind: string };
  'log-entry-of-other-signature': { readonly part: 'signature' | 'key' | 'payload' | 'content' };
  'log-unknown': { readonly log: string };
  'log-outside-validity': { readonly log: string; readonly time: string };
};

const NOT_THEIRS =
  'If it was not signed by who you expect, treat it as not theirs. If it was, have it signed again with a current cosign.';
const SIGN_AGAIN =
  'Have the artifact signed again with a current cosign, and report the broken signature to its owner.';
const SUSPECT = 'Treat the artifact as tampered with until its owner has explained it and signed it again.';
const KEY_ENTRY = 'Put one public key in PEM, as "cosign public-key" prints it, in the entry of argocd-cosign-keys-cm.';

export const cosignProblems: ProblemEntries<CosignProblems> = {
  'cosign-key-unreadable': {
    consequence: 'indeterminate',
    responsible: 'platform administrator',
    sentence: (subject, { name, reason }) => `${subject} could not be checked: the cosign key "${name}" ${reason}`,
    remedy: () => KEY_ENTRY,
  },
  'cosign-key-private': {
    consequence: 'indeterminate',
    responsible: 'platform administrator',
    sentence: (subject, { name }) => `${subject} could not be checked: the cosign key "${name}" is a private key`,
    remedy: () =>
      `Remove it from argocd-cosign-keys-cm and treat it as leaked: make a new key pair and sign again. ${KEY_ENTRY}`,
  },
  'cosign-key-certificate': {
    consequence: 'indeterminate',
    responsible: 'platform administrator',
    sentence: (subject, { name }) =>
      `${subject} could not be checked: the cosign key "${name}" is a certificate, not a public key`,
    remedy: () =>
      'For keyless signatures, write issuer and subject of the certificate under "identities" instead. For a key that was certified, put its public key there ("openssl x509 -pubkey -noout").',
  },
  'cosign-key-unsupported': {
    consequence: 'indeterminate',
    responsible: 'platform administrator',
    sentence: (subject, { name, algorithm }) =>
      `${subject} could not be checked: the cosign key "${name}" is of an unsupported kind (${algorithm})`,
    remedy: () => 'Use RSA of 2048 to 8192 bits, ECDSA on P-256, P-384 or P-521, or Ed25519.',
  },
  'cosign-key-weak': {
    consequence: 'indeterminate',
    responsible: 'platform administrator',
    sentence: (subject, { name, algorithm }) =>
      `${subject} could not be checked: the cosign key "${name}" is too weak to be trusted (${algorithm})`,
    remedy: () => 'Replace it by an RSA key of at least 2048 bits or an ECDSA key, and sign again.',
  },
  'identity-invalid': {
    consequence: 'indeterminate',
    responsible: 'platform administrator',
    sentence: (subject, { value, reason }) =>
      `${subject} could not be checked: a wanted identity ${reason}${value === '' ? '' : ` ("${value}")`}`,
    remedy: () =>
      'Write exactly one of issuer and issuerRegExp, and one of subject and subjectRegExp; expressions are RE2 and match the whole text.',
  },
  'trust-root-unreadable': {
    consequence: 'indeterminate',
    responsible: 'platform administrator',
    sentence: (subject, { name, reason }) => `${subject} could not be checked: the trust root "${name}" ${reason}`,
    remedy: ({ name }) =>
      `Put a trusted_root.json of Sigstore's format in the entry "${name}" of argocd-sigstore-trusted-root-cm.`,
  },
  'trust-root-missing': {
    consequence: 'indeterminate',
    responsible: 'platform administrator',
    sentence: (subject) =>
      `${subject} could not be checked: there is no trust root to check certificates and logs with`,
    remedy: () => 'Name a trustRoot in the policy. With keys alone, "transparencyLog: optional" needs none.',
  },
  'trust-root-log-without-start': {
    consequence: 'warning',
    responsible: 'platform administrator',
    sentence: (subject, { name, log }) =>
      `${subject} is checked without the log ${log} of the trust root "${name}", which has no start of validity`,
    remedy: () => 'Add publicKey.validFor.start to the log in trusted_root.json.',
  },
  'trust-root-entry-unusable': {
    consequence: 'warning',
    responsible: 'platform administrator',
    sentence: (subject, { name, entry, reason }) =>
      `${subject} is checked without "${entry}" of the trust root "${name}", which ${reason}`,
    remedy: () => 'Correct the entry in trusted_root.json, or remove it.',
  },
  'trust-root-expired': {
    consequence: 'warning',
    responsible: 'platform administrator',
    sentence: (subject, { name, kind, since }) =>
      `${subject} is checked with the trust root "${name}", of which no ${kind} has been valid since ${since}`,
    remedy: () => 'Update the trust root: what is signed from now on will not verify with it.',
  },
  'trust-root-base64': {
    consequence: 'warning',
    responsible: 'platform administrator',
    sentence: (subject, { name, path }) =>
      `${subject} is checked with the trust root "${name}", in which ${path} is not base64`,
    remedy: ({ path }) => `Write ${path} of trusted_root.json in standard base64, with its padding and on one line.`,
  },
  'trust-root-field-unknown': {
    consequence: 'warning',
    responsible: 'platform administrator',
    sentence: (subject, { name, path }) =>
      `${subject} is checked with the trust root "${name}", in which nobody reads ${path}`,
    remedy: ({ known }) => `Correct the name, or remove the field. Known there: ${known.join(', ')}.`,
  },
  'trust-root-key-type': {
    consequence: 'warning',
    responsible: 'platform administrator',
    compares: 'type of key',
    sentence: (subject, { name, path, expected, actual }) =>
      `${subject} is checked with the trust root "${name}", in which ${path} is said to be ${expected} and is ${actual}`,
    brief: ({ name }) => `is checked with the trust root "${name}", in which a key is not of its type`,
    remedy: ({ path }) => `Correct keyDetails of ${path} in trusted_root.json, or put the right key there.`,
  },
  'trust-root-log-id': {
    consequence: 'warning',
    responsible: 'platform administrator',
    compares: 'log ID',
    sentence: (subject, { name, log }) =>
      `${subject} is checked with the trust root "${name}", in which the ID of the log ${log} is not that of its key`,
    remedy: ({ expected }) =>
      `Write ${expected} as logId.keyId, the SHA-256 of the key, or put the log's own key there: no entry verifies by another ID.`,
  },
  'trust-root-log-origin': {
    consequence: 'warning',
    responsible: 'platform administrator',
    sentence: (subject, { name, log, expected, reason }) =>
      `${subject} is checked with the trust root "${name}", in which the ID of the log ${log} ${reason}, and not from its key and the origin ${expected}`,
    brief: ({ name, log }) => `is checked with the trust root "${name}", in which the ID of the log ${log} is wrong`,
    remedy: ({ expected }) =>
      `Find out with which origin the log was started ("--hostname" of Rekor v2, the first line of its checkpoints); if it is ${expected}, make the file anew with "cosign trusted-root create --rekor …,origin=${expected}". By another ID no entry verifies.`,
  },
  'trust-root-list-empty': {
    consequence: 'warning',
    responsible: 'platform administrator',
    sentence: (subject, { name, field, reason }) =>
      `${subject} is checked with the trust root "${name}", which has no ${field}: ${reason}`,
    remedy: ({ field }) => `Add them to ${field}, unless this Sigstore instance has none.`,
  },
  'trust-root-window-open': {
    consequence: 'warning',
    responsible: 'platform administrator',
    sentence: (subject, { name, entry }) =>
      `${subject} is checked with the trust root "${name}", which has ${entry} more than once without an end`,
    remedy: () =>
      'Give the older one validFor.end, the time at which it was replaced; without it, whoever has its key can go on using it.',
  },
  'trust-root-stale': {
    consequence: 'warning',
    responsible: 'platform administrator',
    sentence: (subject, { name, checkedAt, since, reason }) =>
      `${subject} is checked with the trust root "${name}" ${checkedAt === null ? 'that came with this version' : `of ${checkedAt}`}, since refreshing it has failed from ${since} on (${reason})`,
    brief: ({ since }) => `is checked with an old trust root, since refreshing it has failed from ${since} on`,
    remedy: () =>
      'Let Source Integrity reach the TUF mirror (--tuf-mirror), or pin a trust root with trustRoot in the policy; with "--tuf off" the one of this version counts without a word. A signature by a newer certificate authority or log does not verify until then.',
  },
  'trust-root-mirror-invalid': {
    consequence: 'indeterminate',
    responsible: 'platform administrator',
    sentence: (subject, { reason }) => `${subject} could not be checked: the TUF mirror ${reason}`,
    remedy: () =>
      'Check that --tuf-mirror and --tuf-root belong together and that nothing between changes or delays answers. If the mirror is expired or went back to an older version, its operator has to sign it anew.',
  },
  'oci-unsigned': {
    consequence: 'unsigned',
    responsible: 'application owner',
    sentence: (subject) => `${subject} has no cosign signature`,
    remedy: () =>
      'Sign it by digest with "cosign sign", or use a version that is signed. If its signatures are in another repository, name that as signatureRepository in the policy.',
  },
  'oci-attestations-only': {
    consequence: 'unsigned',
    responsible: 'application owner',
    sentence: (subject, { types }) =>
      `${subject} has attestations (${types.join(', ')}) and no signature; an attestation is never taken for one`,
    remedy: () => 'Sign it by digest with "cosign sign", beside the attestations.',
  },
  'signatures-too-many': {
    consequence: 'failed',
    responsible: 'application owner',
    sentence: (subject, { limit }) => `${subject} has more than the ${limit} signatures that are looked at`,
    remedy: () => 'Remove the superfluous ones from the registry ("cosign clean"), and sign again.',
  },
  'other-signatures-refused': {
    consequence: 'warning',
    responsible: 'application owner',
    sentence: (subject, { count, codes }) =>
      `${subject} has ${count === 1 ? 'another signature that was' : `${count} other signatures that were`} not accepted (${codes.join(', ')})`,
    remedy: () => 'One accepted signature suffices. Look at the others if you did not expect them.',
  },
  'signature-form-unsupported': {
    consequence: 'unsupported',
    responsible: 'application owner',
    sentence: (subject, { form }) => `${subject} is signed in a form that cannot be verified here (${form})`,
    remedy: () => 'Have it signed with cosign too.',
  },
  'bundle-version-unsupported': {
    consequence: 'unsupported',
    responsible: 'platform administrator',
    sentence: (subject, { mediaType }) =>
      `${subject} has a Sigstore bundle of a version that cannot be verified here (${mediaType})`,
    remedy: () => 'Update Source Integrity, or have the artifact signed with a bundle of version 0.3.',
  },
  'bundle-unreadable': {
    consequence: 'failed',
    responsible: 'application owner',
    sentence: (subject, { reason }) => `${subject} has a signature bundle that cannot be read: it ${reason}`,
    remedy: () => SIGN_AGAIN,
  },
  'legacy-unreadable': {
    consequence: 'failed',
    responsible: 'application owner',
    sentence: (subject, { reason }) => `${subject} has a signature that cannot be read: it ${reason}`,
    remedy: () => SIGN_AGAIN,
  },
  'bundle-payload-type': {
    consequence: 'failed',
    responsible: 'application owner',
    compares: 'payload type',
    sentence: (subject, { actual, expected }) =>
      `${subject} has a bundle with a payload of the type "${actual}" instead of "${expected}"`,
    remedy: () => SIGN_AGAIN,
  },
  'bundle-signs-a-file': {
    consequence: 'failed',
    responsible: 'application owner',
    sentence: (subject) =>
      `${subject} has a bundle that signs a file, which is no signature of an artifact in a registry`,
    remedy: () => 'Sign the artifact by digest with "cosign sign"; "cosign sign-blob" is for files.',
  },
  'file-needed': {
    consequence: 'indeterminate',
    responsible: 'application owner',
    sentence: (subject) =>
      `${subject} could not be checked: its signature is over the file itself, and only a digest was given`,
    remedy: () => 'Give the file instead of its digest.',
  },
  'simple-signing-unreadable': {
    consequence: 'failed',
    responsible: 'application owner',
    sentence: (subject, { reason }) => `${subject} is signed with a payload that cannot be read: it ${reason}`,
    remedy: () => SIGN_AGAIN,
  },
  'simple-signing-type': {
    consequence: 'failed',
    responsible: 'application owner',
    compares: 'payload type',
    sentence: (subject, { actual, expected }) =>
      `${subject} is signed with a payload of the type "${actual}" instead of "${expected}"`,
    remedy: () =>
      'Have the artifact signed with "cosign sign"; other payloads by the same key are no signatures of it.',
  },
  'statement-unreadable': {
    consequence: 'failed',
    responsible: 'application owner',
    sentence: (subject, { reason }) => `${subject} is signed with a statement that cannot be read: it ${reason}`,
    remedy: () => SIGN_AGAIN,
  },
  'statement-type': {
    consequence: 'failed',
    responsible: 'application owner',
    compares: 'statement type',
    sentence: (subject, { actual, expected }) =>
      `${subject} is signed with a statement of the type "${actual}" instead of "${expected}"`,
    remedy: () => SIGN_AGAIN,
  },
  'statement-predicate': {
    consequence: 'failed',
    responsible: 'application owner',
    compares: 'predicate type',
    sentence: (subject, { actual, expected }) =>
      `${subject} is signed with a statement of the predicate type "${actual}" instead of "${expected}"`,
    remedy: () => 'Sign it by digest with "cosign sign"; other statements by the same key are no signatures of it.',
  },
  'signed-by-certificate': {
    consequence: 'failed',
    responsible: 'platform administrator',
    compares: 'signer',
    sentence: (subject, { actual, expected }) =>
      `${subject} is signed with a certificate that names ${actual}, and the policy trusts only keys (${expected})`,
    remedy: () =>
      'If the artifact is signed keyless on purpose, add issuer and subject under "identities" in the policy.',
  },
  'signed-by-key': {
    consequence: 'failed',
    responsible: 'platform administrator',
    compares: 'signer',
    sentence: (subject, { actual, expected }) =>
      `${subject} is signed by a key (${actual}), and the policy trusts only identities (${expected})`,
    remedy: () =>
      'If the artifact is signed by a key on purpose, add its public key to argocd-cosign-keys-cm and its name under "keys" in the policy.',
  },
  'cosign-key-mismatch': {
    consequence: 'failed',
    responsible: 'platform administrator',
    compares: 'signer',
    sentence: (subject, { expected }) =>
      `${subject} is not signed by ${expected}: the signature is by another key, or was changed afterwards`,
    remedy: () =>
      `If the maintainers really use another key, add it to argocd-cosign-keys-cm and to the policy. If not, treat the artifact as not theirs.`,
  },
  'cosign-digest-algorithm': {
    consequence: 'failed',
    responsible: 'platform administrator',
    compares: 'digest algorithm',
    sentence: (subject, { key, expected, actual }) =>
      `${subject} is signed by the key "${key}" over a ${actual} digest, and the policy expects ${expected}`,
    remedy: ({ actual }) =>
      `Set "digestAlgorithm: ${actual.toLowerCase().replace('-', '')}" in the policy: cosign signs so with keys on P-384 and P-521, and verifies SHA-256 unless told.`,
  },
  'cosign-signature-invalid': {
    consequence: 'failed',
    responsible: 'application owner',
    sentence: (subject, { signer }) =>
      `${subject} has a signature that names ${signer} and does not verify: the signature or what it signs was changed`,
    remedy: () => SUSPECT,
  },
  'cosign-ed25519-invalid': {
    consequence: 'failed',
    responsible: 'application owner',
    sentence: (subject, { keys }) => `${subject} has a signature that the Ed25519 key ${keys} does not verify`,
    remedy: () =>
      'What "cosign sign" makes with Ed25519 (Ed25519ph) does not verify with "cosign verify" either: use an ECDSA key for registries. If it was made otherwise, treat it as not theirs.',
  },
  'signed-other-artifact': {
    consequence: 'failed',
    responsible: 'application owner',
    compares: 'digest',
    sentence: (subject, { expected, actual }) =>
      `${subject} carries a signature of another artifact: it is ${expected}, and ${actual} was signed`,
    remedy: () =>
      'A signature was copied from another artifact, or a tag was moved after signing. Find out which; deploy the signed digest, or have this one signed.',
  },
  'claim-missing': {
    consequence: 'failed',
    responsible: 'application owner',
    sentence: (subject, { claim, expected }) =>
      `${subject} is signed without the claim "${claim}", which has to be "${expected}"`,
    remedy: ({ claim, expected }) =>
      `Sign it with "cosign sign -a ${claim}=${expected}", or drop the claim from the policy.`,
  },
  'claim-mismatch': {
    consequence: 'failed',
    responsible: 'application owner',
    compares: 'claim',
    sentence: (subject, { claim, expected, actual }) =>
      `${subject} is signed with the claim "${claim}" being "${actual}" instead of "${expected}"`,
    remedy: () =>
      'The signature was made for another place, tag or purpose: an artifact that was copied or re-tagged. Deploy what was signed for here.',
  },
  'claim-needs-tag': {
    consequence: 'failed',
    responsible: 'application owner',
    sentence: (subject, { claim, template }) =>
      `${subject} is asked for by digest, and the policy wants the claim "${claim}" to be "${template}"`,
    remedy: () => 'Deploy it by tag, or drop the tag from the claim in the policy.',
  },
  'certificate-unreadable': {
    consequence: 'failed',
    responsible: 'application owner',
    sentence: (subject, { reason }) => `${subject} is signed with a certificate that cannot be used: it ${reason}`,
    remedy: () => SIGN_AGAIN,
  },
  'certificate-critical-extension': {
    consequence: 'failed',
    responsible: 'application owner',
    sentence: (subject, { extension }) =>
      `${subject} is signed with a certificate that has a critical extension of unknown meaning (${extension})`,
    remedy: () => SIGN_AGAIN,
  },
  'certificate-purpose': {
    consequence: 'failed',
    responsible: 'application owner',
    compares: 'purpose of the certificate',
    sentence: (subject, { actual }) =>
      `${subject} is signed with a certificate that is not for signing code (its extended key usage is ${actual})`,
    remedy: () => NOT_THEIRS,
  },
  'certificate-untrusted': {
    consequence: 'failed',
    responsible: 'platform administrator',
    sentence: (subject) =>
      `${subject} is signed with a certificate that no authority of the trust root has issued, or not for that time`,
    remedy: () =>
      'If the artifact is signed with another Sigstore instance, name its trust root as trustRoot in the policy. If not, treat it as not theirs.',
  },
  'certificate-outside-validity': {
    consequence: 'failed',
    responsible: 'application owner',
    compares: 'time of signing',
    sentence: (subject, { expected, actual }) =>
      `${subject} was signed at ${actual}, when the certificate was not valid (${expected})`,
    remedy: () => NOT_THEIRS,
  },
  'certificate-timestamp-missing': {
    consequence: 'failed',
    responsible: 'platform administrator',
    sentence: (subject) => `${subject} is signed with a certificate that is in no certificate transparency log`,
    remedy: () =>
      'For a private Fulcio without such a log, set "certificateTransparency: optional" in the policy. Otherwise treat the artifact as not theirs.',
  },
  'certificate-timestamp-invalid': {
    consequence: 'failed',
    responsible: 'platform administrator',
    sentence: (subject) =>
      `${subject} is signed with a certificate whose transparency log is not that of the trust root, or has not signed for it`,
    remedy: () =>
      'If the log is trusted, add it to "ctlogs" of the trust root. If not, treat the artifact as not theirs.',
  },
  'evidence-malformed': {
    consequence: 'failed',
    responsible: 'application owner',
    sentence: (subject) => `${subject} has a signature with malformed log entries, timestamps or certificates`,
    remedy: () => SIGN_AGAIN,
  },
  'trusted-time-missing': {
    consequence: 'failed',
    responsible: 'application owner',
    sentence: (subject) =>
      `${subject} is signed keyless, and nothing trusted says when: no log entry with a time, no timestamp`,
    remedy: () => 'Sign with a log or with a timestamp authority ("--timestamp-server-url") that the trust root knows.',
  },
  'timestamp-invalid': {
    consequence: 'failed',
    responsible: 'platform administrator',
    sentence: (subject, { reason }) => `${subject} has a signed timestamp that does not verify (${reason})`,
    remedy: () =>
      'If the timestamp authority is trusted, add it to "timestampAuthorities" of the trust root. If not, treat the artifact as not theirs.',
  },
  'identity-mismatch': {
    consequence: 'failed',
    responsible: 'platform administrator',
    compares: 'identity',
    sentence: (subject, { expected, actual }) => `${subject} is signed by "${actual}" instead of "${expected}"`,
    remedy: () =>
      'If this signer is to be trusted, add issuer and subject under "identities" in the policy. If not, treat the artifact as not theirs.',
  },
  'issuer-mismatch': {
    consequence: 'failed',
    responsible: 'platform administrator',
    compares: 'issuer',
    sentence: (subject, { expected, actual }) =>
      `${subject} is signed by an identity that "${actual}" vouched for instead of "${expected}"`,
    remedy: () =>
      'If this issuer is to be trusted, add issuer and subject under "identities" in the policy. If not, treat the artifact as not theirs.',
  },
  'identity-matches-part': {
    consequence: 'failed',
    responsible: 'platform administrator',
    compares: 'identity',
    sentence: (subject, { field, expected, actual }) =>
      `${subject} is signed with the ${field} "${actual}", of which "${expected}" matches only a part`,
    remedy: ({ field, expected }) =>
      `Expressions match the whole text here, where cosign is content with a part. If that is meant, write ".*" around it: \`${field}RegExp: ${JSON.stringify(`.*(?:${expected}).*`)}\`.`,
  },
  'log-entry-missing': {
    consequence: 'failed',
    responsible: 'platform administrator',
    sentence: (subject) => `${subject} has a signature without an entry in a transparency log`,
    remedy: () =>
      'Sign with a log, or set "transparencyLog: optional" in the policy. No log is ever asked over the network.',
  },
  'log-entry-invalid': {
    consequence: 'failed',
    responsible: 'application owner',
    sentence: (subject, { reason }) => `${subject} has a log entry that does not verify (${reason})`,
    remedy: () => SUSPECT,
  },
  'log-entry-kind': {
    consequence: 'failed',
    responsible: 'application owner',
    sentence: (subject, { kind }) => `${subject} has a log entry of a kind that is not for such a signature (${kind})`,
    remedy: () => SIGN_AGAIN,
  },
  'log-entry-of-other-signature': {
    consequence: 'failed',
    responsible: 'application owner',
    sentence: (subject, { part }) => `${subject} has a log entry with another ${part} than the signature beside it`,
    remedy: () => SUSPECT,
  },
  'log-unknown': {
    consequence: 'failed',
    responsible: 'platform administrator',
    sentence: (subject, { log }) => `${subject} has an entry in a log that the trust root does not know (${log})`,
    remedy: () =>
      'If the log is trusted, add it to "tlogs" of the trust root. If not, treat the artifact as not theirs.',
  },
  'log-outside-validity': {
    consequence: 'failed',
    responsible: 'platform administrator',
    sentence: (subject, { log, time }) =>
      `${subject} has an entry in the log ${log}, whose key was not valid at the time of signing (${time})`,
    remedy: () => 'Check the validity of the log in the trust root; if it is right, have the artifact signed again.',
  },
};
