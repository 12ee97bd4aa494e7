import { enforcementFor, type Gap, type PolicySet, wording } from '@source-integrity/core';
import type { RequestHandler } from 'express';
import type { ServerContext } from '../context.ts';
import { argocdSettings } from '../verification/argocd-settings.ts';
import { answerJson } from './answer.ts';

/** `GET /healthz`: the process answers. */
export const healthRoute: RequestHandler = (_request, response) => {
  answerJson(response, 200, { status: 'ok' });
};

/**
 * `GET /readyz`: whether it can decide: objects and store can be read. What is wrong with objects or policy does not
 * make it unready – it refuses because of that, which is what it is for – and is told all the same.
 */
export function readinessRoute({
  cluster,
  store,
  publicGood,
  certificates,
  tokens,
  webhooks,
  guards,
}: ServerContext): RequestHandler {
  return async (_request, response) => {
    const storeReady = await store.isReady();
    const view = await cluster.view();
    const health = cluster.health();
    const ready = storeReady && health.ready;
    const { policy } = await argocdSettings(view);
    const notes = [
      ...health.notes,
      ...view.faults.map(({ place, reason }) => `${place}: ${reason}`),
      ...[...policy.problems, ...[...policy.projects.values()].flatMap(({ problems }) => problems)].map(
        (each) => wording(each, 'A source').sentence,
      ),
      ...publicGood.notes(),
      ...(certificates?.notes() ?? []),
      ...tokens.notes(),
      ...guards.notes(policy.verifiedPull),
      ...(webhooks !== null && enforcesAnywhere(policy)
        ? [
            ...(webhooks.gaps ?? []).map((gap) => GAPS[gap]),
            ...unasked(webhooks.unasked(view.applications().map(({ namespace }) => namespace))),
            ...webhooks.narrowings.map((how) => `The policy enforces, but not for every sync: ${how}.`),
            ...undermining(view.undermining()),
          ]
        : []),
    ];
    answerJson(response, ready ? 200 : 503, {
      status: ready ? 'ready' : 'not ready',
      cluster: health.ready ? 'ready' : 'cannot be read',
      store: storeReady ? 'ready' : 'cannot be written',
      guard: guards.state(),
      notes: notes.slice(0, 100),
    });
  };
}

const GAPS = {
  'gate-missing': "The policy enforces, but the gate's webhook is not installed: all syncs pass unverified.",
  'gate-lets-through':
    "The policy enforces, but failurePolicy of the gate's webhook is Ignore: while this server cannot be reached, syncs pass unverified.",
  'pin-missing':
    "The policy enforces, but the pin's webhook is not installed: a sync that names a range or a tag may be refused.",
} satisfies Record<Gap, string>;

const MOST_NAMED = 5;

function unasked(namespaces: readonly string[]): readonly string[] {
  if (namespaces.length === 0) return [];
  return [
    `The policy enforces, but the gate's webhook does not select ${named(namespaces)}: syncs of Applications there pass unverified.`,
  ];
}

function undermining(projects: readonly string[]): readonly string[] {
  if (projects.length === 0) return [];
  return [
    `The policy enforces, but Applications of ${projects.length === 1 ? 'project' : 'projects'} ${named(projects)} may deploy into Argo CD's namespace, or webhook configurations and the like, and so replace what enforces: restrict destinations and clusterResourceWhitelist.`,
  ];
}

function named(names: readonly string[]): string {
  const more = names.length > MOST_NAMED ? ` and ${names.length - MOST_NAMED} more` : '';
  return `${names.slice(0, MOST_NAMED).join(', ')}${more}`;
}

function enforcesAnywhere(policy: PolicySet): boolean {
  // A project that the policy does not name is under what it says for all.
  return ['', ...policy.projects.keys()].some((name) => enforcementFor(policy, name).value === 'enforce');
}

/** `GET /metrics`, for Prometheus. */
export function metricsRoute({ metrics }: ServerContext): RequestHandler {
  return async (_request, response) => {
    response.setHeader('Content-Type', metrics.contentType);
    response.status(200).send(await metrics.text());
  };
}
