import { randomUUID } from 'node:crypto';
import {
  type Application,
  type ApplicationJudgement,
  type ApplicationRef,
  type Deployment,
  type Digest,
  type HistoryEntry,
  type PhaseName,
  type PlannedSource,
  type PolicySet,
  type Report,
  type SeenArtifact,
  type SourceReport,
  specDeployment,
  type Trigger,
  verifyApplication,
  verifySource,
} from '@source-integrity/core';
import type { ClusterView } from '../cluster/cluster.ts';
import type { CurrentChart, Pulls } from '../guard/pulls.ts';
import type { Metrics } from '../metrics.ts';
import type { ApplicationScope, Store } from '../store/store.ts';
import { argocdSettings } from './argocd-settings.ts';
import type { Charts } from './charts.ts';
import { judgedProject } from './judged-project.ts';
import type { Registries } from './registries.ts';
import type { Ask } from './settling.ts';
import type { SignaturePool } from './signature-pool.ts';
import { signatureTrust } from './signature-trust.ts';
import type { PublicGoodTrustRoot } from '../trust-root/public-good.ts';

export interface VerifyRequest {
  readonly view: ClusterView;
  readonly application: ApplicationRef;
  readonly deployment: Deployment;
  readonly deployedRevisions: readonly string[];
  readonly trigger: Trigger;
  readonly runningJob: string | null;
  /** How long the asker can wait, and whether yesterday's bytes will do: see {@link Ask}. */
  readonly ask: Pick<Ask, 'waitMs' | 'interactive'> & { readonly refresh: boolean };
  /** Whether to look at sources of which nothing is required. */
  readonly observe: boolean;
  /** A dry run leaves nothing behind. */
  readonly record: boolean;
  /** Takes the writing of the history, which nothing rests on, out of the way of whoever waits; default: it is waited for. */
  readonly afterwards?: (work: () => Promise<void>) => void;
  readonly enter: (phase: PhaseName) => void;
}

type Looking = Pick<VerifyRequest, 'view' | 'ask' | 'observe' | 'record' | 'enter'> & { readonly account: string };

export interface PullRequest extends Pick<VerifyRequest, 'view' | 'ask'> {
  /** Whose policy is asked, beside the baseline. */
  readonly project: string;
  /** Whose credentials are used. */
  readonly account: string;
  readonly planned: PlannedSource;
}

export interface PulledChart {
  readonly report: SourceReport;
  /** Of the archive; null where none could be had. */
  readonly bytes: Digest | null;
}

export interface ApplicationVerifierOptions {
  readonly charts: Charts;
  readonly registries: Registries;
  readonly signatures: SignaturePool;
  readonly publicGood: Pick<PublicGoodTrustRoot, 'read'>;
  readonly pulls: Pick<Pulls, 'withPulls' | 'mayBeHeld'>;
  readonly store: Store;
  readonly metrics: Metrics;
  readonly now: () => Date;
}

/** A refusal that comes again within so long is none of its own. */
const AGAIN_MS = 60_000;

/** Verifies Applications with what this server has: the cluster's objects, the repositories, and what it remembers. */
export class ApplicationVerifier {
  readonly #options: ApplicationVerifierOptions;

  constructor(options: ApplicationVerifierOptions) {
    this.#options = options;
  }

