import { createHmac } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AuthorizationCache, COLLECT_LIMITS, createIndexThread } from '@source-integrity/core';
import type { Certificates } from './admission/certificates/certificates.ts';
import { openCertificates } from './admission/certificates/open.ts';
import type { WebhookConfigurations } from './admission/certificates/webhook-configurations.ts';
import { Audit } from './audit.ts';
import type { Cluster } from './cluster/cluster.ts';
import { KubernetesClient } from './cluster/kubernetes/client.ts';
import { openKubernetesCluster } from './cluster/kubernetes/kubernetes-cluster.ts';
import { RefusalEvents } from './cluster/kubernetes/refusal-events.ts';
import { openManifestCluster } from './cluster/manifests/manifest-cluster.ts';
import type { ViewOptions } from './cluster/view.ts';
import type { ClusterSource } from './config/cluster-source.ts';
import type { Config } from './config/config.ts';
import { createFetcher } from './fetch/fetch.ts';
import { SharedTokens } from './http/shared-tokens.ts';
import { MemoryJobs } from './jobs/memory/memory-jobs.ts';
import { GuardActivity } from './guard/activity.ts';
import { notePulls } from './guard/note-pulls.ts';
import { Pulls } from './guard/pulls.ts';
import { Receipts } from './guard/receipt.ts';
import type { Logger } from './logger.ts';
import { Metrics } from './metrics.ts';
import { openSqliteStore } from './store/sqlite/sqlite-store.ts';
import type { Store } from './store/store.ts';
import { Ahead } from './verification/ahead.ts';
import { ApplicationVerifier } from './verification/application-verifier.ts';
import { Charts } from './verification/charts.ts';
import type { Reverifications } from './verification/reverification.ts';
import { Registries } from './verification/registries.ts';
import { Settling } from './verification/settling.ts';
import { SignaturePool } from './verification/signature-pool.ts';
import { needsPublicGood } from './trust-root/needed.ts';
import { PublicGoodTrustRoot, type TufSettings } from './trust-root/public-good.ts';
import { TrustRootCache } from './trust-root/trust-root-cache.ts';
import { argocdSettings } from './verification/argocd-settings.ts';
import { version } from './version.ts';

/** Everything that answers requests. */
export interface ServerContext {
  readonly config: Config;
  readonly logger: Logger;
  readonly audit: Audit;
  readonly metrics: Metrics;
  readonly cluster: Cluster;
  /** Null: the objects come from a folder, and nothing can be written. */
  readonly kubernetes: KubernetesClient | null;
  /** Null where nothing can be written. */
  readonly refusals: RefusalEvents | null;
  readonly store: Store;
  readonly jobs: Reverifications;
  readonly verifier: ApplicationVerifier;
  /** The trust root that holds where a policy names none; to be started. */
  readonly publicGood: PublicGoodTrustRoot;
  /** Of argocd-server's proxy. */
  readonly tokens: SharedTokens;
  /** What the admission listener serves; null: plain HTTP. To be started. */
  readonly certificates: Certificates | null;
  /** For the guard of the repo-server. */
  readonly receipts: Receipts;
  /** What it has told of. */
  readonly pulls: Pulls;
  readonly guards: GuardActivity;
  /** How the API server is told to ask us; null where none is read. */
  readonly webhooks: WebhookConfigurations | null;
  readonly now: () => Date;
  readonly close: () => Promise<void>;
}

function openCluster(
  source: ClusterSource,
  read: ViewOptions,
  logger: Logger,
): Pick<ServerContext, 'cluster' | 'kubernetes'> {
  if (source.kind === 'manifests') {
    return { cluster: openManifestCluster({ ...read, folder: source.folder }), kubernetes: null };
  }
  const kubernetes = new KubernetesClient(source);
  return { cluster: openKubernetesCluster({ ...read, client: kubernetes, logger }), kubernetes };
}

/** An answer that came too late for automated sync is kept until it comes back, after 120 s and the jitter. */
const KEEP_LATE_MS = 10 * 60 * 1000;
const RETRY_MS = 30_000;
/** Between two verifications ahead of their syncs. */
const AHEAD_PAUSE_MS = 100;
/** How often it is noted that all pulls are asked about. */
const NOTE_MS = 60_000;
/** Certificates are verified in threads; two keep up with what a registry delivers. */
const SIGNATURE_THREADS = 2;

