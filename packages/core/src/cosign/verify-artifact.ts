import { entryOf, problem } from '../verdict/catalogue.ts';
import type { Problem } from '../verdict/problem.ts';
import { quotable } from '../verdict/quotable.ts';
import {
  type Check,
  type CosignSigner,
  isNonEmpty,
  type Location,
  type NonEmpty,
  type Observation,
} from '../verdict/verdict.ts';
import type { Candidate, SignaturePlace } from './candidate.ts';
import { LIMITS } from './limits.ts';
import type { CosignRequirement, SignedArtifact } from './requirement.ts';
import type { SignatureOutcome } from './verification.ts';
import { verifySignature } from './verify-signature.ts';

/** What one candidate came to. */
type CandidateOutcome = { readonly place: SignaturePlace } & (
  | SignatureOutcome
  | { readonly outcome: 'not-a-signature'; readonly artifactType: string }
  | { readonly outcome: 'unsupported'; readonly problem: Problem }
  | { readonly outcome: 'unreadable'; readonly problem: Problem }
);

export interface ArtifactVerdict {
  readonly observation: Observation;
  /** Every candidate that was looked at, in order; it ends with the first that is accepted. */
  readonly candidates: readonly CandidateOutcome[];
}

/** Forms of signatures that are known and cannot be verified here. */
const KNOWN_FORMS: ReadonlyMap<string, string> = new Map([
  ['application/vnd.cncf.notary.signature', 'Notation'],
  ['application/vnd.cncf.notary.v2.signature', 'Notation'],
  ['application/vnd.dev.cosign.simplesigning.v1+json;encrypted', 'encrypted cosign'],
]);

/**
 * Whether any one of the candidates is a signature of the artifact by whom the requirement trusts. Bundles of others,
 * attestations and unreadable ones beside it do not spoil it – cosign stops at them.
 *
 * @param searched where was looked, of which at least one place is named whenever there are no candidates
 */
export function verifyArtifact(
  artifact: SignedArtifact,
  candidates: readonly Candidate[],
  searched: NonEmpty<Location>,
  requirement: CosignRequirement,
  now: Date,
): ArtifactVerdict {
  if (candidates.length > LIMITS.candidates) {
    const excess = problem('signatures-too-many', { limit: LIMITS.candidates });
    return { observation: failure(artifact, [excess], [], notFound(excess)), candidates: [] };
  }
  const outcomes: CandidateOutcome[] = [];
  for (const candidate of candidates) {
    const outcome = judge(candidate, artifact, requirement, now);
    outcomes.push({ place: candidate.place, ...outcome });
    if (outcome.outcome === 'accepted') {
      const { signer, checks } = outcome;
      const warnings = othersRefused(outcomes);
      const { digest } = artifact;
      return { observation: { status: 'verified', digest, signers: [signer], checks, warnings }, candidates: outcomes };
    }
  }
  return { observation: withoutAccepted(artifact, outcomes, searched), candidates: outcomes };
}

function judge(
  candidate: Candidate,
  artifact: SignedArtifact,
  requirement: CosignRequirement,
  now: Date,
): Unplaced<CandidateOutcome> {
  switch (candidate.format) {
    case 'bundle':
    case 'legacy':
      return verifySignature(candidate, artifact, requirement, now);
    case 'attestation':
      return { outcome: 'attestation', predicateType: quotable(candidate.predicateType ?? 'of unknown type') };
    case 'unreadable':
      return { outcome: 'unreadable', problem: candidate.problem };
    case 'unknown': {
      const form = KNOWN_FORMS.get(candidate.artifactType);
      return form === undefined
        ? { outcome: 'not-a-signature', artifactType: quotable(candidate.artifactType) }
        : { outcome: 'unsupported', problem: problem('signature-form-unsupported', { form }) };
    }
  }
}

type Unplaced<T> = T extends unknown ? Omit<T, 'place'> : never;

