import type { Enforcement } from '../verdict/decision.ts';
import { problem } from '../verdict/catalogue.ts';
import type { Problem } from '../verdict/problem.ts';
import { quotable } from '../verdict/quotable.ts';
import type { PolicyExplanation } from './explanation.ts';
import { matchPolicy, type Match } from './match-policy.ts';
import type { AnyPolicy, Exemption, Identity, PolicyDocument, PolicySet, TextOrRegExp } from './policy-set.ts';
import { rememberingBy } from './remembering.ts';
import { sourceForms, type PolicySource, type SourceForms, type Unclear } from './source-forms.ts';

/** One entry that applies to a source; all of a source's requirements must hold. */
export interface Requirement {
  readonly policy: AnyPolicy;
  /**
   * `if-helm-chart`: an entry for Helm charts that meets a plain OCI source, of which only the artifact can tell
   * whether it is a chart. So nobody escapes it by writing `oci://` before the repository.
   */
  readonly condition: 'always' | 'if-helm-chart';
}

export interface Selection {
  readonly explanation: PolicyExplanation;
  /** In the order of the explanation's; none where that has problems. */
  readonly requirements: readonly Requirement[];
}

/**
 * Which entries apply to a source of a project, and why: the first that matches in each list of the baseline, and in
 * each list of the project. Charts are subject to `helm`, what lies in a registry to `oci`, charts there to both;
 * other sources to nothing. With a problem nothing is selected: the source is indeterminate.
 */
export function selectRequirements(policy: PolicySet, project: string, source: PolicySource): Selection {
  const name = project === '' ? 'default' : project;
  const document = policy.projects.get(name) ?? null;
  const enforcement = enforcementOf(policy, document);
  const nothing = { project: name, enforcement, requirements: [], notMatched: [], unmatched: null, problems: [] };
  if (source.kind === 'git' || source.kind === 'ref') return { explanation: nothing, requirements: [] };
  const problems = [...policy.problems, ...(document?.problems ?? [])];
  if (problems.length > 0) return { explanation: { ...nothing, problems }, requirements: [] };

  const documents = [policy.baseline, document].filter((one) => one !== null);
  const forms = formsOf(source);
  if (!('unclear' in forms)) return select(nothing, documents, source, forms, policy.baseline?.unmatched ?? null);
  const isConcerned = documents.some(
    ({ helm, oci, unmatched }) => helm.length + oci.length > 0 || unmatched === 'deny',
  );
  const unclear = isConcerned ? [unclearProblem(source, forms.unclear)] : [];
  const unmatched = isConcerned ? null : (policy.baseline?.unmatched ?? null);
  return { explanation: { ...nothing, unmatched, problems: unclear }, requirements: [] };
}

/** The same sources are asked about again and again: for every sync, and for every project that has a policy. */
const formsOf = rememberingBy(
  ({ kind, repoURL, chart }: PolicySource) => JSON.stringify([kind, repoURL, chart]),
  sourceForms,
);

/** Whether refusals count for a project, and which entry says so. */
export function enforcementFor(policy: PolicySet, project: string): PolicyExplanation['enforcement'] {
  return enforcementOf(policy, policy.projects.get(project === '' ? 'default' : project) ?? null);
}

/** The exemption of an Application that holds at `now`; expired ones do not count, and are told of. */
export function findExemption(
  policy: PolicySet,
  application: { readonly namespace: string; readonly name: string },
  now: Date,
): { readonly exemption: Exemption | null; readonly expired: readonly Problem[] } {
  const all = policy.exemptions.filter(
    ({ namespace, name }) => namespace === application.namespace && name === application.name,
  );
  const exemption = all.find(({ until }) => now < until) ?? null;
  return { exemption, expired: exemption === null ? all.map(expiredProblem) : [] };
}

export function expiredProblem({ namespace, name, reason, until }: Exemption): Problem {
  const params = { application: `${namespace}/${name}`, reason: quotable(reason), until: until.toISOString() };
  return problem('exemption-expired', params);
}

