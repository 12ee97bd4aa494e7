import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { inject } from 'vitest';
import { type Account, OTHER_NAMESPACES } from './argocd.ts';
import { type Condition, type Kind, sourceOf } from './artifacts.ts';
import { remoteControls } from './control.ts';
import type { User } from './control-plane.ts';
import { at, isObject, type Json, type JsonObject, listAt, textAt } from './json.ts';
import { Kubernetes, path, Refused } from './kubernetes.ts';
import { Registry } from './registry.ts';

export { path, Refused };
export { at, listAt, textAt } from './json.ts';

/** Where everything is. */
export const stack = inject('addresses');
/** What can be done to it. */
export const controls = remoteControls(inject('controls'));

/** The Kubernetes API as somebody with a token of their own. */
export function kubernetesAs(user: User): Kubernetes {
  const { server, caFile, tokens } = stack.kubernetes;
  return new Kubernetes({ server, ca: readFileSync(caFile, 'utf8'), token: tokens[user] });
}
export const kubernetes = kubernetesAs('admin');
export const registry = new Registry(stack.registry);

/** The source of an artifact of the matrix. */
export function source(kind: Kind, condition: Condition): JsonObject {
  return sourceOf(stack.places, kind, condition);
}

// ------------------------------------------------------------------------------------------------- Applications

export interface Wanted {
  readonly namespace?: string;
  readonly project?: string;
  readonly automated?: boolean;
  /** More fields of the spec, or others. */
  readonly spec?: JsonObject;
  readonly metadata?: JsonObject;
  /** Fields beside the spec: `operation`, `status`. */
  readonly beside?: JsonObject;
}

/**
 * The manifest of an Application that deploys `from` (one source, or several) into a namespace of its own, which has
 * the Application's name.
 */
export function applicationManifest(
  name: string,
  from: JsonObject | readonly JsonObject[],
  { namespace = 'argocd', project = 'default', automated = false, spec, metadata, beside }: Wanted = {},
): JsonObject {
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: { name, namespace, ...metadata },
    spec: {
      project,
      destination: { server: 'https://kubernetes.default.svc', namespace: name },
      syncPolicy: {
        syncOptions: ['CreateNamespace=true'],
        ...(automated ? { automated: { selfHeal: true } } : {}),
      },
      ...(isObject(from) ? { source: from } : { sources: from }),
      ...spec,
    },
    ...beside,
  };
}

/** Creates it, as the administrator. */
export async function createApplication(
  name: string,
  from: JsonObject | readonly JsonObject[],
  wanted: Wanted = {},
): Promise<JsonObject> {
  return kubernetes.create(path.application('', wanted.namespace), applicationManifest(name, from, wanted));
}

/** A project that permits everything but what is said. Again is the same as once. */
export async function createProject(name: string, spec: JsonObject): Promise<void> {
  await kubernetes.apply(path.project(name), {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'AppProject',
    metadata: { name, namespace: 'argocd' },
    spec: {
      sourceRepos: ['*'],
      destinations: [{ server: '*', namespace: '*' }],
      clusterResourceWhitelist: [{ group: '', kind: 'Namespace' }],
      ...spec,
    },
  });
}

/** Deletes all Applications and ApplicationSets, so that Argo CD is idle; what they deployed stays. */
export async function tidy(): Promise<void> {
  for (const namespace of ['argocd', ...OTHER_NAMESPACES]) {
    for (const collection of [path.applicationSet('', namespace), path.application('', namespace)]) {
      for (const object of await kubernetes.list(collection)) {
        const each = `${collection}/${textAt(object, 'metadata', 'name')}`;
        if (listAt(object, 'metadata', 'finalizers').length > 0) {
          const body = { metadata: { finalizers: null } };
          // It may end by itself meanwhile.
          await kubernetes.ask('PATCH', each, body, 'application/merge-patch+json');
        }
        await kubernetes.delete(each);
      }
    }
  }
}

