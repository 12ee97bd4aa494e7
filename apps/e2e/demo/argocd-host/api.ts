import { type Application, isRecord } from '../argocd/application.ts';

/** What `demo/state` answers: the demo's own, beside Argo CD's API. */
export interface DemoState {
  readonly folders: { readonly cluster: string; readonly charts: string };
  readonly faults: readonly string[];
  readonly archive: { readonly name: string; readonly tampered: boolean } | null;
  readonly warnings: readonly string[];
}

export interface SyncChoices {
  readonly revision: string;
  readonly prune: boolean;
  readonly dryRun: boolean;
  readonly strategy: object;
  readonly syncOptions: readonly string[];
}

export async function listApplications(): Promise<readonly Application[]> {
  return (await call<{ readonly items: readonly Application[] }>('GET', 'api/v1/applications')).items;
}

export async function refresh(application: Application, kind: 'normal' | 'hard'): Promise<void> {
  await call('GET', `${pathOf(application)}?${inNamespace(application, { refresh: kind })}`);
}

export async function sync(application: Application, choices: SyncChoices): Promise<void> {
  const { revision, prune, dryRun, strategy, syncOptions } = choices;
  await call('POST', `${pathOf(application)}/sync`, {
    appNamespace: application.metadata.namespace,
    revision,
    prune,
    dryRun,
    strategy,
    syncOptions: { items: syncOptions },
  });
}

export async function terminate(application: Application): Promise<void> {
  await call('DELETE', `${pathOf(application)}/operation?${inNamespace(application)}`);
}

export async function demoState(application: Application | null): Promise<DemoState> {
  return call<DemoState>('GET', `demo/state?${ofDemo(application)}`);
}

export async function changeChart(application: Application, change: 'tamper' | 'restore'): Promise<void> {
  await call('POST', `demo/${change}?${ofDemo(application)}`, {});
}

function pathOf({ metadata }: Application): string {
  return `api/v1/applications/${encodeURIComponent(metadata.name)}`;
}

function inNamespace({ metadata }: Application, more: Readonly<Record<string, string>> = {}): string {
  return new URLSearchParams({ appNamespace: metadata.namespace, ...more }).toString();
}

function ofDemo(application: Application | null): string {
  if (application === null) return '';
  const { namespace, name } = application.metadata;
  return new URLSearchParams({ namespace, name }).toString();
}

/**
 * Paths are below the page's base, as Argo CD may be under a path of its own. The page and what answers it are of one
 * build: the answer's type is taken as said.
 */
async function call<Answer = unknown>(method: string, path: string, body?: object): Promise<Answer> {
  const response = await fetch(path, {
    method,
    ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });
  const answer: unknown = await response.json().catch(() => null);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- see above
  if (response.ok) return answer as Answer;
  const said = isRecord(answer) ? answer['message'] : null;
  throw new Error(typeof said === 'string' ? said : `${response.status} ${response.statusText}`);
}
