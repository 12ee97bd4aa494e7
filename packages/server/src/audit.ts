import type { ApplicationRef, Decision, Report } from '@source-integrity/core';
import type { Logger } from './logger.ts';

/** Somebody asked for something that a policy decides on, or for something that changes what it decides. */
export interface AuditedEvent {
  readonly event: 'sync-decided' | 're-verification-asked';
  /** Who asked, as it was said: argocd-server's headers can be forged, kube-apiserver's user is Argo CD's own. */
  readonly claimedBy: string;
  readonly application: ApplicationRef;
  /** What would be deployed: one line for each source, such as `payments 1.4.2 sha256:…`. */
  readonly sources: readonly string[];
  readonly decision: Decision;
  /** The exemption by which it was let pass, or could have been. */
  readonly exemption: Report['exemption'];
  /** A decision that changed nothing: kube-apiserver only asked what would be. */
  readonly dryRun: boolean;
  readonly requestId: string;
}

/** The repo-server has downloaded something, which may be rendered or not. */
export interface AuditedPull {
  /** The ServiceAccount that asked, as the API server vouches for it. */
  readonly account: string;
  /** What was downloaded. */
  readonly call: string;
  /** Version of the guard. */
  readonly guard: string;
  readonly action: 'allow' | 'warn' | 'refuse';
  /** Codes of problems. */
  readonly because: readonly string[];
  readonly requestId: string;
}

const MOST_SOURCES = 50;
const LONGEST = 300;

/** Writes one line for each decision, at a level that `--log-level` cannot filter out. */
export class Audit {
  readonly #logger: Logger;

  constructor(logger: Logger) {
    this.#logger = logger.child({ audit: true }, { level: 'info' });
  }

  record({ event, claimedBy, application, sources, decision, exemption, dryRun, requestId }: AuditedEvent): void {
    this.#logger.info({
      event,
      claimedBy: shorten(claimedBy),
      application,
      sources: sources.slice(0, MOST_SOURCES).map(shorten),
      decision,
      exemption,
      dryRun,
      requestId: shorten(requestId),
    });
  }

  pullDecided({ account, call, guard, action, because, requestId }: AuditedPull): void {
    this.#logger.info({
      event: 'pull-decided',
      account: shorten(account),
      call: shorten(call),
      guard: shorten(guard),
      action,
      because,
      requestId: shorten(requestId),
    });
  }
}

// JSON escapes line breaks, so no text can begin a line of its own.
const shorten = (text: string): string => text.slice(0, LONGEST);
