import type { Decision, Trigger, VerdictStatus } from '@source-integrity/core';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

const PREFIX = 'source_integrity_';
/** Seconds; the gate's budgets (2 and 8) are among the bounds. */
const DURATIONS = [0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60, 120];

export interface MetricsOptions {
  readonly version: string;
  /** How many jobs are in each state, asked when metrics are read. */
  readonly jobs?: () => { readonly queued: number; readonly running: number };
  /** When a TUF mirror last vouched for the public-good trust root, asked when metrics are read; null: never. */
  readonly trustRootCheckedAt?: () => Date | null;
  /** When the certificates of the webhooks end, asked when metrics are read; null: there is none. */
  readonly certificateExpiry?: () => { readonly serving: Date | null; readonly authority: Date | null };
  /** Memory, event loop and garbage collection of this process; on unless said otherwise. */
  readonly process?: boolean;
}

/** What Prometheus is told. Every label comes from a closed set: no name, URL or digest is ever one. */
export class Metrics {
  readonly #registry = new Registry();
  readonly #verifications: Counter<'status'>;
  readonly #verificationSeconds: Histogram<'trigger'>;
  readonly #gateDecisions: Counter<'action' | 'automated'>;
  readonly #gateSeconds: Histogram<'answered_from'>;
  readonly #pins: Counter<'outcome'>;
  readonly #pulls: Counter<'action'>;
  readonly #pullSeconds: Histogram;
  readonly #pullMismatches: Counter;
  readonly #guardQuestions: Counter<'version'>;
  readonly #guardTurnedAway: Counter<'status'>;
  readonly #fetches: Counter<'outcome'>;
  readonly #fetchSeconds: Histogram;
  readonly #refusedJobs: Counter<'reason'>;
  readonly #certificateFailures: Counter<'step'>;
  readonly #trustRootRefreshes: Counter<'outcome'>;

  constructor({
    version,
    jobs,
    trustRootCheckedAt = () => null,
    certificateExpiry = () => ({ serving: null, authority: null }),
    process = true,
  }: MetricsOptions) {
    const registers = [this.#registry];
    if (process) collectDefaultMetrics({ register: this.#registry });
    const counter = <L extends string>(name: string, help: string, labelNames: readonly L[]): Counter<L> =>
      new Counter({ name: `${PREFIX}${name}`, help, labelNames, registers });
    const histogram = <L extends string>(name: string, help: string, labelNames: readonly L[]): Histogram<L> =>
      new Histogram({ name: `${PREFIX}${name}`, help, labelNames, buckets: DURATIONS, registers });

    this.#verifications = counter('verifications_total', 'Sources verified, by verdict.', ['status']);
    this.#verificationSeconds = histogram('verification_duration_seconds', 'Time for one Application.', ['trigger']);
    this.#gateDecisions = counter('gate_decisions_total', 'Syncs decided on.', ['action', 'automated']);
    this.#gateSeconds = histogram('gate_duration_seconds', 'Time until the gate answered.', ['answered_from']);
    this.#pins = counter('pins_total', 'Operations that pin was asked about.', ['outcome']);
    this.#pullMismatches = counter(
      'pull_mismatches_total',
      'Archives of the repo-server that were others than those this server was given.',
      [],
    );
    this.#guardQuestions = counter('guard_questions_total', 'Questions of guards, by their version.', ['version']);
    this.#guardTurnedAway = counter('guard_turned_away_total', "Callers of the guard's path not let in.", ['status']);
    this.#pulls = counter('pulls_total', 'Downloads of the repo-server decided on.', ['action']);
    this.#pullSeconds = histogram('pull_duration_seconds', 'Time until a download was decided on.', []);
    this.#fetches = counter('fetches_total', 'Requests to repositories, by status class or problem.', ['outcome']);
    this.#fetchSeconds = histogram('fetch_duration_seconds', 'Time of requests to repositories.', []);
    this.#refusedJobs = counter('jobs_refused_total', 'Re-verifications that were refused.', ['reason']);

    this.#trustRootRefreshes = counter(
      'trust_root_refreshes_total',
      'Refreshes of the public-good trust root: refreshed, or a problem.',
      ['outcome'],
    );
    this.#registry.registerMetric(trustRootAge(trustRootCheckedAt));

    this.#certificateFailures = counter(
      'certificate_failures_total',
      'Looks at the certificates of the webhooks that failed.',
      ['step'],
    );
    this.#registry.registerMetric(certificateGauge(certificateExpiry));

    const build = new Gauge({ name: `${PREFIX}build_info`, help: 'Always 1.', labelNames: ['version'], registers });
    build.set({ version }, 1);
    if (jobs !== undefined) {
      this.#registry.registerMetric(jobsGauge(jobs));
    }
  }

