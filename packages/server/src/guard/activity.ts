import type { PolicySet } from '@source-integrity/core';
import type { Metrics } from '../metrics.ts';
import type { JudgedCall } from './judge-call.ts';

export interface GuardActivityOptions {
  /** Of this server. */
  readonly version: string;
  readonly metrics: Metrics;
  readonly now: () => Date;
}

/** What `/readyz` tells of the guard, since this server was started. */
export interface GuardState {
  /** Calls decided on. */
  readonly pulls: number;
  readonly refused: number;
  /** Archives that were others than this server was given. */
  readonly mismatches: number;
  /** When a guard of each version asked last. */
  readonly versions: Readonly<Record<string, string>>;
}

const DAY_MS = 24 * 60 * 60 * 1000;
/** More are one: a version is a label of a metric. */
const MOST_VERSIONS = 10;

/** Counts what guards ask, and notices what is odd about them. */
export class GuardActivity {
  readonly #options: GuardActivityOptions;
  readonly #versions = new Map<string, Date>();
  #lastAt: Date;
  #pulls = 0;
  #refused = 0;
  #mismatches = 0;

  constructor(options: GuardActivityOptions) {
    this.#options = options;
    this.#lastAt = options.now();
  }

  /** A guard that is let in has a question. */
  asked(version: string): void {
    const label = this.#labelOf(version);
    this.#lastAt = this.#options.now();
    this.#versions.set(label, this.#lastAt);
    this.#options.metrics.guardAsked(label);
  }

  decided({ action, archives }: JudgedCall, durationMs: number): void {
    const { metrics } = this.#options;
    const mismatches = archives.filter(({ expected }) => expected !== null).length;
    this.#pulls += 1;
    this.#refused += action === 'refuse' ? 1 : 0;
    this.#mismatches += mismatches;
    metrics.pullDecided(action, durationMs);
    metrics.pullsMismatched(mismatches);
  }

  state(): GuardState {
    const versions = [...this.#versions].map(([version, at]) => [version, at.toISOString()] as const);
    return {
      pulls: this.#pulls,
      refused: this.#refused,
      mismatches: this.#mismatches,
      versions: Object.fromEntries(versions),
    };
  }

  /** For `/readyz`; `stated` is where the policy says that the guard is. */
  notes(stated: PolicySet['verifiedPull']): string[] {
    const { version, now } = this.#options;
    const since = now().getTime() - DAY_MS;
    const others = [...this.#versions].filter(([other, at]) => other !== version && at.getTime() >= since);
    const notes = others.map(
      ([other]) => `A guard of version ${other} asks, and this server is ${version}: restart the repo-server.`,
    );
    if (stated === 'everywhere' && this.#lastAt.getTime() < since) {
      notes.push('The policy has verifiedPull: everywhere, but no guard has asked for a day.');
    }
    return notes;
  }

  #labelOf(version: string): string {
    const isVersion = /^[0-9a-z][0-9a-z.+-]{0,31}$/.test(version);
    return isVersion && (this.#versions.has(version) || this.#versions.size < MOST_VERSIONS) ? version : 'other';
  }
}
