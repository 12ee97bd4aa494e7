import { X509Certificate } from 'node:crypto';
import { createSecureContext, getCACertificates } from 'node:tls';
import { problem, type Problem } from '@source-integrity/core';
import type { ResolvedAccess } from '../cluster/repository-access.ts';
import type { TlsIdentity } from './connector.ts';
import { hostOf } from './destination.ts';
import { printableText, printableUrl } from './printable-url.ts';

/** What of an access's TLS settings holds for one hop. */
export interface TlsSettings {
  /** The repository's own authorities: alone for its own host, beside the system's elsewhere. */
  readonly ca: string | null;
  readonly caReplacesSystem: boolean;
  readonly clientCert: string | null;
  readonly clientKey: string | null;
  readonly insecure: boolean;
}

/**
 * An entry of `argocd-tls-certs-cm` is for one host, and `insecure` for one repository: neither is taken along to
 * another host, where a chart or a redirect may lead. Client certificates go where credentials go.
 */
export function tlsSettingsFor(url: URL, access: ResolvedAccess, sendsCredentials: boolean): TlsSettings {
  const repository = repositoryURL(access.url);
  const isOwnHost = repository !== null && hostOf(repository) === hostOf(url);
  return {
    ca: access.tls.ca,
    caReplacesSystem: isOwnHost,
    clientCert: sendsCredentials ? access.tls.clientCert : null,
    clientKey: sendsCredentials ? access.tls.clientKey : null,
    insecure: isOwnHost && access.tls.insecure,
  };
}

/** Registries may be written without a scheme: `localhost:5000/charts` is not of a scheme "localhost". */
function repositoryURL(text: string): URL | null {
  // As https, since only known schemes have their hosts brought into one form.
  return URL.parse(text.replace(/^(?:oci:\/\/|(?![A-Za-z][A-Za-z0-9+.-]*:\/\/))/, 'https://'));
}

/** Reads certificates and keys, once for many connections. */
export function tlsIdentity(
  settings: TlsSettings,
  url: URL,
): { readonly tls: TlsIdentity } | { readonly problem: Problem } {
  try {
    if (settings.ca !== null) requireCertificates(settings.ca);
    const secureContext = createSecureContext({
      ...(settings.ca === null
        ? {}
        : { ca: settings.caReplacesSystem ? settings.ca : [...getCACertificates('default'), settings.ca] }),
      ...(settings.clientCert === null ? {} : { cert: settings.clientCert }),
      ...(settings.clientKey === null ? {} : { key: settings.clientKey }),
      minVersion: 'TLSv1.2',
    });
    return { tls: { secureContext, rejectUnauthorized: !settings.insecure } };
  } catch (error) {
    const detail = printableText(error instanceof Error ? error.message : 'unreadable');
    return { problem: problem('fetch-tls-settings', { url: printableUrl(url), host: hostOf(url), detail }) };
  }
}

/** OpenSSL skips what it can't read, which would leave an authority out without a word. */
function requireCertificates(pem: string): void {
  const blocks = pem.split('-----BEGIN CERTIFICATE-----').slice(1);
  if (blocks.length === 0) throw new Error('the certificate authority is not in PEM form');
  for (const block of blocks) void new X509Certificate(`-----BEGIN CERTIFICATE-----${block}`);
}
