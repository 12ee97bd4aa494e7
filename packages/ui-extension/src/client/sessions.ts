import type { ApplicationIdentity } from '../host/application.ts';
import { createApi } from './api.ts';
import { createArgocd } from './argocd.ts';
import { pageVisibility } from './schedule.ts';
import { createSession, type Session } from './session.ts';

/** Applications whose sessions are kept after nobody listens any more, so that a tab opened again shows at once. */
const KEPT = 5;
const sessions = new Map<string, Session>();

/** The one session of an Application: tab and status panel share its requests. */
export function sessionOf(application: ApplicationIdentity): Session {
  const key = JSON.stringify([application.namespace, application.name, application.project]);
  const fetch: typeof window.fetch = (...call) => window.fetch(...call);
  const session =
    sessions.get(key) ??
    createSession(createApi(application, fetch), createArgocd(application, fetch), pageVisibility(document));
  sessions.delete(key);
  sessions.set(key, session);
  for (const oldest of sessions.keys()) {
    if (sessions.size <= KEPT) break;
    sessions.delete(oldest);
  }
  return session;
}
