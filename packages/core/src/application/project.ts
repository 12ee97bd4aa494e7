import * as z from 'zod';
import { normalizeGitURL } from '../policy/repository-url.ts';
import { problem } from '../verdict/catalogue.ts';
import type { Problem } from '../verdict/problem.ts';
import { quotable } from '../verdict/quotable.ts';
import { read } from './form.ts';
import { matchesNamespace } from './namespace-pattern.ts';
import { matchesWithinSegments, type PatternMatch } from './segment-glob.ts';
import { type Source, withoutUserInfo } from './source.ts';

/** An AppProject as far as it says who may deploy from where. Destinations are Argo CD's own business. */
export interface Project {
  readonly namespace: string;
  readonly name: string;
  readonly labels: ReadonlyMap<string, string>;
  /** Patterns of permitted repositories; one that begins with `!` forbids. */
  readonly sourceRepos: readonly string[];
  /** Patterns of namespaces that Applications of the project may be in, beside Argo CD's own. */
  readonly sourceNamespaces: readonly string[];
}

const MAX_PATTERNS = 4096;
const MAX_PATTERN = 4096;

/** Milliseconds for all namespace patterns of one project; what is not looked at by then permits nothing. */
const NAMESPACE_BUDGET = 100;

const Patterns = z
  .array(z.string().max(MAX_PATTERN))
  .max(MAX_PATTERNS)
  .nullish()
  .transform((list) => list ?? []);

const ProjectFields = z.object({
  metadata: z.object({
    namespace: z.string().default(''),
    name: z.string().min(1),
    labels: z.record(z.string(), z.string()).nullish(),
  }),
  spec: z.object({ sourceRepos: Patterns, sourceNamespaces: Patterns }).nullish(),
});

/** Reads an AppProject; `name` is what it was asked for by. */
export function parseProject(
  object: unknown,
  name: string,
): { readonly project: Project } | { readonly problem: Problem } {
  const parsed = read(ProjectFields, object, []);
  if ('problem' in parsed) {
    const { path, reason } = parsed.problem.params;
    return {
      problem: problem('project-malformed', { project: quotable(name), path: String(path), reason: String(reason) }),
    };
  }
  const { metadata, spec } = parsed.value;
  return {
    project: {
      namespace: metadata.namespace,
      name: metadata.name,
      labels: new Map(Object.entries(metadata.labels ?? {})),
      sourceRepos: spec?.sourceRepos ?? [],
      sourceNamespaces: spec?.sourceNamespaces ?? [],
    },
  };
}

/**
 * Why an Application in `namespace` may not use the project; null if it may. Argo CD's own namespace always may
 * (`IsAppNamespacePermitted`).
 */
export function namespaceProblem(project: Project, namespace: string, controllerNamespace: string): Problem | null {
  if (namespace === controllerNamespace) return null;
  let fault: Problem | null = null;
  const deadline = performance.now() + NAMESPACE_BUDGET;
  for (const pattern of project.sourceNamespaces) {
    if (performance.now() > deadline) break;
    const match = matchesNamespace(pattern, namespace);
    if (match === 'matches') return null;
    if (match !== 'differs') fault ??= unreadable(project, 'sourceNamespaces', pattern, match.reason);
  }
  return (
    fault ?? problem('project-forbids-namespace', { project: quotable(project.name), namespace: quotable(namespace) })
  );
}

/**
 * Why the project does not permit a source; null if it does (`IsSourcePermitted`): no `!` pattern matches the
 * repository, and another pattern matches, or a `!` pattern is there that does not. Unlike in policies a `*` stays
 * within one segment of the path here, and case does not count. A pattern that cannot be read makes Argo CD ignore
 * it, a `!` one included; here it forbids. A text that Go cannot parse is a repository's only where its Secret says that
 * it is a registry's.
 */
export function sourceProblem(project: Project, { repoURL, kind }: Pick<Source, 'repoURL' | 'kind'>): Problem | null {
  if (kind !== 'helm-oci' && repoURL.trim() !== '' && normalizeGitURL(repoURL) === '') return unparsable(repoURL);
  const url = comparableForm(repoURL);
  const forbidden = problem('project-forbids-source', {
    project: quotable(project.name),
    repoURL: quotable(withoutUserInfo(repoURL)),
  });
  if (url === '') return forbidden;
  let permitted = false;
  let fault: Problem | null = null;
  for (const pattern of project.sourceRepos) {
    const denies = pattern.startsWith('!');
    const match = matchesRepository(denies ? pattern.slice(1) : pattern, url);
    if (match === 'matches' && denies) return forbidden;
    if (match === 'matches' || (match === 'differs' && denies)) permitted = true;
    if (match !== 'matches' && match !== 'differs') {
      const found = unreadable(project, 'sourceRepos', pattern, match.reason);
      if (denies) return found;
      fault ??= found;
    }
  }
  return permitted ? null : (fault ?? forbidden);
}

/**
 * The form in which Argo CD compares, and of a registry at an address with a port (`10.0.0.5:5000/charts`) its text:
 * Go cannot parse that, so Argo CD compares nothing with nothing, and any such registry with any other.
 */
function comparableForm(url: string): string {
  const normal = normalizeGitURL(url);
  return normal === '' && ADDRESS_AND_PORT.test(url.trim()) ? url.trim().toLowerCase() : normal;
}

const ADDRESS_AND_PORT = /^(?:\d+(?:\.\d+){3}|\[[\da-f:.]+\]):\d+(?:\/|$)/i;

function unparsable(repoURL: string): Problem {
  const url = quotable(withoutUserInfo(repoURL));
  const write = ADDRESS_AND_PORT.test(repoURL.trim()) ? `oci://${url} for a registry, https://${url} otherwise` : '';
  return problem('source-url-unparsable', { repoURL: url, write });
}

function matchesRepository(pattern: string, url: string): PatternMatch {
  const normal = comparableForm(pattern);
  if (normal === '') return { reason: 'there is no URL' };
  return normal === '*' ? 'matches' : matchesWithinSegments(normal, url);
}

function unreadable(project: Project, field: string, pattern: string, reason: string): Problem {
  return problem('project-pattern-unreadable', {
    project: quotable(project.name),
    field,
    pattern: quotable(pattern),
    reason,
  });
}
