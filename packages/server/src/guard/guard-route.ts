import express, { type Request, type RequestHandler, type Response } from 'express';
import { wording } from '@source-integrity/core/contract';
import type { Reason } from '../admission/refusal.ts';
import type { ClusterView } from '../cluster/cluster.ts';
import type { ServerContext } from '../context.ts';
import { answerJson } from '../http/answer.ts';
import { ApiError } from '../http/api-error.ts';
import { requestIdOf } from '../http/request-id.ts';
import { argocdSettings } from '../verification/argocd-settings.ts';
import type { Callers, Refused } from './callers.ts';
import { judgeCall } from './judge-call.ts';
import { type GuardAnswer, type GuardedCall, GuardQuestion } from './wire.ts';

/** As long as a person's sync waits, and then as long as it takes to answer one more time. */
const WAIT_MS = 20_000;
/** Sentences of one answer: Argo CD shows them in a condition. */
const MAX_SENTENCES = 5;

/** A lock file and the digests of what it names. */
const MAX_QUESTION = '1mb';
const parse = express.json({ limit: MAX_QUESTION, inflate: false, type: () => true });

/**
 * `POST /guard/v1/pulls`: whether what Helm has downloaded for the repo-server may be rendered. Only the repo-server's
 * ServiceAccount is answered, and nobody else's body is read.
 */
export function guardRoute(context: ServerContext, callers: Callers): RequestHandler {
  return async (request, response) => {
    const address = request.socket.remoteAddress ?? '';
    const caller = await callers.identify(request.headers.authorization ?? '', address);
    if ('refused' in caller) {
      context.metrics.guardTurnedAway(caller.status);
      throw turnedAway(caller, response);
    }
    const asked = GuardQuestion.safeParse(await bodyOf(request, response));
    if (!asked.success) throw new ApiError(400, 'bad-request', 'This is not a question of the guard.');
    const { call, guard, policy: kept } = asked.data;
    context.guards.asked(guard);
    const view = await context.cluster.view();
    const { policy, policyDigest } = await argocdSettings(view);
    const startedAt = performance.now();
    const options = { view, policy, verifier: context.verifier, now: context.now(), waitMs: WAIT_MS };
    const judged = await judgeCall(call, options);
    const { action, reasons, archives } = judged;
    context.guards.decided(judged, performance.now() - startedAt);
    context.audit.pullDecided({
      account: caller.account,
      call: described(call),
      guard,
      action,
      because: reasons.map(({ problem }) => problem.code),
      requestId: requestIdOf(response),
    });
    await context.pulls.record(archives);
    if (call.kind === 'unguarded' && action !== 'refuse') context.pulls.interrupted();
    const isVouchedFor =
      call.kind === 'pull' && archives[0]?.outcome === 'verified' && policy.guardUnavailable === 'allowVerified';
    const receipt = isVouchedFor ? context.receipts.issue(call, policyDigest ?? '', context.now()) : null;
    const answer: GuardAnswer = {
      action,
      sentences: sentencesOf(reasons),
      policy: policyDigest === kept ? null : toldPolicy(view, policyDigest),
      receipt,
    };
    answerJson(response, 200, answer);
  };
}

function turnedAway({ status, refused, retryAfterSeconds }: Refused, response: Response): ApiError {
  // Nobody reads what comes after the headers.
  response.setHeader('Connection', 'close');
  const code = status === 429 ? 'guard-busy' : 'guard-not-let-in';
  return new ApiError(status, code, refused, retryAfterSeconds ?? null);
}

async function bodyOf(request: Request, response: Response): Promise<unknown> {
  await new Promise<void>((resolve, reject) => {
    parse(request, response, (error?: unknown) => {
      if (error === undefined) resolve();
      else reject(error);
    });
  });
  const body: unknown = request.body;
  return body;
}

/** The first with what to do about it; each once, however many projects say it. */
function sentencesOf(reasons: readonly Reason[]): string[] {
  const worded = reasons.map(({ subject, problem }) => wording(problem, subject));
  const sentences = [...new Set(worded.map(({ sentence }) => sentence))].slice(0, MAX_SENTENCES);
  const [first] = worded;
  return first === undefined ? [] : [`${first.sentence} ${first.remedy}`, ...sentences.slice(1)];
}

/** What the guard keeps for when nobody answers. A policy that cannot be read is not one to rest on. */
function toldPolicy(view: ClusterView, digest: string | null): GuardAnswer['policy'] {
  const policy = view.policy();
  if (policy.status !== 'found' || digest === null) return null;
  return { digest, entries: Object.fromEntries(policy.value) };
}

/** What was pulled, in a line; never with credentials, which the guard does not send. */
function described(call: GuardedCall): string {
  switch (call.kind) {
    case 'pull':
      return `${call.repository} ${call.chart} ${call.version} ${call.digest}`;
    case 'dependencies':
      return `dependencies ${call.archives.map(({ file }) => file).join(' ')}`;
    case 'unguarded':
      return call.why;
  }
}
