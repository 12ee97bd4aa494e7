import { type PolicyExplanation, type SourceKind, wording } from '@source-integrity/core/contract';
import { writeProblems } from './findings.ts';
import { Page, type Row } from './page.ts';
import { policyName, requirementText } from './report-page.ts';

export interface ExplainedSource {
  readonly source: { readonly kind: SourceKind; readonly repoURL: string; readonly chart: string | null };
  readonly explanation: PolicyExplanation;
  /** What refuses the source before any policy is asked, in whole sentences. */
  readonly notes: readonly string[];
}

const KINDS: Readonly<Record<SourceKind, string>> = {
  'helm-http': 'a Helm chart in a chart repository',
  'helm-oci': 'a Helm chart in an OCI registry',
  oci: 'an artifact in an OCI registry',
  git: 'a Git repository, since no --chart is given and the URL is not oci://',
  ref: 'a Git repository for values files',
};

const FORMS: Readonly<Record<PolicyExplanation['requirements'][number]['matched']['form'], string>> = {
  raw: 'the URL as it is written',
  normal: 'the normal form of the URL',
  'normal-slash': 'the normal form with "/" at its end',
  artifact: 'repository and chart together',
  decoded: 'the URL without percent-encoding',
};

const REASONS: Readonly<Record<PolicyExplanation['notMatched'][number]['because'], string>> = {
  'no-glob': 'none of its repos globs matches',
  excluded: 'it is excluded',
  chart: 'its repos match, but its charts do not',
};

/** What is required of a source, and the whole way to that answer. */
export function explanationPage({ source, explanation, notes }: ExplainedSource): string {
  const { project, enforcement, requirements, notMatched, unmatched, problems } = explanation;
  const subject = source.chart === null ? 'This source' : `Chart ${source.chart}`;
  const page = new Page();
  page.line(verdictSentence(subject, source.kind, explanation));
  for (const note of notes) page.line(note);
  page
    .line()
    .table([
      ['source', source.chart === null ? source.repoURL : `${source.repoURL}, chart ${source.chart}`],
      ['taken for', KINDS[source.kind]],
      ['project', project],
      ['enforcement', `${enforcement.value} (from ${enforcement.from})`],
      ...(unmatched === null ? [] : [['unmatched', `${unmatched}, says the baseline`]]),
    ]);
  for (const { ref, mode, keys, matched, shadows } of requirements) {
    page
      .heading(`${policyName(ref)} applies`)
      .table(
        [
          ['requires', requirementText(mode, keys)],
          ['because', `"${matched.glob}" matches "${matched.text}", ${FORMS[matched.form]}`],
          ...shadows.map((shadowed): Row => ['shadows', `${policyName(shadowed)}: it matches too, and comes later`]),
        ],
        2,
      );
  }
  if (notMatched.length > 0) {
    page.heading('Entries that do not apply').table(
      notMatched.map(({ ref, because, glob }) => [
        policyName(ref),
        glob === null ? REASONS[because] : `${REASONS[because]} ("${glob}")`,
      ]),
      2,
    );
  }
  writeProblems(page, problems, subject);
  return page.text();
}

function verdictSentence(subject: string, kind: SourceKind, explanation: PolicyExplanation): string {
  const { requirements, unmatched, problems } = explanation;
  const [problem] = problems;
  if (problem !== undefined) return wording(problem, subject).sentence;
  if (kind === 'git' || kind === 'ref') return `${subject} is a Git source, which these policies do not concern.`;
  const required = requirements.filter(({ mode }) => mode !== 'none');
  if (unmatched === 'deny') return `${subject} is refused: no entry matches it, and the baseline denies such sources.`;
  if (required.length > 1) return `${subject} has to meet ${required.length} entries, every one of them.`;
  if (required.length === 1) return `${subject} has to be signed, as one entry requires.`;
  return requirements.length > 0
    ? `${subject} needs no signature: an entry with mode none applies.`
    : `${subject} needs no signature: no entry matches it.`;
}