function select(
  explanation: PolicyExplanation,
  documents: readonly PolicyDocument[],
  source: PolicySource,
  forms: SourceForms,
  unmatched: 'allow' | 'deny' | null,
): Selection {
  const requirements: Requirement[] = [];
  const explained: PolicyExplanation['requirements'] = [];
  const notMatched: PolicyExplanation['notMatched'] = [];
  for (const list of documents.flatMap((document) => listsFor(source, document))) {
    const results = list.map((policy) => ({ policy, match: matchPolicy(policy, forms) }));
    const matching = results.flatMap(({ policy, match }) => ('because' in match ? [] : [{ policy, match }]));
    for (const { policy, match } of results) if ('because' in match) notMatched.push({ ref: policy.ref, ...match });
    const [first, ...shadowed] = matching;
    if (first === undefined) continue;
    const isSure = first.policy.list === 'oci' || source.kind !== 'oci';
    requirements.push({ policy: first.policy, condition: isSure ? 'always' : 'if-helm-chart' });
    explained.push(
      explain(
        first,
        shadowed.map(({ policy }) => policy),
      ),
    );
  }
  const isMatched = requirements.some(({ condition }) => condition === 'always');
  return {
    explanation: { ...explanation, requirements: explained, notMatched, unmatched: isMatched ? null : unmatched },
    requirements,
  };
}

function listsFor({ kind }: PolicySource, { helm, oci }: PolicyDocument): (readonly AnyPolicy[])[] {
  return kind === 'helm-http' ? [helm] : [helm, oci];
}

function explain(
  { policy, match }: { readonly policy: AnyPolicy; readonly match: Match },
  shadowed: readonly AnyPolicy[],
): PolicyExplanation['requirements'][number] {
  return {
    ref: policy.ref,
    mode: policy.mode,
    keys: policy.list === 'helm' ? [...policy.keys] : [...policy.keys, ...policy.identities.map(identityText)],
    matched: match,
    shadows: shadowed.map(({ ref }) => ref),
  };
}

function identityText({ issuer, subject }: Identity): string {
  return `${written(subject)} (${written(issuer)})`;
}

function written(part: TextOrRegExp): string {
  return 'text' in part ? part.text : part.regExp;
}

/** A project whose entry has an error, and no readable `enforcement`, is not let off by what the ConfigMap says. */
function enforcementOf(policy: PolicySet, document: PolicyDocument | null): PolicyExplanation['enforcement'] {
  const strictest: Enforcement = 'enforce';
  if (document?.enforcement !== null && document?.enforcement !== undefined) {
    return { value: document.enforcement, from: document.entry };
  }
  if (document !== null && document.problems.length > 0) return { value: strictest, from: document.entry };
  if (policy.enforcement !== null) return { value: policy.enforcement, from: 'enforcement' };
  return { value: strictest, from: 'default' };
}

const REASONS: Readonly<Record<Unclear, string>> = {
  character:
    'it holds a character that repository URLs do not need (white space, a backslash, a letter beyond ASCII …)',
  chart: 'the chart is not a plain name',
  'dot-segment': 'the path has a "." or ".." in it',
  'double-slash': 'the path has a "//" in it',
  fragment: 'there is a "#" in it',
  host: 'the host is missing, or not written in its usual form',
  length: 'it is longer than 2048 characters',
  'percent-encoding': 'characters are percent-encoded that need not be',
  port: 'the port is empty, out of range, or has leading zeros',
  query: 'there is a "?" in it',
  reference: 'the path names a tag or digest, which belongs in targetRevision',
  scheme: 'the scheme does not fit this kind of source; only a lower-case oci:// names a registry',
  'trailing-dot': 'the host ends in a dot',
  'user-info': 'it holds a user name or password',
};

function unclearProblem({ repoURL }: PolicySource, unclear: Unclear): Problem {
  const [withoutQuery = ''] = repoURL.split(/[?#]/, 1);
  const url = withoutQuery.replace(/^([^/]*\/\/)?.*@/s, '$1…@');
  return problem('source-url-unclear', { url: quotable(url), reason: REASONS[unclear] });
}