/**
 * The verdict where none was accepted. Whatever could not be looked at makes it indeterminate, since the good one
 * may be there; a signature that is refused outranks a form that is not supported, and both an absence.
 */
function withoutAccepted(
  artifact: SignedArtifact,
  outcomes: readonly CandidateOutcome[],
  searched: NonEmpty<Location>,
): Observation {
  const refusals = outcomes
    .filter((outcome) => outcome.outcome === 'refused')
    .toSorted((one, other) => other.passed - one.passed);
  const unreadable = outcomes.flatMap((outcome) => (outcome.outcome === 'unreadable' ? [outcome.problem] : []));
  const unsupported = outcomes.flatMap((outcome) => (outcome.outcome === 'unsupported' ? [outcome.problem] : []));
  const problems = distinct([...refusals.flatMap((refusal) => refusal.problems), ...unreadable, ...unsupported]);

  const unknown = problems.filter((problem) => consequenceOf(problem) === 'indeterminate');
  const failed = problems.filter((problem) => !['indeterminate', 'unsupported'].includes(consequenceOf(problem)));
  const others = problems.filter((problem) => consequenceOf(problem) === 'unsupported');
  const [closest] = refusals;
  if (isNonEmpty(unknown)) {
    const checks = closest?.checks ?? notFound(unknown[0]);
    return { status: 'indeterminate', problems: [...unknown, ...failed, ...others], checks: asErrors(checks) };
  }
  if (isNonEmpty(failed)) {
    const signers = refusals.flatMap(({ signer }) => (signer === null ? [] : [signer]));
    return failure(artifact, [...failed, ...others], signers, closest?.checks ?? notFound(failed[0]));
  }
  if (isNonEmpty(others)) {
    return { status: 'unsupported', problems: others, checks: closest?.checks ?? notFound(others[0]) };
  }
  const types = [...new Set(outcomes.flatMap((one) => (one.outcome === 'attestation' ? [one.predicateType] : [])))];
  const absence =
    types.length === 0 ? problem('oci-unsigned', {}) : problem('oci-attestations-only', { types: types.slice(0, 8) });
  return { status: 'unsigned', digest: artifact.digest, problems: [absence], searched, checks: notFound(absence) };
}

function failure(
  { digest }: SignedArtifact,
  problems: NonEmpty<Problem>,
  signers: readonly CosignSigner[],
  checks: Check[],
): Observation {
  return { status: 'failed', digest, problems, signers: [...signers], checks, warnings: [] };
}

function consequenceOf({ code }: Problem): string {
  return entryOf(code)?.consequence ?? 'indeterminate';
}

function distinct(problems: readonly Problem[]): Problem[] {
  return [...new Map(problems.map((problem) => [JSON.stringify(problem), problem])).values()];
}

/** The checks where there was nothing to check. */
function notFound(problem: Problem): Check[] {
  const skipped = ['signature-valid', 'signer-trusted', 'artifact-integrity', 'transparency-log'] as const;
  return [
    { id: 'signature-found', outcome: 'failed', problem },
    ...skipped.map((id): Check => ({ id, outcome: 'skipped', reason: 'earlier-check-failed' })),
  ];
}

/** A check that failed for what is not known is an error, not a failure. */
function asErrors(checks: readonly Check[]): Check[] {
  return checks.map((check) =>
    check.outcome === 'failed' && consequenceOf(check.problem) === 'indeterminate'
      ? { ...check, outcome: 'error' }
      : check,
  );
}

function othersRefused(outcomes: readonly CandidateOutcome[]): Problem[] {
  const codes = outcomes.flatMap((outcome) => {
    if (outcome.outcome === 'refused') return [outcome.problems[0].code];
    return outcome.outcome === 'unreadable' ? [outcome.problem.code] : [];
  });
  if (codes.length === 0) return [];
  return [problem('other-signatures-refused', { count: codes.length, codes: [...new Set(codes)].slice(0, 8) })];
}
