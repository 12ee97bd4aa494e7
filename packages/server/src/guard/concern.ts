import {
  enforcementFor,
  isUnderPolicy,
  type PlannedSource,
  type PolicyDocument,
  type PolicyExplanation,
  type PolicySet,
  selectRequirements,
} from '@source-integrity/core';
import { registryAddress } from './place.ts';

/** A chart, as a call of Helm names it. */
export interface AskedChart {
  /** A URL, or `host/path` of a registry. */
  readonly repository: string;
  readonly registry: boolean;
  readonly chart: string;
  readonly version: string;
  readonly passCredentials: boolean;
}

/** A project whose policy concerns a chart; {@link BASELINE} for what holds in every project. */
export interface Concern {
  readonly project: string;
  readonly planned: PlannedSource;
  readonly enforcement: PolicyExplanation['enforcement']['value'];
}

/** No AppProject can have this name. */
export const BASELINE = '*';

/**
 * Whose policies concern a chart that Helm pulls. A call names no project, so all of them are asked. What an
 * Application writes as repository and what as chart is not to be told from the address in a registry, so every
 * place where it can be divided counts.
 */
export function concernsOf(policy: PolicySet, chart: AskedChart): readonly Concern[] {
  if (isTooDeep(chart)) {
    const planned = plannedChart(chart);
    return demandingProjects(policy).map((project) => {
      return { project, planned, enforcement: enforcementFor(policy, project).value };
    });
  }
  const divided = spellings(chart).map(plannedChart);
  return [BASELINE, ...policy.projects.keys()].flatMap((project) => {
    for (const planned of divided) {
      const { explanation } = selectRequirements(policy, project, planned.source);
      if (!isUnderPolicy(explanation)) continue;
      if (project !== BASELINE && !isOfProject(explanation, policy)) continue;
      return [{ project, planned, enforcement: explanation.enforcement.value }];
    }
    return [];
  });
}

/** Each part more is a place more to divide. GitLab, with the longest addresses, has 23 parts and the chart. */
export const MAX_PARTS = 24;

/** Whether an address in a registry has more parts than are divided: it counts against whoever asks for anything. */
export function isTooDeep({ registry, repository, chart }: AskedChart): boolean {
  return registry && registryAddress(repository, chart).split('/').length > MAX_PARTS;
}

function plannedChart({ repository, registry, chart, version, passCredentials }: AskedChart): PlannedSource {
  const source = {
    index: 0,
    name: null,
    kind: registry ? ('helm-oci' as const) : ('helm-http' as const),
    repoURL: repository,
    chart,
    path: null,
    targetRevision: version,
    ref: null,
    passCredentials,
  };
  return { source, revision: version, pinned: true, concerns: [] };
}

/** Whether the project itself asks for something, beside what the baseline does. */
function isOfProject({ project, requirements, problems }: PolicyExplanation, policy: PolicySet): boolean {
  const document = policy.projects.get(project);
  if (document === undefined) return false;
  // An address that no entry can be matched with counts against whoever asks for anything.
  if (problems.length > 0) return asks(document);
  return requirements.some(({ ref, mode }) => ref.entry === document.entry && mode !== 'none');
}

/** `oci://host/a/b/chart` may be `host/a/b` with `chart`, `host/a` with `b/chart`, or `host` with `a/b/chart`. */
function spellings(asked: AskedChart): readonly AskedChart[] {
  if (!asked.registry) return [asked];
  const segments = registryAddress(asked.repository, asked.chart).split('/');
  const divided: AskedChart[] = [];
  for (let cut = segments.length - 1; cut > 0; cut -= 1) {
    divided.push({ ...asked, repository: segments.slice(0, cut).join('/'), chart: segments.slice(cut).join('/') });
  }
  return divided;
}

/** How strict the strictest policy is that asks for anything at all; null: nothing is asked of any chart. */
export function strictestDemand(policy: PolicySet): Concern['enforcement'] | null {
  const demanding = new Set(demandingProjects(policy).map((project) => enforcementFor(policy, project).value));
  return (['enforce', 'warn', 'off'] as const).find((value) => demanding.has(value)) ?? null;
}

/** Whose policies ask for anything at all. */
function demandingProjects(policy: PolicySet): readonly string[] {
  const { baseline } = policy;
  const isUnreadable = policy.problems.length > 0;
  const isBaseline = isUnreadable || (baseline !== null && (asks(baseline) || baseline.unmatched === 'deny'));
  const projects = [...policy.projects].flatMap(([project, document]) => (asks(document) ? [project] : []));
  return isBaseline ? [...projects, BASELINE] : projects;
}

function asks({ helm, oci, problems }: PolicyDocument): boolean {
  return problems.length > 0 || [...helm, ...oci].some(({ mode }) => mode !== 'none');
}
