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
  const { baseline } = policy;
  const isUnreadable = policy.problems.length > 0;
  const demanding = [...policy.projects]
    .filter(([, document]) => asks(document))
    .map(([project]) => enforcementFor(policy, project).value);
  if (isUnreadable || (baseline !== null && (asks(baseline) || baseline.unmatched === 'deny'))) {
    demanding.push(enforcementFor(policy, BASELINE).value);
  }
  return (['enforce', 'warn', 'off'] as const).find((value) => demanding.includes(value)) ?? null;
}

function asks({ helm, oci, problems }: PolicyDocument): boolean {
  return problems.length > 0 || [...helm, ...oci].some(({ mode }) => mode !== 'none');
}
