import { problem } from '../verdict/catalogue.ts';
import { Enforcement, type PolicyRef } from '../verdict/decision.ts';
import type { Problem } from '../verdict/problem.ts';
import { quotable } from '../verdict/quotable.ts';
import { DEFAULT_STRICT_RULES } from '../verdict/strict-rules.ts';
import { nearest } from './nearest.ts';
import type { Exemption, PolicyDocument, PolicyEntryName, PolicySet } from './policy-set.ts';
import { readHelmPolicy } from './read-helm-policy.ts';
import { readOciPolicy } from './read-oci-policy.ts';
import { readDuration, readExemptions, readStrictRules, readWord } from './read-settings.ts';
import { MAX_ENTRY, openYaml, type YamlCursor } from './yaml-cursor.ts';

const DEFAULT_FRESHNESS_MS = 60_000;
const GUARD = ['refuse', 'allowVerified'] as const;
const GUARDED = ['partly', 'everywhere'] as const;
const SETTINGS = [
  'enforcement',
  'guardUnavailable',
  'verifiedPull',
  'freshness',
  'strictRules',
  'exemptions',
  'all-projects',
] as const;
/** Entries of the ConfigMap; Kubernetes bounds its size to 1 MiB. */
const MAX_ENTRIES = 2000;

/**
 * Reads the data of argocd-source-integrity-cm. Nothing is skipped: whatever is unknown, mistyped or contradictory is
 * a problem of the sources that it concerns, with line, column and what to write instead, and all of them at once.
 */
export function parsePolicy(data: Readonly<Record<string, string>>): PolicySet {
  const problems: Problem[] = [];
  const settings = new Map(Object.entries(data));
  const projects = new Map<string, PolicyDocument>();
  const names = [...settings.keys()];
  if (names.length > MAX_ENTRIES) {
    problems.push(problem('policy-entry-too-large', { entry: 'data', limit: `${MAX_ENTRIES} entries` }));
    settings.clear();
  }
  for (const [name, value] of settings) {
    const project = projectOf(name);
    if (project !== null) projects.set(project, parseDocument(`project.${project}`, value));
    else if (!SETTINGS.some((setting) => setting === name)) problems.push(unknownEntry(name));
  }
  const read = <T>(name: (typeof SETTINGS)[number], reader: (value: string) => T | null): T | null => {
    const value = settings.get(name);
    return value === undefined ? null : reader(value);
  };
  const baseline = read('all-projects', (value) => parseDocument('all-projects', value));
  return {
    enforcement: read('enforcement', (value) => readWord('enforcement', value, Enforcement.options, problems)),
    guardUnavailable:
      read('guardUnavailable', (value) => readWord('guardUnavailable', value, GUARD, problems)) ?? 'refuse',
    verifiedPull: read('verifiedPull', (value) => readWord('verifiedPull', value, GUARDED, problems)) ?? 'partly',
    freshnessMs: read('freshness', (value) => readDuration('freshness', value, problems)) ?? DEFAULT_FRESHNESS_MS,
    strictRules:
      read('strictRules', (value) => readStrictRules('strictRules', value, problems)) ?? DEFAULT_STRICT_RULES,
    exemptions:
      read<readonly Exemption[]>('exemptions', (value) => readExemptions('exemptions', value, problems)) ?? [],
    baseline,
    projects,
    problems: [...problems, ...(baseline?.problems ?? [])],
  };
}

/** The policy where the ConfigMap is not there: a value too, under which no source can be judged. */
export function missingPolicy(): PolicySet {
  return { ...parsePolicy({}), problems: [problem('policy-missing', {})] };
}

/** The policy where the ConfigMap could not be read; `reason` is a clause. */
export function unreadablePolicy(reason: string): PolicySet {
  return { ...parsePolicy({}), problems: [problem('policy-unreadable', { reason: quotable(reason) })] };
}

/** AppProjects have the names of Kubernetes objects (RFC 1123 subdomains). */
function projectOf(name: string): string | null {
  const [, project] =
    /^project\.([a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*)$/.exec(name) ?? [];
  return project !== undefined && project.length <= 253 ? project : null;
}

function unknownEntry(name: string): Problem {
  const [, project] = /^projects?[._/-]+(.+)$/i.exec(name) ?? [];
  const meant = project === undefined ? nearest(name, SETTINGS) : `project.${project.toLowerCase()}`;
  return problem('policy-entry-unknown', { entry: quotable(name), meant: meant === null ? null : quotable(meant) });
}

function parseDocument(entry: PolicyEntryName, value: string): PolicyDocument {
  const problems: Problem[] = [];
  const isBaseline = entry === 'all-projects';
  const cursor = openYaml(entry, value, problems);
  const fields = isBaseline
    ? cursor?.fields(['unmatched', 'helm', 'oci'], [['unmatched', 'unmatched: allow, or unmatched: deny']])
    : cursor?.fields(['enforcement', 'helm', 'oci']);
  const document = {
    entry,
    enforcement: fields?.get('enforcement')?.oneOf(Enforcement.options) ?? null,
    unmatched: fields?.get('unmatched')?.oneOf(['allow', 'deny']) ?? null,
    helm: readList(fields?.get('helm'), entry, 'helm', readHelmPolicy),
    oci: readList(fields?.get('oci'), entry, 'oci', readOciPolicy),
  };
  return { ...document, problems: problems.sort((a, b) => rank(a) - rank(b)) };
}

/** Orders problems as the text does. */
function rank({ params }: Problem): number {
  return Number(params['line']) * MAX_ENTRY + Number(params['column']);
}

function readList<T>(
  cursor: YamlCursor | undefined,
  entry: PolicyEntryName,
  list: PolicyRef['list'],
  read: (item: YamlCursor, ref: PolicyRef) => T,
): T[] {
  const policies = cursor?.fields(['policies'])?.get('policies')?.items() ?? [];
  return policies.map((item, index) => read(item, { entry, list, index: index + 1 }));
}
