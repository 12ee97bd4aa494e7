import type { ClearSigned } from '../pgp/clearsign.ts';
import { type KeyReference, matchesSigner } from '../pgp/key-reference.ts';
import type { Keyring } from '../pgp/keyring.ts';
import { decideSignature, type SignatureDecision } from '../pgp/signature-decision.ts';
import type { OtherSignature } from '../pgp/signature-selection.ts';
import { entryOf, problem } from '../verdict/catalogue.ts';
import type { Consequence, Problem } from '../verdict/problem.ts';
import { quotable } from '../verdict/quotable.ts';
import {
  type Check,
  type CheckId,
  type Digest,
  isNonEmpty,
  type Location,
  type NonEmpty,
  type Observation,
  type PgpSigner,
  type SkipReason,
} from '../verdict/verdict.ts';
import type { ChartMetadata } from './chart-metadata.ts';
import { type ArtifactJudgement, type ArtifactQuestion, judgeArtifact, metadataOf } from './judge-artifact.ts';
import { describeOtherFile } from './not-a-provenance-file.ts';
import { MAX_PROVENANCE_BYTES, type ProvenanceDocumentOutcome } from './provenance-document.ts';
import { readProvenance } from './provenance-reading.ts';

/** What was found where a chart's provenance file should be. */
export type ProvenanceEvidence =
  | { readonly state: 'found'; readonly location: string; readonly bytes: Uint8Array }
  /** A definite "not there". */
  | { readonly state: 'absent'; readonly searched: NonEmpty<Location> }
  /** It could not be told. */
  | { readonly state: 'unknown'; readonly problem: Problem };

/** Whose signature counts: any key's of the ring, or one of each list (a list for each policy that must hold). */
export type Trust = 'any-key' | NonEmpty<readonly KeyReference[]>;

export interface ChartQuestion extends ArtifactQuestion {
  readonly provenance: ProvenanceEvidence;
  readonly keyring: Keyring;
  readonly trust: Trust;
  /** The time at which everything is judged. */
  readonly now: Date;
}

export interface ChartFindings {
  readonly observation: Observation;
  /** Signatures of the provenance file that did not decide, none of them verified. */
  readonly otherSignatures: readonly OtherSignature[];
  /** Metadata that a genuine signature covers; null where there is none. */
  readonly signedMetadata: ChartMetadata | null;
}

/**
 * Verifies a chart against its provenance file. Beyond what Helm does it compares the signer with the policy, and –
 * under the rule `metadata` – the signed metadata and the requested name and version with Chart.yaml; a digest in
 * index.yaml that is not the chart's always fails (helm/helm#7623). As much as possible is judged, so that all that is
 * wrong is seen at once; but nothing passes on the word of a text that the signature does not cover.
 */
export async function verifyChart(question: ChartQuestion): Promise<ChartFindings> {
  const { provenance, keyring, now, rules } = question;
  const opened = openProvenance(provenance);
  if ('problem' in opened) {
    const artifact = judgeArtifact(question, null);
    return { observation: unsigned(question, opened.problem, artifact), otherSignatures: [], signedMetadata: null };
  }
  const decision = await decideSignature({ message: opened.message, keyring, now, rules });
  const { document } = opened;
  const artifact = judgeArtifact(question, document);
  return {
    observation: signed(question, decision, artifact),
    otherSignatures: decision.others,
    signedMetadata: isGenuine(decision) && 'document' in document ? metadataOf(document.document) : null,
  };
}

function openProvenance(
  evidence: ProvenanceEvidence,
): { readonly message: ClearSigned; readonly document: ProvenanceDocumentOutcome } | { readonly problem: Problem } {
  switch (evidence.state) {
    case 'unknown':
      return { problem: evidence.problem };
    case 'absent': {
      const searched = evidence.searched.map(({ location }) => quotable(location));
      return { problem: problem('provenance-missing', { searched }) };
    }
    case 'found': {
      const location = quotable(evidence.location);
      if (evidence.bytes.length > MAX_PROVENANCE_BYTES) {
        return { problem: problem('provenance-too-large', { location, limitBytes: MAX_PROVENANCE_BYTES }) };
      }
      const { signed: decoded, document } = readProvenance(evidence.bytes);
      if ('message' in decoded && document !== null) return { message: decoded.message, document };
      if ('rejected' in decoded && decoded.rejected === 'malformed') {
        return { problem: problem('signature-block-malformed', { reason: decoded.reason }) };
      }
      const found = describeOtherFile(evidence.bytes);
      return { problem: problem('provenance-not-a-provenance-file', { location, found }) };
    }
  }
}

