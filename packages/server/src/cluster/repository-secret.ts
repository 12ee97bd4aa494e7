import { problem, type Problem } from '@source-integrity/core';

/** A Secret labelled `argocd.argoproj.io/secret-type`, decoded. */
export interface RepositorySecret {
  /** Of the object; the repository's own name is a field of it. */
  readonly name: string;
  readonly type: 'repository' | 'repo-creds';
  readonly data: ReadonlyMap<string, string>;
}

/** What Argo CD's Helm and OCI clients take from a repository's Secret or from a template of credentials. */
export interface RepositorySettings {
  readonly secret: string;
  readonly username: string;
  readonly password: string;
  readonly clientCert: string;
  readonly clientKey: string;
  readonly insecure: boolean;
  readonly enableOCI: boolean;
  readonly insecureOCIForceHttp: boolean;
  readonly forceHttpBasicAuth: boolean;
  readonly useAzureWorkloadIdentity: boolean;
  readonly proxy: string;
  readonly noProxy: string;
  /** Any credentials at all, those of other kinds of repositories included: then no template is looked for. */
  readonly hasCredentials: boolean;
}

const REPOSITORY_FLAGS = [
  'insecure',
  'enableOCI',
  'insecureOCIForceHttp',
  'forceHttpBasicAuth',
  'useAzureWorkloadIdentity',
  // Of no use here; Argo CD refuses the whole Secret if one of them is no boolean.
  'insecureIgnoreHostKey',
  'enableLfs',
] as const;
/** `insecure` of a template is not read (`secretToRepoCred`). */
const TEMPLATE_FLAGS = ['enableOCI', 'insecureOCIForceHttp', 'forceHttpBasicAuth', 'useAzureWorkloadIdentity'] as const;

type Flag = (typeof REPOSITORY_FLAGS)[number];

/**
 * `secretToRepository` and `secretToRepoCred` of `util/db/repository_secrets.go`. `bearerToken`, keys for Git and
 * cloud accounts count as credentials but are of no use for Helm and OCI.
 */
export function readRepositorySecret(
  secret: RepositorySecret,
): { readonly settings: RepositorySettings } | { readonly problem: Problem } {
  const text = (field: string): string => secret.data.get(field) ?? '';
  const flags = new Map<Flag, boolean>();
  for (const flag of secret.type === 'repository' ? REPOSITORY_FLAGS : TEMPLATE_FLAGS) {
    const value = secret.data.get(flag);
    const parsed = value === undefined ? false : parseBool(value);
    if (parsed === null) return { problem: malformed(secret, flag) };
    flags.set(flag, parsed);
  }
  const flag = (name: Flag): boolean => flags.get(name) ?? false;
  const kinds = [
    'username',
    'password',
    'bearerToken',
    'sshPrivateKey',
    'tlsClientCertData',
    'githubAppPrivateKey',
    'azureServicePrincipalClientSecret',
  ];
  return {
    settings: {
      secret: secret.name,
      username: text('username'),
      password: text('password'),
      clientCert: text('tlsClientCertData'),
      clientKey: text('tlsClientCertKey'),
      insecure: flag('insecure'),
      enableOCI: flag('enableOCI'),
      insecureOCIForceHttp: flag('insecureOCIForceHttp'),
      forceHttpBasicAuth: flag('forceHttpBasicAuth'),
      useAzureWorkloadIdentity: flag('useAzureWorkloadIdentity'),
      proxy: text('proxy'),
      noProxy: text('noProxy'),
      hasCredentials: flag('useAzureWorkloadIdentity') || kinds.some((kind) => text(kind) !== ''),
    },
  };
}

/** Settings of a repository that has no Secret. */
export const NO_SETTINGS: RepositorySettings = {
  secret: '',
  username: '',
  password: '',
  clientCert: '',
  clientKey: '',
  insecure: false,
  enableOCI: false,
  insecureOCIForceHttp: false,
  forceHttpBasicAuth: false,
  useAzureWorkloadIdentity: false,
  proxy: '',
  noProxy: '',
  hasCredentials: false,
};

/** `Repository.CopyCredentialsFrom`: fills what is empty; three flags and the identity are overwritten. */
export function withTemplate(repository: RepositorySettings, template: RepositorySettings): RepositorySettings {
  return {
    ...repository,
    secret: template.secret,
    username: repository.username || template.username,
    password: repository.password || template.password,
    clientCert: repository.clientCert || template.clientCert,
    clientKey: repository.clientKey || template.clientKey,
    proxy: repository.proxy || template.proxy,
    noProxy: repository.noProxy || template.noProxy,
    enableOCI: template.enableOCI,
    insecureOCIForceHttp: template.insecureOCIForceHttp,
    forceHttpBasicAuth: template.forceHttpBasicAuth,
    useAzureWorkloadIdentity: template.useAzureWorkloadIdentity,
  };
}

/** Go's `strconv.ParseBool`. */
function parseBool(text: string): boolean | null {
  if (['1', 't', 'T', 'TRUE', 'true', 'True'].includes(text)) return true;
  return ['0', 'f', 'F', 'FALSE', 'false', 'False'].includes(text) ? false : null;
}

function malformed({ name }: RepositorySecret, field: string): Problem {
  return problem('repository-secret-malformed', { secret: name, field, reason: 'is neither "true" nor "false"' });
}