  async verify(request: VerifyRequest): Promise<Report> {
    const { trigger, record, enter } = request;
    const { metrics } = this.#options;
    const startedAt = performance.now();
    const report = await this.look(request);
    for (const { verdict } of report.sources) metrics.sourceVerified(verdict.status);
    metrics.applicationVerified(trigger, performance.now() - startedAt);
    if (record) {
      enter('recording');
      if (request.afterwards === undefined) await this.#record(report);
      else request.afterwards(() => this.#record(report));
    }
    return report;
  }

  /** What would be found, for somebody who decides nothing by it: it is no verification that counts. */
  async look(request: Omit<VerifyRequest, 'afterwards'>): Promise<Report> {
    const { view, application, deployment, deployedRevisions, trigger, runningJob, ask, observe, record, enter } =
      request;
    return verifyApplication(
      {
        application,
        deployment,
        project: judgedProject(view, application.project),
        trigger,
        deployedRevisions,
        runningJob,
      },
      await this.#judgement({ view, account: application.project, ask, observe, record, enter }),
    );
  }

  /** What the tab shows: the Application as it is, if somebody synced it now, and what is known of its pulls. */
  async verifySpec(
    view: ClusterView,
    application: Application,
    request: Omit<VerifyRequest, 'view' | 'application' | 'deployment' | 'deployedRevisions' | 'observe' | 'record'>,
  ): Promise<Report> {
    const { namespace, name, uid, project } = application;
    const report = await this.verify({
      ...request,
      view,
      application: { namespace, name, uid, project },
      deployment: specDeployment(application, view.enablesOCI(project)),
      deployedRevisions: application.deployedRevisions,
      observe: true,
      record: true,
    });
    const sources = await Promise.all(report.sources.map((source) => this.#options.pulls.withPulls(source)));
    return { ...report, sources };
  }

  /**
   * What a project's policy says of a chart that Helm has pulled: nobody's Application, so it leaves no history. The
   * digest is that of the archive that this server was given.
   */
  async verifyPull({ view, project, account, planned, ask }: PullRequest): Promise<PulledChart> {
    const looked = { view, account, ask, observe: false, record: true, enter: () => undefined };
    const judgement = await this.#judgement(looked);
    let bytes: Digest | null = null;
    const report = await verifySource(planned, {
      ...judgement,
      project,
      exempt: false,
      operation: false,
      // Whatever was served before: these bytes are at hand, and no cache comes between.
      otherBytes: () => Promise.resolve([]),
      otherArtifacts: () => Promise.resolve([]),
      async collectChart(source) {
        const collected = await judgement.collectChart(source);
        if ('evidence' in collected) bytes = collected.evidence.chart.digest;
        return collected;
      },
      async collectRegistrySource(source, signatureRepositories) {
        const collected = await judgement.collectRegistrySource(source, signatureRepositories);
        if ('evidence' in collected && collected.evidence.form === 'chart') {
          bytes = collected.evidence.chart.chart.digest;
        }
        return collected;
      },
    });
    return { report, bytes };
  }

  /** What a verification rests on; `account` is the project whose credentials are used. */
  async #judgement({ view, account, ask, observe, record, enter }: Looking): Promise<ApplicationJudgement> {
    const { charts, registries, signatures, publicGood, now } = this.#options;
    const { policy, keyring } = await argocdSettings(view);
    const at = now();
    const asked = {
      maxAgeMs: ask.refresh ? 0 : policy.freshnessMs,
      waitMs: ask.waitMs,
      tenant: account,
      interactive: ask.interactive,
      record,
    };
    let looking = 0;
    // All sources are looked at side by side, so that the last one to arrive ends the phase for all.
    const looked = async <T>(collecting: Promise<T>): Promise<T> => {
      looking += 1;
      const collected = await collecting;
      looking -= 1;
      if (looking === 0) enter('verifying');
      return collected;
    };
    return {
      argocdNamespace: view.controllerNamespace,
      policy,
      keyring,
      now: at,
      observe,
      collectChart: (planned) =>
        looked(
          charts.collect(view, account, planned, {
            ...asked,
            onPhase: (phase) => {
              enter(phase === 'index' ? 'resolving' : 'downloading');
            },
          }),
        ),
      collectRegistrySource: (planned, signatureRepositories) =>
        looked(registries.collect(view, account, planned, signatureRepositories, { ...asked, enter })),
      verifySignatures: (question) => signatures.verify(question, { waitMs: ask.waitMs, tenant: account }),
      signatureTrust: signatureTrust(view, () => publicGood.read(at)),
      otherBytes: async (planned, evidence) =>
        this.#held(await charts.otherBytes(planned, evidence), policy, ({ evidence: { chart } }) => chart.digest, {
          registry: false,
          repository: planned.source.repoURL,
          chart: planned.source.chart ?? '',
          version: evidence.version,
          digest: evidence.chart.digest,
        }),
      otherArtifacts: async (planned, evidence) => {
        const others = await registries.otherArtifacts(planned, evidence);
        if (evidence.form !== 'chart') return others;
        return this.#held(others, policy, archiveOf, {
          registry: true,
          repository: planned.source.repoURL,
          chart: planned.source.chart ?? '',
          version: evidence.chart.version,
          digest: evidence.chart.manifest.digest,
        });
      },
      hasCredentials: ({ repoURL }) => {
        const resolved = view.access(repoURL, account);
        return 'access' in resolved && resolved.access.username !== '';
      },
      isPlainHttp: ({ repoURL }) => {
        const resolved = view.access(repoURL, account);
        return 'access' in resolved && resolved.access.insecureOCIForceHttp;
      },
    };
  }

  /** Of what was served before, what Argo CD may still hold: all of it, unless the guard knows better. */
  async #held<T extends { readonly lastSeen: Date }>(
    others: readonly T[],
    policy: PolicySet,
    archiveOf: (other: T) => Digest | null,
    current: CurrentChart,
  ): Promise<readonly T[]> {
    if (policy.verifiedPull !== 'everywhere' || policy.problems.length > 0) return others;
    const held: T[] = [];
    for (const other of others) {
      const archive = archiveOf(other);
      if (archive === null || (await this.#options.pulls.mayBeHeld(archive, other.lastSeen, current))) held.push(other);
    }
    return held;
  }

  async #record(report: Report): Promise<void> {
    const { store } = this.#options;
    const { uid, project } = report.application;
    // Without a UID nobody could be told what is theirs.
    if (uid === '') return;
    const scope: ApplicationScope = { uid, project };
    for (const { digest, retained } of report.sources.flatMap(({ evidence }) => evidence)) {
      if (retained && !(await store.blobs.isGranted(scope, digest))) await store.blobs.grant(scope, [digest]);
    }
    const entry = historyEntry(report);
    if (await this.#isKnown(scope, entry)) return;
    await store.history.append(scope, {
      id: entry.id,
      at: this.#options.now().getTime(),
      trigger: entry.trigger,
      status: entry.status,
      revisions: entry.sources.map(({ revision }) => revision ?? ''),
      entry: JSON.stringify(entry),
    });
  }

  /**
   * Opening a tab is no event of its own, what is verified ahead comes again with its sync, and automated sync tries
   * again every two minutes, some of Argo CD's controllers several times a second: they are kept only where they show
   * something new, so that they do not push out what does. Likewise a refusal that somebody asks for again at once.
   */
  async #isKnown(scope: ApplicationScope, entry: HistoryEntry): Promise<boolean> {
    const isAgain = entry.trigger === 'sync' && entry.decision.action === 'deny';
    if (!isAgain && !['opened', 'automated-sync', 'ahead'].includes(entry.trigger)) return false;
    const { records } = await this.#options.store.history.page(scope, null, 1);
    const [last] = records;
    if (last === undefined || essence(last.entry) !== essence(JSON.stringify(entry))) return false;
    return !isAgain || (last.trigger === 'sync' && this.#options.now().getTime() - last.at < AGAIN_MS);
  }
}

function archiveOf({ evidence }: SeenArtifact): Digest | null {
  return evidence.form === 'chart' ? evidence.chart.chart.digest : null;
}

function historyEntry(report: Report): HistoryEntry {
  return {
    id: randomUUID(),
    checkedAt: report.checkedAt,
    trigger: report.trigger,
    status: report.status,
    decision: report.decision,
    sources: report.sources.map(({ name, revision, digest, verdict }) => ({
      name,
      revision,
      digest,
      status: verdict.status,
      signers: signersOf(verdict),
    })),
  };
}

function signersOf(verdict: Report['sources'][number]['verdict']): HistoryEntry['sources'][number]['signers'] {
  const seen = verdict.status === 'not-required' ? verdict.observed : verdict;
  return seen !== null && (seen.status === 'verified' || seen.status === 'failed') ? [...seen.signers] : [];
}

/** An entry without what differs each time. */
function essence(entry: string): string {
  return JSON.stringify(JSON.parse(entry), (key, value: unknown) =>
    key === 'id' || key === 'checkedAt' || key === 'trigger' ? undefined : value,
  );
}
