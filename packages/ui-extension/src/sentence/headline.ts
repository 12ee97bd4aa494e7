import { type Observation, type Report, type SourceReport, verdictProblems } from '@source-integrity/core/contract';
import { type GitResult, gitResults, type GitState, nothingAsked } from '../git/git-results.ts';
import { isGit } from '../git/commit.ts';
import { words } from '../words.ts';
import { clause } from './clause.ts';
import { concerns } from './concerns.ts';
import { argocdRefusal, gitClause, gitStanding } from './git.ts';
import { policyName } from './policy-name.ts';
import { signerName } from './signer-name.ts';
import { capitalised, subjectOf } from './subject.ts';

/** The one sentence that answers first: whether a sync would pass, and why, from the facts of the report alone. */
export function headline(report: Report, state: GitState = nothingAsked): string {
  const git = gitResults(report, state);
  if (report.decision.action === 'deny') {
    // What nobody is asked about is not blocked.
    const is =
      report.gaps?.includes('gate-missing') === true ? 'would be blocked if the gate were installed' : 'is blocked';
    return `Sync ${is}: ${reason(report)}`;
  }
  const refusal = argocdRefusal(git);
  if (refusal !== null) return `${words.git.blocked}: ${refusal}`;
  switch (report.decision.action) {
    case 'warn':
      return report.exemption === null
        ? `Sync would be blocked if this project enforced: ${reason(report)}`
        : `Sync is allowed by an exemption: ${reason(report)}`;
    case 'allow':
      return allowed(report, git);
  }
}

function allowed(report: Report, git: readonly GitResult[]): string {
  switch (report.status) {
    case 'verified':
      return `Verified: ${[verified(own(report)), ...of(report, git)].join('; ')}`;
    case 'partially-verified':
      return [partlyVerified(own(report)), ...of(report, git)].join('; ');
    case 'not-required':
      return own(report).length === 0 && git.length > 0
        ? onlyGit(report, git)
        : besides(notRequired(own(report)), of(report, git));
    case 'failed':
    case 'unsigned':
    case 'indeterminate':
    case 'unsupported':
      return `Sync is allowed, for nothing is enforced: ${reason(report)}`;
  }
}

/** What is verified here; the rest is Argo CD's. */
function own({ sources }: Report): readonly SourceReport[] {
  return sources.filter((source) => !isGit(source));
}

/** A clause about the Git sources, where there are any. */
function of(report: Report, git: readonly GitResult[]): string[] {
  return git.length === 0 ? [] : [gitClause(report, git)];
}

/** Goes on after a clause, or after a whole sentence with another one. */
function besides(said: string, more: readonly string[]): string {
  return said.endsWith('.')
    ? [said, ...more.map((each) => `${capitalised(each)}.`)].join(' ')
    : [said, ...more].join('; ');
}

function onlyGit(report: Report, git: readonly GitResult[]): string {
  const said = gitClause(report, git);
  switch (gitStanding(git)) {
    case 'verified':
      return `Verified: ${said}`;
    case 'indeterminate':
      return `Could not check: ${said}`;
    case 'partially-verified':
      return `Partially verified: ${said}`;
    case 'not-required':
      return `Not required: ${said}`;
    case 'failed':
    case 'unsigned':
    case 'unsupported':
    case 'checking':
    case null:
      return `Not required here: ${said}`;
  }
}

/** Why not, in one clause; what else stands against it is counted. */
function reason(report: Report): string {
  const all = concerns(report);
  const first = all[0];
  if (first === undefined) return reasonWithoutProblem(report);
  const others = new Set(all.filter((each) => each.subject !== first.subject).map((each) => each.subject)).size;
  const rest = others === 0 ? '' : `; ${others} more ${others === 1 ? 'source has' : 'sources have'} a problem`;
  return clause(first.problem, first.subject) + rest;
}

function reasonWithoutProblem(report: Report): string {
  const source = report.sources.find((each) => each.decision.action !== 'allow') ?? report.sources[0];
  if (source === undefined) return 'there is no source to verify';
  const ref = source.decision.policy ?? report.decision.policy;
  if (ref !== null) return `${policyName(ref)} asks for more than ${subjectOf(source)} has`;
  return source.policy.unmatched === 'deny'
    ? `no policy covers ${subjectOf(source)}, and the baseline denies what no policy covers`
    : `${subjectOf(source)} is not what the policies ask for`;
}

function verified(sources: readonly SourceReport[]): string {
  const only = sources[0];
  if (only === undefined) return 'there is nothing to verify';
  if (sources.length > 1) {
    const all = sources.length === 2 ? 'both' : `all ${sources.length}`;
    return `${all} ${named(sources)} are signed by whom the policy trusts`;
  }
  if (only.verdict.status !== 'verified') return `${subjectOf(only)} is signed by whom the policy trusts`;
  return `${subjectOf(only)} is signed by ${signerName(only.verdict.signers[0])}, whom the policy trusts`;
}

/** What several sources are, in one word: what a sentence counts has to be what it names. */
function named(sources: readonly SourceReport[]): string {
  if (sources.every(({ kind }) => kind === 'helm-http' || kind === 'helm-oci')) return 'charts';
  return sources.every(({ kind }) => kind === 'oci') ? 'artifacts' : 'charts and artifacts';
}

function partlyVerified(sources: readonly SourceReport[]): string {
  const good = sources.filter((each) => each.verdict.status === 'verified').length;
  const rest = sources.length - good;
  return `Verified where it is required: ${good} of ${sources.length} ${named(sources)} ${good === 1 ? 'is' : 'are'} signed by whom the policy trusts; the other${rest === 1 ? ' needs' : `s need`} no signature`;
}

function notRequired(sources: readonly SourceReport[]): string {
  const only = sources[0];
  if (only === undefined) return 'Not required: this Application has no source';
  if (sources.length > 1)
    return `Not required: no policy asks for a signature of any of the ${sources.length} ${named(sources)}`;
  if (only.verdict.status !== 'not-required') return 'Not required: no policy asks for a signature';
  switch (only.verdict.reason) {
    case 'git':
      return 'Not required here';
    case 'mode-none':
      return `${found(only, only.verdict.observed)}The policy asks for no signature (mode none).`;
    case 'no-policy':
      return `${found(only, only.verdict.observed)}No policy requires it.`;
  }
}

/** What was seen where nothing was asked. */
function found(source: SourceReport, observed: Observation | null): string {
  const subject = subjectOf(source);
  if (observed === null) return `A signature of ${subject} was not looked for. `;
  switch (observed.status) {
    case 'verified':
      return `Signed by ${signerName(observed.signers[0])}. `;
    case 'unsigned':
      return `${capitalised(subject)} is not signed. `;
    case 'failed':
    case 'indeterminate':
    case 'unsupported': {
      const problem = verdictProblems(observed)[0];
      return problem === undefined ? '' : `${capitalised(clause(problem, subject))}. `;
    }
  }
}
