import type { RepositoryAccess } from '@source-integrity/core';

/** TLS towards one repository, as Argo CD would use it. All PEM. */
export interface RepositoryTls {
  /** Replaces the system's roots for this host (`argocd-tls-certs-cm`); null: the system's roots. */
  readonly ca: string | null;
  readonly clientCert: string | null;
  readonly clientKey: string | null;
  /** Certificates are not verified. Only a repository's own Secret can say so, never a template. */
  readonly insecure: boolean;
}

/**
 * Credentials and TLS settings of one repository, as Argo CD resolves them for its Helm and OCI clients
 * (`util/db/repository_secrets.go`). Holds secrets: never logged, never put on the wire; `identity` may be.
 */
export interface ResolvedAccess extends RepositoryAccess {
  /**
   * Where credentials may go: the scheme, host and port of this URL. The repository's or the template's `url`,
   * or the source's own where neither is known.
   */
  readonly url: string;
  /** Empty: none. */
  readonly username: string;
  /** Empty: none. */
  readonly password: string;
  readonly tls: RepositoryTls;
  /** A Helm repository that is an OCI registry though its URL has a scheme. */
  readonly enableOCI: boolean;
  /** The registry speaks plain HTTP. */
  readonly insecureOCIForceHttp: boolean;
  /** URL of the proxy, empty: the environment's. */
  readonly proxy: string;
  /** Hosts that are reached without the proxy, comma-separated. */
  readonly noProxy: string;
  readonly forceHttpBasicAuth: boolean;
}
