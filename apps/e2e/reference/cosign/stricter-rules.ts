import type { CaseClass } from './classes.ts';

interface Rule {
  /** What is refused here and accepted by cosign 3.1.3, and why. */
  readonly because: string;
  /** The problems by which it is refused. */
  readonly codes: readonly string[];
  /** The classes of cases that may run into it. */
  readonly classes: readonly CaseClass[];
}

/** Every rule by which we refuse what `cosign verify` 3.1.3 accepts. Any other refusal of ours is a mistake. */
export const STRICTER_RULES = {
  'an attestation is no signature': {
    because: 'any statement by a trusted key would do otherwise: an SBOM, a scan, a provenance',
    codes: ['oci-attestations-only', 'statement-predicate'],
    classes: ['written by cosign', 'not a signature', 'statements'],
  },
  'statements are in-toto statements v1': {
    because: 'another type of statement may mean something else by the same members',
    codes: ['statement-type'],
    classes: ['statements'],
  },
  'payloads have their type': {
    because: 'what else a key has signed is no signature of an artifact',
    codes: ['simple-signing-type'],
    classes: ['legacy payloads'],
  },
  'JSON means one thing': {
    because: 'names that come twice or in another case are read differently by different readers',
    codes: ['simple-signing-unreadable', 'statement-unreadable', 'bundle-unreadable'],
    classes: ['legacy payloads', 'statements', 'bundle forms', 'tampered by key', 'tampered keyless'],
  },
  'layers have their media type': {
    because: 'a layer says what it is; cosign takes any with its annotation',
    codes: ['legacy-unreadable'],
    classes: ['legacy payloads', 'tampered by key', 'tampered keyless'],
  },
  'expressions match the whole text': {
    because: 'a part of an identity is not the identity',
    codes: ['identity-matches-part'],
    classes: ['identities'],
  },
  'what is there has to verify': {
    because: 'a wrong log entry, timestamp or index beside a signature is a sign of tampering, wanted or not',
    codes: [
      'log-entry-invalid',
      'log-entry-kind',
      'log-entry-of-other-signature',
      'log-unknown',
      'log-outside-validity',
      'timestamp-invalid',
      'certificate-timestamp-invalid',
      'evidence-malformed',
      'bundle-unreadable',
      'legacy-unreadable',
    ],
    classes: ['transparency log', 'certificate transparency', 'time', 'tampered by key', 'tampered keyless', 'files'],
  },
  'a certificate needs a trusted time': {
    because: 'the time of looking says nothing about the time of signing',
    codes: ['trusted-time-missing'],
    classes: ['time', 'tampered keyless'],
  },
  'certificates are for signing code': {
    because: 'Go takes a certificate without a purpose for any; Fulcio always writes one',
    codes: ['certificate-purpose'],
    classes: ['certificates'],
  },
  'a certificate names one issuer': {
    because: 'of two, readers take different ones',
    codes: ['certificate-unreadable'],
    classes: ['identities'],
  },
  'a log counts only while it is valid': {
    because: 'GHSA-wqqc-jjcq-vfxm; cosign does not look at it for Rekor v2',
    codes: ['log-outside-validity'],
    classes: ['trust root'],
  },
  'an index is nothing to deploy': {
    because: 'Argo CD refuses an index for OCI sources',
    codes: ['oci-index'],
    classes: ['not a signature'],
  },
} as const satisfies Readonly<Record<string, Rule>>;

export type StricterRule = keyof typeof STRICTER_RULES;

/** The rules that a refusal by this problem, in this class, may rest on. */
export function rulesFor(code: string, caseClass: CaseClass): string[] {
  return Object.entries<Rule>(STRICTER_RULES)
    .filter(([, { codes, classes }]) => codes.includes(code) && classes.includes(caseClass))
    .map(([name]) => name);
}
