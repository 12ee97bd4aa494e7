import { isNonEmpty, type NonEmpty, type TokenRealm } from '@source-integrity/core';
import type { DestinationRules } from '../fetch/destination.ts';
import { DEFAULT_FETCH_LIMITS, type FetchLimits } from '../fetch/limits.ts';
import type { TufSettings } from '../trust-root/public-good.ts';
import { isRootMetadata, SEED } from '../trust-root/seed.ts';
import { clusterSource, type ClusterSource } from './cluster-source.ts';
import { admissionTls, type AdmissionTls } from './admission-tls.ts';
import type { ConfigFault } from './fault.ts';
import { readSettings } from './read.ts';
import { type ListenAddress, variableOf } from './setting.ts';
import { SETTINGS } from './settings.ts';
import { type Files, systemFiles, Validation } from './validation.ts';

/** What the server runs with: everything valid, times in milliseconds, sizes in bytes. Holds secrets: not to be logged. */
export interface Config {
  readonly cluster: ClusterSource;
  /** Argo CD's. */
  readonly namespace: string;
  readonly listen: {
    readonly api: ListenAddress;
    readonly admission: ListenAddress;
    readonly operations: ListenAddress;
  };
  /** Null: plain HTTP, which is for loopback only. */
  readonly admissionTls: AdmissionTls | null;
  /** The name of both webhook configurations. */
  readonly webhookConfiguration: string;
  /** Any of them lets a request in: the one in force, then the one before it. */
  readonly tokens: NonEmpty<string>;
  /** Where the token in force is read anew as it is replaced; null: it was given by itself. */
  readonly tokenFile: string | null;
  /** A folder, or `:memory:`. */
  readonly dataDir: string;
  readonly logLevel: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'silent';
  readonly destinations: DestinationRules;
  /** Beside those of public registries. */
  readonly tokenRealms: readonly TokenRealm[];
  /** Null: nobody is asked. */
  readonly tuf: TufSettings | null;
  readonly fetchLimits: FetchLimits;
  readonly sizes: { readonly maxIndexBytes: number; readonly maxChartBytes: number };
  readonly verification: { readonly concurrency: number; readonly maxWaiting: number; readonly timeoutMs: number };
  readonly gate: { readonly automatedBudgetMs: number; readonly interactiveBudgetMs: number };
  /** A token bucket for each Application. */
  readonly reverify: { readonly burst: number; readonly perMinute: number };
}

export type ConfigResult = { readonly config: Config } | { readonly faults: NonEmpty<ConfigFault> };

/**
 * Reads and validates every setting. All faults come at once, so that one start shows them all.
 * `flags` are without their dashes, as `parseArgs` with `SETTING_FLAGS` gives them.
 */
export function loadConfig(
  flags: Readonly<Record<string, unknown>>,
  environment: Readonly<Record<string, string | undefined>>,
  files: Files = systemFiles,
): ConfigResult {
  const validation = new Validation(readSettings(flags, environment), files);
  const config = validConfig(validation, environment);
  if (isNonEmpty(validation.faults)) return { faults: validation.faults };
  if (config === null) throw new Error('settings without a fault are complete');
  return { config };
}

function validConfig(validation: Validation, environment: Readonly<Record<string, string | undefined>>): Config | null {
  const cluster = clusterSource(validation, environment);
  const tokens = acceptedTokens(validation);
  const namespace = validation.value(SETTINGS.namespace);
  const rest = {
    namespace,
    listen: {
      api: validation.value(SETTINGS.apiListen),
      admission: validation.value(SETTINGS.admissionListen),
      operations: validation.value(SETTINGS.operationsListen),
    },
    admissionTls: admissionTls(validation, cluster, namespace),
    webhookConfiguration: validation.value(SETTINGS.webhookConfiguration) ?? `source-integrity-${namespace}`,
    tokenFile: validation.value(SETTINGS.tokenFile),
    dataDir: validation.value(SETTINGS.dataDir),
    logLevel: validation.value(SETTINGS.logLevel),
    destinations: {
      privateAddresses: validation.value(SETTINGS.privateAddresses),
      allowedHosts: validation.value(SETTINGS.allowedHosts),
    },
    tokenRealms: validation.value(SETTINGS.tokenRealms),
    tuf: tufSettings(validation),
    fetchLimits: fetchLimits(validation),
    sizes: {
      maxIndexBytes: validation.value(SETTINGS.maxIndexBytes),
      maxChartBytes: validation.value(SETTINGS.maxChartBytes),
    },
    verification: {
      concurrency: validation.value(SETTINGS.verificationConcurrency),
      maxWaiting: validation.value(SETTINGS.maxWaitingVerifications),
      timeoutMs: validation.value(SETTINGS.verificationTimeoutMs),
    },
    gate: {
      automatedBudgetMs: validation.value(SETTINGS.automatedBudgetMs),
      interactiveBudgetMs: validation.value(SETTINGS.interactiveBudgetMs),
    },
    reverify: {
      burst: validation.value(SETTINGS.reverifyBurst),
      perMinute: validation.value(SETTINGS.reverifyPerMinute),
    },
  };
  return cluster === null || tokens === null ? null : { cluster, tokens, ...rest };
}

function acceptedTokens(validation: Validation): NonEmpty<string> | null {
  const before = validation.faults.length;
  const token = validation.secret(SETTINGS.token, SETTINGS.tokenFile);
  const previous = validation.secret(SETTINGS.tokenPrevious, SETTINGS.tokenPreviousFile);
  if (token !== null) return previous === null ? [token] : [token, previous];
  if (validation.faults.length === before) {
    const write = `the secret that Argo CD sends, or ${variableOf(SETTINGS.tokenFile.flag)} with the file that holds it`;
    validation.wrong(SETTINGS.token, 'is missing', write);
  }
  return null;
}

function tufSettings(validation: Validation): TufSettings | null {
  const { tuf, tufMirror, tufRoot } = SETTINGS;
  const given = validation.value(tufMirror);
  const path = validation.value(tufRoot);
  const text = path === null ? null : validation.readable(tufRoot, path);
  if (text !== null && !isRootMetadata(text)) {
    validation.wrong(tufRoot, 'is not root metadata of TUF', 'the path of a root.json, as the mirror began with it');
  }
  const mirror = given ?? SEED?.mirror ?? null;
  if (given !== null && given !== SEED?.mirror && path === null) {
    const write = `${validation.nameOf(tufRoot)} as well, the root.json of that mirror`;
    validation.wrong(tufMirror, 'is another mirror than the one whose root came with this version', write);
  }
  if (validation.value(tuf) === 'off' || mirror === null) return null;
  return { mirror, anchor: text === null ? null : Buffer.from(text) };
}

function fetchLimits(validation: Validation): FetchLimits {
  const limits: FetchLimits = {
    ...DEFAULT_FETCH_LIMITS,
    connectTimeoutMs: validation.value(SETTINGS.connectTimeoutMs),
    headersTimeoutMs: validation.value(SETTINGS.headersTimeoutMs),
    idleTimeoutMs: validation.value(SETTINGS.idleTimeoutMs),
    totalTimeoutMs: validation.value(SETTINGS.requestTimeoutMs),
    maxRedirects: validation.value(SETTINGS.maxRedirects),
  };
  if (limits.totalTimeoutMs < limits.connectTimeoutMs) {
    const part = validation.nameOf(SETTINGS.connectTimeoutMs);
    validation.wrong(
      SETTINGS.requestTimeoutMs,
      `is less than ${part}, which is a part of it`,
      `at least ${limits.connectTimeoutMs}`,
    );
  }
  return limits;
}