  /** One source has a verdict. */
  sourceVerified(status: VerdictStatus): void {
    this.#verifications.inc({ status });
  }

  /** All sources of one Application have been looked at. */
  applicationVerified(trigger: Trigger, durationMs: number): void {
    this.#verificationSeconds.observe({ trigger }, durationMs / 1000);
  }

  /** A sync was decided on, from stored answers alone or after asking a repository. */
  gateDecided(
    action: Decision['action'],
    automated: boolean,
    answeredFrom: 'store' | 'repository',
    durationMs: number,
  ): void {
    this.#gateDecisions.inc({ action, automated: String(automated) });
    this.#gateSeconds.observe({ answered_from: answeredFrom }, durationMs / 1000);
  }

  /** Pin has written into an operation, left it as it was, or failed to look at it. */
  pinAnswered(outcome: 'pinned' | 'unchanged' | 'fault'): void {
    this.#pins.inc({ outcome });
  }

  /** A download of the repo-server was decided on. */
  pullDecided(action: 'allow' | 'warn' | 'refuse', durationMs: number): void {
    this.#pulls.inc({ action });
    this.#pullSeconds.observe(durationMs / 1000);
  }

  /** Archives that the repo-server was given were others than this server's. */
  pullsMismatched(count: number): void {
    this.#pullMismatches.inc(count);
  }

  /** A guard that is let in has a question; the versions that are told apart are few. */
  guardAsked(version: string): void {
    this.#guardQuestions.inc({ version });
  }

  /** Somebody at the guard's path was not let in. */
  guardTurnedAway(status: 401 | 403 | 429 | 503): void {
    this.#guardTurnedAway.inc({ status: String(status) });
  }

  /** A request to a repository is over: a status class (`2xx`) or a problem's code. */
  fetched(outcome: string, durationMs: number): void {
    this.#fetches.inc({ outcome });
    this.#fetchSeconds.observe(durationMs / 1000);
  }

  jobRefused(reason: 'busy' | 'rate-limited'): void {
    this.#refusedJobs.inc({ reason });
  }

  /** The TUF mirror was asked: `refreshed`, or a problem's code. */
  trustRootRefreshed(outcome: string): void {
    this.#trustRootRefreshes.inc({ outcome });
  }

  /** A certificate could not be renewed, read, or made known to the API server. */
  certificateFailed(step: 'secret' | 'webhook' | 'files'): void {
    this.#certificateFailures.inc({ step });
  }

  /** The media type of {@link text}. */
  get contentType(): string {
    return this.#registry.contentType;
  }

  /** What `/metrics` answers. */
  text(): Promise<string> {
    return this.#registry.metrics();
  }
}

/** Below zero: it has expired. */
function certificateGauge(expiry: NonNullable<MetricsOptions['certificateExpiry']>): Gauge<'certificate'> {
  return new Gauge({
    name: `${PREFIX}certificate_expiry_seconds`,
    help: 'Time until a certificate of the webhooks ends.',
    labelNames: ['certificate'],
    registers: [],
    collect() {
      const { serving, authority } = expiry();
      if (serving !== null) this.set({ certificate: 'serving' }, (serving.getTime() - Date.now()) / 1000);
      if (authority !== null) this.set({ certificate: 'authority' }, (authority.getTime() - Date.now()) / 1000);
    },
  });
}

/** Has no value while no mirror has vouched for the root: the age of what came with the release says nothing. */
function trustRootAge(checkedAt: () => Date | null): Gauge {
  return new Gauge({
    name: `${PREFIX}trust_root_age_seconds`,
    help: 'Time since a TUF mirror vouched for the public-good trust root.',
    registers: [],
    collect() {
      const at = checkedAt();
      if (at === null) this.remove();
      else this.set((Date.now() - at.getTime()) / 1000);
    },
  });
}

function jobsGauge(jobs: () => { readonly queued: number; readonly running: number }): Gauge<'state'> {
  return new Gauge({
    name: `${PREFIX}jobs`,
    help: 'Verifications waiting and under way.',
    labelNames: ['state'],
    registers: [],
    collect() {
      const { queued, running } = jobs();
      this.set({ state: 'queued' }, queued);
      this.set({ state: 'running' }, running);
    },
  });
}