/** There is no signature to judge. */
function unsigned(question: ChartQuestion, absence: Problem, artifact: ArtifactJudgement): Observation {
  const { chart, provenance } = question;
  const found: Check = {
    id: 'signature-found',
    outcome: provenance.state === 'unknown' ? 'error' : 'failed',
    problem: absence,
  };
  const [wrong] = artifact.problems;
  const checks = [
    found,
    skipped('signature-valid', 'earlier-check-failed'),
    skipped('signer-trusted', 'earlier-check-failed'),
    wrong === undefined ? skipped('artifact-integrity', 'earlier-check-failed') : failed('artifact-integrity', wrong),
    skipped('transparency-log', 'does-not-apply'),
  ];
  const problems: NonEmpty<Problem> = [absence, ...artifact.problems];
  if (provenance.state === 'absent' && !artifact.problems.some(isDefinite)) {
    return { status: 'unsigned', digest: chart.digest, problems, searched: provenance.searched, checks };
  }
  return notVerified(chart.digest, problems, [], checks, artifact.warnings);
}

function signed(question: ChartQuestion, decision: SignatureDecision, artifact: ArtifactJudgement): Observation {
  const { chart, trust } = question;
  const genuine = isGenuine(decision);
  const signatureProblems = decision.outcome === 'refused' ? decision.problems : [];
  const distrust = genuine && decision.signer !== null ? judgeTrust(trust, decision.signer) : null;
  const checks = [
    passed('signature-found'),
    outcomeOf('signature-valid', signatureProblems[0]),
    trustCheck(trust, genuine, distrust),
    // A text that the signature does not cover can speak against the chart, never for it.
    artifact.problems[0] === undefined && !genuine
      ? skipped('artifact-integrity', 'earlier-check-failed')
      : outcomeOf('artifact-integrity', artifact.problems[0]),
    skipped('transparency-log', 'does-not-apply'),
  ];
  const problems = [...signatureProblems, ...artifact.problems, ...(distrust === null ? [] : [distrust])];
  const strictWarnings = decision.outcome === 'valid' ? decision.warnings : [];
  const warnings = [...strictWarnings, ...artifact.warnings];
  if (isNonEmpty(problems)) {
    const signers = decision.signer === null ? [] : [decision.signer];
    return notVerified(chart.digest, problems, signers, checks, warnings);
  }
  // Without problems the decision is valid; said once more for the reader and the compiler.
  if (decision.outcome !== 'valid') throw new Error('a refused signature has a problem');
  return { status: 'verified', digest: chart.digest, signers: [decision.signer], checks, warnings };
}

function isGenuine(decision: SignatureDecision): boolean {
  return decision.outcome === 'valid' || decision.genuine;
}

const MAX_REFERENCES = 10;

/** What a policy has against a signer; null: nothing. */
function judgeTrust(trust: Trust, signer: PgpSigner): Problem | null {
  if (trust === 'any-key') return null;
  const missed = trust.find((references) => !references.some((reference) => matchesSigner(reference, signer)));
  if (missed === undefined) return null;
  return problem('signer-not-trusted', {
    fingerprint: signer.fingerprint,
    userId: signer.userIds[0] ?? '',
    expected: missed.length === 0 ? 'no key at all' : missed.slice(0, MAX_REFERENCES).join(' or '),
    actual: signer.fingerprint,
  });
}

function trustCheck(trust: Trust, genuine: boolean, distrust: Problem | null): Check {
  if (!genuine) return skipped('signer-trusted', 'earlier-check-failed');
  if (trust === 'any-key') return skipped('signer-trusted', 'no-policy');
  return outcomeOf('signer-trusted', distrust ?? undefined);
}

/** One definite failure makes it failed; else what could not be told counts before what is not supported. */
function notVerified(
  digest: Digest,
  problems: NonEmpty<Problem>,
  signers: PgpSigner[],
  checks: Check[],
  warnings: readonly Problem[],
): Observation {
  const consequences = new Set(problems.map(consequenceOf));
  if (consequences.has('failed')) {
    const definiteFirst = problems.toSorted((a, b) => Number(isDefinite(b)) - Number(isDefinite(a)));
    const [worst = problems[0], ...others] = definiteFirst;
    return { status: 'failed', digest, problems: [worst, ...others], signers, checks, warnings: [...warnings] };
  }
  if (consequences.size === 1 && consequences.has('unsupported')) return { status: 'unsupported', problems, checks };
  return { status: 'indeterminate', problems, checks };
}

function passed(id: CheckId): Check {
  return { id, outcome: 'passed' };
}

function failed(id: CheckId, because: Problem): Check {
  return { id, outcome: isDefinite(because) ? 'failed' : 'error', problem: because };
}

function isDefinite(because: Problem): boolean {
  return consequenceOf(because) === 'failed';
}

/** A code that this build does not know is at least not a pass. */
function consequenceOf({ code }: Problem): Consequence {
  return entryOf(code)?.consequence ?? 'indeterminate';
}

function outcomeOf(id: CheckId, because: Problem | undefined): Check {
  return because === undefined ? passed(id) : failed(id, because);
}

function skipped(id: CheckId, reason: SkipReason): Check {
  return { id, outcome: 'skipped', reason };
}
