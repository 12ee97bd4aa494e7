import type { EvidenceItem, SourceReport } from './report/report.ts';
import type { Problem } from './verdict/problem.ts';
import type { Digest, NonEmpty, Observation } from './verdict/verdict.ts';

/** What was found at one source. */
export interface Look {
  /** Null where nothing was looked at. */
  readonly observation: Observation | null;
  /** Whether the observation is the verdict: something asks for it. */
  readonly required: boolean;
  /** Null where nothing could be had. */
  readonly facts: SourceFacts | null;
}

/** What is shown of a source beside its verdict. */
export interface SourceFacts {
  readonly revision: string;
  readonly digest: Digest;
  readonly evidence: EvidenceItem[];
  readonly dependencies: SourceReport['dependencies'];
  /** RFC 3339. */
  readonly observedAt: string;
  readonly reproduce: string[];
  /** Set where Argo CD shows a version and Helm takes it for a range. */
  readonly partial: Problem | null;
}

export const NOT_LOOKED: Look = { observation: null, required: false, facts: null };

/** An observation of what could not be looked at, or not be judged. */
export function unjudged(status: 'indeterminate' | 'unsupported', problems: Readonly<NonEmpty<Problem>>): Observation {
  const [first] = problems;
  return {
    status,
    problems: [...problems],
    checks: [
      { id: 'signature-found', outcome: 'error', problem: first },
      { id: 'signature-valid', outcome: 'skipped', reason: 'earlier-check-failed' },
      { id: 'signer-trusted', outcome: 'skipped', reason: 'earlier-check-failed' },
      { id: 'artifact-integrity', outcome: 'skipped', reason: 'earlier-check-failed' },
      { id: 'transparency-log', outcome: 'skipped', reason: 'does-not-apply' },
    ],
  };
}