export async function application(name: string, namespace = 'argocd'): Promise<JsonObject> {
  const found = await kubernetes.get(path.application(name, namespace));
  if (found === null) throw new Error(`there is no Application ${namespace}/${name}`);
  return found;
}

/** What was deployed into the namespace of an Application: `ConfigMap/name`, …, sorted. Read from Kubernetes. */
export async function deployed(name: string): Promise<readonly string[]> {
  const found: string[] = [];
  const base = `/api/v1/namespaces/${name}`;
  for (const [kind, collection] of [
    ['ConfigMap', `${base}/configmaps`],
    ['Service', `${base}/services`],
    ['Secret', `${base}/secrets`],
    ['Deployment', `/apis/apps/v1/namespaces/${name}/deployments`],
  ] as const) {
    for (const object of await kubernetes.list(collection)) found.push(`${kind}/${textAt(object, 'metadata', 'name')}`);
  }
  return found.toSorted();
}

/** The message of a condition; empty where the Application doesn't have it. */
export async function condition(name: string, type: string, namespace = 'argocd'): Promise<string> {
  return conditionOf(await application(name, namespace), type);
}

/** The same of an Application that has been read. */
export function conditionOf(found: JsonObject, type: string): string {
  return textAt(
    listAt(found, 'status', 'conditions').find((each) => textAt(each, 'type') === type),
    'message',
  );
}

/**
 * Asks Argo CD to compare again, with what it has in its caches or without. By its time, as Argo CD's own API gives it
 * one, it is told from a request before it; one that waits is replaced.
 */
export async function refresh(
  name: string,
  kind: 'normal' | 'hard' = 'normal',
  namespace = 'argocd',
): Promise<JsonObject> {
  return kubernetes.patch(path.application(name, namespace), {
    metadata: { annotations: { [REFRESH]: kind, [`${REFRESH}-timestamp`]: randomUUID() } },
  });
}
const REFRESH = 'argocd.argoproj.io/refresh';

/**
 * The Application as that comparison left it. What it says may last for a moment only: after a hard refresh that
 * failed, the next comparison finds in Redis what had been rendered before.
 */
export async function compared(
  name: string,
  kind: 'normal' | 'hard' = 'normal',
  namespace = 'argocd',
): Promise<JsonObject> {
  const version = textAt(await refresh(name, kind, namespace), 'metadata', 'resourceVersion');
  return kubernetes.watch(path.application(name, namespace), version, (found) =>
    isObject(found) && at(found, 'metadata', 'annotations', REFRESH) === undefined ? found : null,
  );
}

/** Waits until Argo CD has finished an operation; answers its phase and message. */
export async function finished(name: string, namespace = 'argocd'): Promise<{ phase: string; message: string }> {
  return until(`the operation of ${name} has ended`, async () => {
    const found = await application(name, namespace);
    const state = at(found, 'status', 'operationState');
    if (at(found, 'operation') !== undefined || textAt(state, 'finishedAt') === '') return null;
    return { phase: textAt(state, 'phase'), message: textAt(state, 'message') };
  });
}

// ------------------------------------------------------------------------------------------------------ Argo CD

export interface Answered {
  readonly status: number;
  readonly body: unknown;
  /** What Argo CD shows: its `message`, or everything. */
  readonly message: string;
}

