import * as z from 'zod';
import { parse } from 'yaml';
import type { Project } from './project.ts';

/** One entry of `globalProjects` in `argocd-cm`: projects that fit the selector also permit what `projectName` does. */
export interface GlobalProject {
  readonly projectName: string;
  readonly selector: LabelSelector;
}

export type LabelSelector = z.infer<typeof LabelSelectorFields>;

const MAX_GLOBALS = 256;

const LabelSelectorFields = z.object({
  matchLabels: z.record(z.string(), z.string()).nullish(),
  matchExpressions: z
    .array(
      z.object({
        key: z.string(),
        operator: z.enum(['In', 'NotIn', 'Exists', 'DoesNotExist']),
        values: z.array(z.string()).nullish(),
      }),
    )
    .nullish(),
});

const GlobalProjects = z
  .array(z.object({ projectName: z.string().default(''), labelSelector: LabelSelectorFields.nullish() }))
  .max(MAX_GLOBALS)
  .nullish();

/**
 * Reads `globalProjects` of `argocd-cm`. What cannot be read permits nothing beyond the project itself, as in Argo CD
 * (`util/argo/argo.go`, `GetGlobalProjects`).
 */
export function parseGlobalProjects(text: string): readonly GlobalProject[] {
  let value: unknown;
  try {
    value = parse(text, { maxAliasCount: 100, logLevel: 'silent' });
  } catch {
    return [];
  }
  const parsed = GlobalProjects.safeParse(value);
  if (!parsed.success) return [];
  return (parsed.data ?? []).map(({ projectName, labelSelector }) => ({ projectName, selector: labelSelector ?? {} }));
}

/** What a project permits together with what stands outside of its own object. */
export interface ProjectSurroundings {
  /** URLs of the repositories whose Secret names this project: permitted without being listed. */
  readonly repositories: readonly string[];
  readonly globalProjects: readonly GlobalProject[];
  /** Every project of the cluster, by name. */
  readonly projects: ReadonlyMap<string, Project>;
}

/**
 * The project that Argo CD judges by: with its own repositories, and the permitted sources of the global projects
 * that select it (`GetAppProjectByName`, `GetAppVirtualProject`). A global project that does not exist ends the list.
 */
export function virtualProject(project: Project, surroundings: ProjectSurroundings): Project {
  const sourceRepos = [...project.sourceRepos, ...surroundings.repositories];
  for (const { projectName, selector } of surroundings.globalProjects) {
    if (projectName === project.name || !selects(selector, project.labels)) continue;
    const global = surroundings.projects.get(projectName);
    if (global === undefined) break;
    sourceRepos.push(...global.sourceRepos);
  }
  return { ...project, sourceRepos };
}

/** `LabelSelectorAsSelector`: every requirement holds; an empty selector selects everything. */
function selects({ matchLabels, matchExpressions }: LabelSelector, labels: ReadonlyMap<string, string>): boolean {
  const hasLabels = Object.entries(matchLabels ?? {}).every(([key, value]) => labels.get(key) === value);
  return (
    hasLabels &&
    (matchExpressions ?? []).every(({ key, operator, values }) => {
      const value = labels.get(key);
      switch (operator) {
        case 'In':
          return value !== undefined && (values ?? []).includes(value);
        case 'NotIn':
          return value === undefined || !(values ?? []).includes(value);
        case 'Exists':
          return value !== undefined;
        case 'DoesNotExist':
          return value === undefined;
      }
    })
  );
}