/** The one place where parts are chosen and put together. Opens the store; throws where it cannot be used. */
export function createContext(config: Config, logger: Logger, now: () => Date = () => new Date()): ServerContext {
  const [token] = config.tokens;
  const store = openSqliteStore(config.dataDir);
  const read = {
    controllerNamespace: config.namespace,
    // A key that outlives the process and that nobody without the secret can try passwords against.
    identityKey: createHmac('sha256', token).update('identities of repository accesses').digest(),
  };
  const { cluster, kubernetes } = openCluster(config.cluster, read, logger);
  const jobs: Reverifications = new MemoryJobs({
    ...config.verification,
    rateLimit: config.reverify,
    onFault: (error) => {
      logger.error({ err: error }, 're-verification failed');
    },
  });
  const metrics = new Metrics({
    version,
    jobs: () => jobs.counts(),
    trustRootCheckedAt: () => publicGood.state.checkedAt,
    certificateExpiry: () => certificates?.expiry() ?? { serving: null, authority: null },
  });
  const tokens = new SharedTokens({ tokens: config.tokens, file: config.tokenFile, logger });
  const { certificates, webhooks } = openCertificates({ config, client: kubernetes, metrics, logger, now });
  const fetcher = createFetcher({
    limits: config.fetchLimits,
    destinations: config.destinations,
    userAgent: 'source-integrity',
    onFinished: (outcome, durationMs) => {
      metrics.fetched(outcome, durationMs);
    },
  });
  const publicGood = new PublicGoodTrustRoot({
    tuf: withCache(config),
    fetch: fetcher.fetch,
    accessTo: async (url) => (await cluster.view()).access(url, ''),
    isNeeded: async () => needsPublicGood((await argocdSettings(await cluster.view())).policy),
    now,
    onRefreshed(because) {
      metrics.trustRootRefreshed(because?.code ?? 'refreshed');
      if (because === null) logger.info('public-good trust root refreshed');
      else logger.warn({ problem: because }, 'the public-good trust root could not be refreshed');
    },
    onFault: (error) => {
      logger.error({ err: error }, 'refreshing the public-good trust root failed');
    },
  });
  const settling = {
    now: () => now().getTime(),
    concurrency: config.verification.concurrency,
    maxWaiting: config.verification.maxWaiting,
    keepLateMs: KEEP_LATE_MS,
    retryMs: RETRY_MS,
  };
  const charts = new Charts({
    fetch: fetcher.fetch,
    indexThread: createIndexThread(),
    limits: {
      ...COLLECT_LIMITS,
      maxIndexBytes: config.sizes.maxIndexBytes,
      maxChartBytes: config.sizes.maxChartBytes,
    },
    store,
    settling: new Settling(settling),
    now,
    timeoutMs: config.verification.timeoutMs,
  });
  const registries = new Registries({
    fetch: fetcher.fetch,
    authorizations: new AuthorizationCache(),
    tokenRealms: config.tokenRealms,
    store,
    settling: new Settling(settling),
    now,
    timeoutMs: config.verification.timeoutMs,
  });
  const signatures = new SignaturePool(SIGNATURE_THREADS);
  const audit = new Audit(logger);
  const pulls = new Pulls({
    ledger: store.pulls,
    now,
    onFault: (error) => {
      logger.error({ err: error }, 'a pull could not be kept');
    },
  });
  const noting = setInterval(() => {
    notePulls(cluster, pulls).catch((error: unknown) => {
      logger.error({ err: error }, 'what the policy says of pulls could not be noted');
    });
  }, NOTE_MS).unref();
  const verifier = new ApplicationVerifier({ charts, registries, signatures, publicGood, pulls, store, metrics, now });
  const ahead = new Ahead({
    cluster,
    verifier,
    concurrency: Math.max(1, Math.floor(config.verification.concurrency / 2)),
    timeoutMs: config.verification.timeoutMs,
    pauseMs: AHEAD_PAUSE_MS,
    onFault: (error) => {
      logger.error({ err: error }, 'verification ahead of a sync failed');
    },
  });
  const refusals =
    kubernetes === null
      ? null
      : new RefusalEvents({
          client: kubernetes,
          now,
          onFailure: ({ reason }) => {
            logger.warn({ reason }, 'an Event could not be written');
          },
        });
  cluster.onApplicationChange((application) => {
    ahead.notice(application);
  });
  cluster.onSettingsChange(() => {
    ahead.settingsChanged();
  });
  return {
    config,
    logger,
    audit,
    metrics,
    cluster,
    kubernetes,
    refusals,
    store,
    jobs,
    verifier,
    publicGood,
    tokens,
    certificates,
    receipts: new Receipts(),
    pulls,
    guards: new GuardActivity({ version, metrics, now }),
    webhooks,
    now,
    async close() {
      audit.close();
      clearInterval(noting);
      tokens.close();
      await certificates?.close();
      await publicGood.close();
      ahead.close();
      await cluster.close();
      await kubernetes?.close();
      await jobs.close();
      await fetcher.close();
      await signatures.close();
      await store.close();
    },
  };
}

/** Where nothing outlives the process, what a mirror answers goes to the system's folder for such things. */
function withCache({ tuf, dataDir }: Config): (TufSettings & { readonly cache: TrustRootCache }) | null {
  if (tuf === null) return null;
  const folder = dataDir === ':memory:' ? join(tmpdir(), `source-integrity-${process.pid}`) : dataDir;
  return { ...tuf, cache: new TrustRootCache(folder, tuf.mirror, tuf.anchor) };
}
