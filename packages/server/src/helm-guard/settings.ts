/** What the guard is told, by its environment: the repo-server's own, which no Application can write. */
export interface GuardSettings {
  /** The real Helm. */
  readonly helm: string;
  /** The admission listener of the server: https. */
  readonly server: URL;
  /** Projected token of the repo-server's ServiceAccount. */
  readonly tokenFile: string;
  /** Authority of the server's certificate. */
  readonly caFile: string;
  /** Keeps the last policy; a volume of the repo-server. */
  readonly stateFolder: string;
  /** Milliseconds for one question with all its attempts: a part of Argo CD's own 90 s for a call of Helm. */
  readonly timeoutMs: number;
}

/** Of {@link GuardSettings.caFile}. */
export const MAX_AUTHORITY_BYTES = 256 * 1024;

const PREFIX = 'SOURCE_INTEGRITY_GUARD_';
const DEFAULT_TIMEOUT_MS = 30_000;

/** The settings, or a sentence for each that is wrong. */
export function guardSettings(
  environment: Readonly<Record<string, string | undefined>>,
): { readonly settings: GuardSettings } | { readonly faults: readonly string[] } {
  const faults: string[] = [];
  const text = (name: string, fallback: string | null): string => {
    const value = environment[`${PREFIX}${name}`] ?? fallback;
    if (value === null || value === '') faults.push(`${PREFIX}${name} is missing`);
    return value ?? '';
  };
  const helm = text('HELM', '/usr/local/bin/helm');
  const server = URL.parse(text('SERVER', null));
  if (server?.protocol !== 'https:') faults.push(`${PREFIX}SERVER is not the https address of the server`);
  const seconds = Number(text('TIMEOUT_SECONDS', String(DEFAULT_TIMEOUT_MS / 1000)));
  if (!Number.isInteger(seconds) || seconds < 1 || seconds > 80)
    faults.push(`${PREFIX}TIMEOUT_SECONDS is not a number from 1 to 80`);
  const settings = {
    helm,
    tokenFile: text('TOKEN_FILE', '/var/run/secrets/source-integrity/token'),
    caFile: text('CA_FILE', '/var/run/secrets/source-integrity/ca.crt'),
    stateFolder: text('STATE_DIR', '/tmp/source-integrity'),
    timeoutMs: seconds * 1000,
  };
  return server === null || faults.length > 0 ? { faults } : { settings: { ...settings, server } };
}