/** A request to the real argocd-server, by an account. */
export async function argocd(
  method: string,
  url: string,
  body?: Json,
  as: Account | null = 'operator',
  headers: Readonly<Record<string, string>> = {},
): Promise<Answered> {
  const token = as === null ? '' : stack.argocd.tokens[as];
  const response = await fetch(`${stack.argocd.url}${url}`, {
    method,
    headers: {
      ...(token === '' ? {} : { authorization: `Bearer ${token}`, cookie: `argocd.token=${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  let parsed: unknown = text;
  try {
    parsed = JSON.parse(text);
  } catch {
    // Not every answer is JSON.
  }
  return { status: response.status, body: parsed, message: textAt(parsed, 'message') || text.trim() };
}

/** Syncs by Argo CD's API, as its UI does. */
export async function sync(name: string, body: JsonObject = {}, namespace = 'argocd'): Promise<Answered> {
  await known(name, namespace);
  return argocd('POST', `/api/v1/applications/${name}/sync?appNamespace=${namespace}`, {
    appNamespace: namespace,
    ...body,
  });
}

/** Syncs by Argo CD's API, and waits until it is done. Answers the phase of the operation, or why it was refused. */
export async function syncToEnd(name: string, body: JsonObject = {}, namespace = 'argocd'): Promise<string> {
  const answer = await sync(name, body, namespace);
  if (answer.status !== 200) return answer.message;
  const { phase, message } = await finished(name, namespace);
  return phase === 'Succeeded' ? phase : `${phase}: ${message}`;
}

/** Until argocd-server's own watch has the Application. */
async function known(name: string, namespace: string): Promise<void> {
  await until(`argocd-server knows ${name}`, async () => {
    const { status } = await argocd('GET', `/api/v1/applications/${name}?appNamespace=${namespace}`);
    return status === 200 ? true : null;
  });
}

/** Runs the real command line of Argo CD. */
export async function argocdCli(...args: readonly string[]): Promise<{ code: number; output: string }> {
  const server = new URL(stack.argocd.url).host;
  const { code, output } = await ran(
    stack.tools.argocd,
    [...args, '--server', server, '--plaintext', '--auth-token', stack.argocd.tokens.operator],
    { HOME: join(stack.folder, 'argocd'), ARGOCD_BINARY_NAME: 'argocd', NO_COLOR: '1' },
  );
  // An error comes as a line of its log: JSON, unless it speaks with a terminal.
  return { code, output: output.replaceAll(String.raw`\"`, '"') };
}

/** Runs the real kubectl as the administrator. */
export async function kubectl(...args: readonly string[]): Promise<{ code: number; output: string }> {
  return ran(stack.tools.kubectl, ['--kubeconfig', stack.kubernetes.kubeconfig, ...args], { HOME: stack.folder });
}

/** Runs a program to its end; answers its exit status and what it said on both streams. */
export async function ran(
  file: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    execFile(
      file,
      [...args],
      { env: { PATH: process.env['PATH'] ?? '', ...env }, maxBuffer: 64 * 1024 * 1024, timeout: 180_000 },
      (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
        resolve({ code, output: `${stdout}${stderr}` });
      },
    );
  });
}

/** Keeps what Argo CD or Kubernetes said, word for word, for docs/troubleshooting.md: `messages.txt` beside the logs. */
export function heard(situation: string, message: string): void {
  appendFileSync(join(stack.folder, 'messages.txt'), `## ${situation}\n${message.trim()}\n\n`);
}

// ------------------------------------------------------------------------------------------------------ waiting

/** Asks again until there is an answer; fails with the question, and the last error, when it never comes. */
export async function until<T>(what: string, ask: () => Promise<T | null | false>, withinMs = 180_000): Promise<T> {
  const deadline = Date.now() + withinMs;
  let last: unknown = 'no';
  for (;;) {
    try {
      const answer = await ask();
      if (answer !== null && answer !== false) return answer;
      last = 'no';
    } catch (error) {
      last = error;
    }
    if (Date.now() > deadline)
      throw new Error(`Not within ${withinMs / 1000} s: ${what}. The last answer: ${String(last)}`);
    await sleep(150);
  }
}

/** Nothing like it happens for a while: asks all along, and fails at once where it does. */
export async function never(what: string, happens: () => Promise<boolean>, forMs: number): Promise<void> {
  const end = Date.now() + forMs;
  while (Date.now() < end) {
    if (await happens()) throw new Error(`It happened: ${what}`);
    await sleep(200);
  }
}
