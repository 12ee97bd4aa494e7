import type { ApplicationRef, Decision, Report } from '@source-integrity/core';
import { LRUCache } from 'lru-cache';
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
  /** Of the ConfigMap that was decided by; null where none was, or could be, read. */
  readonly policyDigest: string | null;
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
/** For so long a refusal that comes again is counted. */
const COUNTED_MS = 60_000;
/** Refusals that may be counted at a time; of more the counts are told early. */
const MOST_COUNTED = 1000;

interface Refusal {
  readonly line: object;
  /** The line as text, to tell whether another is the same. */
  readonly text: string;
  readonly at: number;
  lastRequest: string;
  repeated: number;
  timer: NodeJS.Timeout | null;
}

/**
 * Writes one line for each decision, at a level that `--log-level` cannot filter out. A refusal whose like was written
 * within the last minute is counted, and the count written at the end of the minute, or when what is decided changes:
 * some of Argo CD's controllers try again several times a second. What is let through is never only counted.
 */
export class Audit {
  readonly #logger: Logger;
  /** The last refusal of each thing that is decided on. */
  readonly #refusals: LRUCache<string, Refusal>;

  constructor(logger: Logger, mostCounted = MOST_COUNTED) {
    this.#refusals = new LRUCache({
      max: mostCounted,
      dispose: (refusal) => {
        this.#tellCount(refusal);
      },
    });
    this.#logger = logger.child({ audit: true }, { level: 'info' });
  }

  record(audited: AuditedEvent): void {
    const { event, claimedBy, application, sources, decision, exemption, policyDigest, dryRun, requestId } = audited;
    const line = {
      event,
      claimedBy: shorten(claimedBy),
      application,
      sources: sources.slice(0, MOST_SOURCES).map(shorten),
      decision,
      exemption,
      policyDigest,
      dryRun,
    };
    const subject = JSON.stringify([event, application.namespace, application.name]);
    this.#tell(subject, decision.action === 'deny', line, shorten(requestId));
  }

  pullDecided({ account, call, guard, action, because, requestId }: AuditedPull): void {
    const line = {
      event: 'pull-decided',
      account: shorten(account),
      call: shorten(call),
      guard: shorten(guard),
      action,
      because,
    };
    this.#tell(JSON.stringify([line.event, line.call]), action === 'refuse', line, shorten(requestId));
  }

  /** Tells what was only counted so far. */
  close(): void {
    this.#refusals.clear();
  }

  #tell(subject: string, isRefusal: boolean, line: object, requestId: string): void {
    const now = performance.now();
    const text = isRefusal ? JSON.stringify(line) : '';
    const last = this.#refusals.get(subject);
    if (isRefusal && last?.text === text && now - last.at < COUNTED_MS) {
      last.repeated += 1;
      last.lastRequest = requestId;
      last.timer ??= setTimeout(() => this.#refusals.delete(subject), last.at + COUNTED_MS - now).unref();
      return;
    }
    // Before this line comes the count of those before.
    this.#refusals.delete(subject);
    this.#logger.info({ ...line, requestId });
    if (isRefusal)
      this.#refusals.set(subject, { line, text, at: now, lastRequest: requestId, repeated: 0, timer: null });
  }

  #tellCount({ line, lastRequest, repeated, timer }: Refusal): void {
    if (timer !== null) clearTimeout(timer);
    if (repeated > 0) this.#logger.info({ ...line, requestId: lastRequest, repeated });
  }
}

// JSON escapes line breaks, so no text can begin a line of its own.
const shorten = (text: string): string => text.slice(0, LONGEST);
