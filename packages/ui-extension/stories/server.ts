import type { History, Job, Keys, Report } from '@source-integrity/core/contract';
import { createApi } from '../src/client/api.ts';
import { createArgocd } from '../src/client/argocd.ts';
import { createSession, type Session } from '../src/client/session.ts';
import { history, keys } from './ledger.ts';

/** What the server would answer; a report that is a function may change from call to call. */
export interface Answers {
  readonly report?: Report | (() => Report | Response | Promise<Response>);
  readonly history?: History | (() => Response);
  readonly keys?: Keys | (() => Response);
  /** The answers to the request for a verification and to each look at it; the last one stays. */
  readonly jobs?: readonly (Job | Response)[];
  readonly evidence?: () => Response | Promise<Response>;
  /** What Argo CD says of a commit of the source at this index. */
  readonly commit?: (source: string, revision: string) => Response | Promise<Response>;
}

const json = (value: unknown, status = 200): Response =>
  new Response(JSON.stringify(value), { status, headers: { 'Content-Type': 'application/json' } });

/** A whole session against a server that answers from memory: the tab's own client, parsers and state machine. */
export function sessionWith(answers: Answers, timeoutMs?: number): Session {
  let looks = 0;
  const answer = async (path: string): Promise<Response> => {
    const [, revision] = /^api\/v1\/applications\/payments\/revisions\/(\w+)\/metadata\?/.exec(path) ?? [];
    if (revision !== undefined) {
      const source = new URLSearchParams(path.slice(path.indexOf('?'))).get('sourceIndex');
      return answers.commit?.(source ?? '', revision) ?? json({ code: 5, message: 'not found' }, 404);
    }
    const what = path.replace(/^extensions\/source-integrity\/api\/v1\//, '').split(/[/?]/)[0];
    switch (what ?? '') {
      case 'report': {
        const value = typeof answers.report === 'function' ? await answers.report() : answers.report;
        return value instanceof Response ? value.clone() : json(value);
      }
      case 'history':
        return typeof answers.history === 'function' ? answers.history() : json(answers.history ?? history);
      case 'keys':
        return typeof answers.keys === 'function' ? answers.keys() : json(answers.keys ?? keys);
      case 'verifications': {
        const jobs = answers.jobs ?? [];
        const value = jobs[Math.min(looks++, jobs.length - 1)];
        return value instanceof Response ? value.clone() : json(value, 202);
      }
      case 'evidence':
        return answers.evidence?.() ?? new Response('-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n');
      default:
        return json({}, 404);
    }
  };
  const fetch: typeof globalThis.fetch = (input, init) =>
    new Promise((resolve, reject) => {
      init?.signal?.addEventListener('abort', () => reject(new Error('aborted')));
      answer(typeof input === 'string' ? input : '').then(resolve, reject);
    });
  const application = { namespace: 'argocd', name: 'payments', project: 'payments' };
  return createSession(createApi(application, fetch, timeoutMs), createArgocd(application, fetch, timeoutMs), {
    hidden: () => false,
    onChange: () => () => {},
  });
}
