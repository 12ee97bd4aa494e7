import {
  type PolicyExplanation,
  type PolicyRef,
  type Report,
  type SourceReport,
  subjectOf,
  type Verdict,
  wording,
} from '@source-integrity/core/contract';
import { signedBy, writeFindings, writeProblems } from './findings.ts';
import { Page, type Row } from './page.ts';

/** Whether a sync would pass, and then each source. */
export function reportPage(report: Report): string {
  const { application, sources, problems, enforcement, exemption, checkedAt, status } = report;
  const subject = `Application ${application.namespace}/${application.name}`;
  const page = new Page();
  page.line(`${status}: ${decisionSentence(report, subject)}`).line();
  page.table([
    ['project', application.project],
    ['enforcement', enforcement],
    ...(exemption === null ? [] : [['exempt', `until ${exemption.until}: ${exemption.reason}`]]),
    ['checked at', checkedAt],
  ]);
  writeProblems(page, problems, subject);
  for (const source of sources) writeSource(page, source, sources.length);
  return page.text();
}

function decisionSentence({ decision, sources, problems }: Report, subject: string): string {
  const wrong = [
    ...problems.map((problem) => ({ problem, about: subject })),
    ...sources
      .filter((source) => source.decision.action === decision.action)
      .flatMap((source) => concernsOf(source).map((problem) => ({ problem, about: subjectOf(source) }))),
  ];
  const [first] = wrong;
  const [only] = sources;
  const found = sources.length === 1 && only !== undefined ? foundSentence(only) : '';
  const why = first === undefined ? found : ` ${wording(first.problem, first.about).sentence}`;
  switch (decision.action) {
    case 'deny':
      return `A sync of ${subject} would be refused.${why}`;
    case 'warn':
      return `A sync of ${subject} would pass with a warning.${why}`;
    case 'allow':
      return `A sync of ${subject} would be allowed.${why}`;
  }
}

/** Nothing is wrong: what there is to say all the same. */
function foundSentence(source: SourceReport): string {
  const { verdict } = source;
  if (verdict.status === 'verified') return ` ${subjectOf(source)} is signed by ${signedBy(verdict)}, as required.`;
  if (verdict.status !== 'not-required') return '';
  const seen = verdict.observed;
  if (seen === null) return ` ${subjectOf(source)} needs no signature: ${NOT_REQUIRED[verdict.reason]}.`;
  return seen.status === 'verified'
    ? ` ${subjectOf(source)} is signed by ${signedBy(seen)}; nothing requires it.`
    : ` ${wording(seen.problems[0], subjectOf(source)).sentence} Nothing requires a signature of it.`;
}

const NOT_REQUIRED = {
  'no-policy': 'no policy asks for one',
  'mode-none': 'an entry says mode none',
  git: 'it is a Git source',
} as const;

function concernsOf({ verdict, obstacles }: SourceReport): SourceReport['obstacles'] {
  const own = 'problems' in verdict ? verdict.problems : [];
  return [...own, ...obstacles];
}

function writeSource(page: Page, source: SourceReport, count: number): void {
  const { verdict, obstacles, evidence, dependencies, policy, proposedPolicy } = source;
  const subject = subjectOf(source);
  page
    .heading(`Source ${source.index + 1} of ${count}: ${subject}`)
    .table(
      [
        ['verdict', verdictText(verdict)],
        ['repository', source.repoURL],
        ['kind', source.kind],
        ...(source.revision === source.targetRevision ? [] : [['wanted', source.targetRevision || '(none)']]),
        ...(source.digest === null ? [] : [['digest', source.digest]]),
        ...policyRows(policy),
        ['sync', source.decision.action],
      ],
      2,
    );
  writeProblems(page, obstacles, subject, 2, 'In the way');
  writeFindings(page, verdict, subject, undefined, 2);
  if (evidence.length > 0) {
    page.heading('Evidence', 2).table(
      evidence.map(({ kind, location, size, digest }) => [kind, location, `${size} bytes`, digest]),
      4,
    );
  }
  if (dependencies.length > 0) {
    page.heading('Dependencies', 2).table(
      dependencies.map(({ name, version, repository, vendored }) => [
        name,
        version,
        vendored ? 'inside the signed archive' : 'fetched when it is rendered, not covered by the signature',
        repository,
      ]),
      4,
    );
  }
  if (proposedPolicy !== null) {
    page.heading('An entry that would accept this signer, if that is wanted', 2);
    for (const line of proposedPolicy.trimEnd().split('\n')) page.line(line, 4);
  }
}

function verdictText(verdict: Verdict): string {
  switch (verdict.status) {
    case 'verified':
      return `verified: signed by ${signedBy(verdict)}`;
    case 'not-required': {
      const { observed } = verdict;
      const seen =
        observed === null ? '' : `; seen: ${observed.status === 'verified' ? verdictText(observed) : observed.status}`;
      return `not required (${NOT_REQUIRED[verdict.reason]})${seen}`;
    }
    case 'failed':
    case 'unsigned':
    case 'indeterminate':
    case 'unsupported':
      return verdict.status;
  }
}

function policyRows({ requirements, unmatched }: PolicyExplanation): Row[] {
  const rows = requirements.map(({ ref, mode, keys }) => [
    'policy',
    `${policyName(ref)}: ${requirementText(mode, keys)}`,
  ]);
  return unmatched === null ? rows : [...rows, ['policy', `none matches; the baseline says unmatched: ${unmatched}`]];
}

export function policyName({ entry, list, index }: PolicyRef): string {
  return `${entry} › ${list} › ${index}`;
}

export function requirementText(mode: 'none' | 'provenance' | 'signature', keys: readonly string[]): string {
  if (mode === 'none') return 'mode none, nothing is required';
  const what = mode === 'provenance' ? 'a provenance file signed' : 'a signature';
  return keys.length === 0 ? `${what} by nobody: the entry trusts no key` : `${what} by ${keys.join(' or ')}`;
}
