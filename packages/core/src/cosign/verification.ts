import { createHash } from 'node:crypto';
import type { TrustMaterial } from '@sigstore/verify';
import { problem } from '../verdict/catalogue.ts';
import type { Problem } from '../verdict/problem.ts';
import { quotable } from '../verdict/quotable.ts';
import type { Check, CosignSigner, NonEmpty } from '../verdict/verdict.ts';
import type { Checklist } from './checks.ts';
import { type Claims, claimsFault, readSimpleSigning, readStatement } from './claims.ts';
import type { DigestAlgorithm, KeyAlgorithm } from './key-algorithm.ts';
import { bindingFault, logEntriesOf, type ObservedSigner } from './log-entry.ts';
import { logValidityFault, proofFault } from './log-proof.ts';
import type { CosignRequirement, SignedArtifact } from './requirement.ts';
import type { SignatureMaterial } from './signature-material.ts';

export type SignatureOutcome =
  | { readonly outcome: 'accepted'; readonly signer: CosignSigner; readonly checks: Check[] }
  | {
      readonly outcome: 'refused';
      readonly problems: NonEmpty<Problem>;
      /** Who made the signature, where that much could be told. */
      readonly signer: CosignSigner | null;
      readonly checks: Check[];
      /** The number of checks that passed. */
      readonly passed: number;
    }
  | { readonly outcome: 'attestation'; readonly predicateType: string };

export interface Verification {
  readonly material: SignatureMaterial;
  readonly artifact: SignedArtifact;
  readonly requirement: CosignRequirement;
  readonly now: Date;
  readonly checks: Checklist;
  /** Where the signature is. */
  readonly place: string;
}

export function refused(checks: Checklist, id: Check['id'], problem: Problem): SignatureOutcome {
  checks.record(id, problem);
  return {
    outcome: 'refused',
    problems: checks.problems() ?? [problem],
    signer: null,
    checks: checks.list(),
    passed: checks.passed(),
  };
}

export function decided(checks: Checklist, signer: CosignSigner | null): SignatureOutcome {
  const problems = checks.problems();
  if (problems === null && signer !== null && checks.accepts()) {
    return { outcome: 'accepted', signer, checks: checks.list() };
  }
  const because: NonEmpty<Problem> = problems ?? [problem('evidence-malformed', {})];
  return { outcome: 'refused', problems: because, signer, checks: checks.list(), passed: checks.passed() };
}

/** Whether what was signed is this artifact, with the wanted claims. */
export function judgeClaims({ material: { signed }, artifact, requirement, checks }: Verification): Claims | null {
  switch (signed.kind) {
    case 'file':
      checks.record('artifact-integrity', fileFault(signed, artifact, requirement));
      return null;
    case 'simple-signing':
    case 'statement': {
      const read = signed.kind === 'statement' ? readStatement(signed.payload) : readSimpleSigning(signed.payload);
      if ('problem' in read) {
        checks.record('artifact-integrity', read.problem);
        return null;
      }
      checks.record('artifact-integrity', claimsFault(read.claims, artifact, requirement.annotations));
      return read.claims;
    }
  }
}

/** The signature covers the file itself; the digest beside it has to be the file's, or it is about something else. */
function fileFault(
  signed: Extract<SignatureMaterial['signed'], { kind: 'file' }>,
  artifact: SignedArtifact,
  { annotations }: CosignRequirement,
): Problem | null {
  const [claim] = Object.entries(annotations);
  if (claim !== undefined) return problem('claim-missing', { claim: quotable(claim[0]), expected: quotable(claim[1]) });
  const actual = `${signed.algorithm}:${signed.digest.toString('hex')}`;
  const expected = signed.content === null ? artifact.digest : digestOf(signed.algorithm, signed.content);
  if (actual !== expected) return problem('signed-other-artifact', { expected, actual: quotable(actual) });
  if (signed.content === null) return null;
  const [algorithm] = artifact.digest.split(':');
  const own = DIGEST_ALGORITHMS.find((known) => known === algorithm);
  const recomputed = own === undefined ? '' : digestOf(own, signed.content);
  return recomputed === artifact.digest
    ? null
    : problem('signed-other-artifact', { expected: artifact.digest, actual: recomputed });
}

/**
 * Whether a digest does not suffice: it is by another algorithm than the bundle's, or there is a key that signs files
 * and no digests.
 */
export function fileNeeded(
  { material: { signed }, artifact }: Verification,
  algorithms: readonly KeyAlgorithm[],
): Problem | null {
  if (signed.kind !== 'file') return null;
  if (artifact.kind === 'oci') return problem('bundle-signs-a-file', {});
  if (signed.content !== null) return null;
  const suffices =
    artifact.digest.startsWith(`${signed.algorithm}:`) && algorithms.every(({ kind }) => kind !== 'ed25519');
  return suffices ? null : problem('file-needed', {});
}

export function judgeMissingEntry({ checks, requirement }: Verification): void {
  if (requirement.transparencyLog === 'required') checks.record('transparency-log', problem('log-entry-missing', {}));
  else checks.skip('transparency-log', 'does-not-apply');
}

/** What `@sigstore/verify` does not look at in log entries; null for nothing wrong. */
export function entriesFault(
  { material, now }: Verification,
  root: TrustMaterial,
  signer: ObservedSigner,
  observed: readonly Date[],
): Problem | null {
  for (const entry of logEntriesOf(material.evidence)) {
    const fault =
      bindingFault(entry, material, signer) ??
      proofFault(entry, root.tlogs) ??
      logValidityFault(entry, root.tlogs, observed, now);
    if (fault !== null) return fault;
  }
  return null;
}

export const DIGEST_ALGORITHMS: readonly DigestAlgorithm[] = ['sha256', 'sha384', 'sha512'];

function digestOf(algorithm: DigestAlgorithm, bytes: Uint8Array): string {
  return `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}`;
}

export function earliest(times: readonly Date[]): string | null {
  const first = Math.min(...times.map((time) => time.getTime()));
  return Number.isFinite(first) ? new Date(first).toISOString() : null;
}
