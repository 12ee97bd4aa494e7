import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import ipaddr from 'ipaddr.js';
import { issueAuthority, issueServing, type KeyPair } from './issue.ts';

/** What the Secret holds, by its keys. */
export interface StoredCertificates {
  /** Authorities that the webhooks' configurations trust, the one that signs first. */
  readonly authorities: readonly string[];
  /** Key of the first authority. */
  readonly authorityKey: string;
  readonly serving: KeyPair;
}

/** Replaced once so much of its lifetime is over. */
const RENEW_AT = 2 / 3;
const PEM_CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** The authorities of a PEM file; what is no certificate is left out. */
export function authoritiesOf(pem: string): readonly string[] {
  return (pem.match(PEM_CERTIFICATE) ?? []).flatMap((each) => readCertificate(each)?.toString() ?? []);
}

/** What has to be in the Secret now: the same object where nothing has to change. `stored` is null where it is empty or broken. */
export function renewed(stored: StoredCertificates | null, names: readonly string[], now: Date): StoredCertificates {
  const kept = (stored?.authorities ?? []).filter((pem) => isValidAt(readCertificate(pem), now));
  const [current] = kept;
  const signing =
    stored !== null && current !== undefined && current === stored.authorities[0]
      ? signingKey(current, stored.authorityKey)
      : null;
  if (stored === null || current === undefined || signing === null || isDue(readCertificate(current), now)) {
    const authority = issueAuthority(now);
    const authorities = [authority.cert, ...kept];
    // The certificate of an authority that is still trusted goes on: nobody trusts the new one yet.
    const goesOn = stored !== null && isGood(stored.serving, kept, names, now);
    const serving = goesOn
      ? stored.serving
      : issueServing({ cert: authority.cert, key: createPrivateKey(authority.key) }, names, now);
    return { authorities, authorityKey: authority.key, serving };
  }
  if (!isGood(stored.serving, [current], names, now)) {
    return { ...stored, authorities: kept, serving: issueServing({ cert: current, key: signing }, names, now) };
  }
  return kept.length === stored.authorities.length ? stored : { ...stored, authorities: kept };
}

/** Whether it can be served for a while longer: by one of `authorities`, for all of `names`, and not due. */
function isGood({ cert, key }: KeyPair, authorities: readonly string[], names: readonly string[], now: Date): boolean {
  const certificate = readCertificate(cert);
  return (
    certificate !== null &&
    isValidAt(certificate, now) &&
    !isDue(certificate, now) &&
    names.every((name) => isFor(certificate, name)) &&
    isPair({ cert, key }) &&
    authorities.some((pem) => isIssuedBy(cert, pem))
  );
}

/** Whether the private key belongs to the certificate. */
export function isPair({ cert, key }: KeyPair): boolean {
  const certificate = readCertificate(cert);
  const privateKey = readKey(key);
  return certificate !== null && privateKey !== null && certificate.checkPrivateKey(privateKey);
}

export function isIssuedBy(cert: string, authority: string): boolean {
  const [certificate, issuer] = [readCertificate(cert), readCertificate(authority)];
  return (
    certificate !== null && issuer !== null && certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey)
  );
}

/** The end of its validity; null for what is no certificate. */
export function expiryOf(pem: string): Date | null {
  return readCertificate(pem)?.validToDate ?? null;
}

function isFor(certificate: X509Certificate, name: string): boolean {
  return ipaddr.isValid(name)
    ? certificate.checkIP(name) !== undefined
    : certificate.checkHost(name, { subject: 'never', partialWildcards: false }) !== undefined;
}

function isValidAt(certificate: X509Certificate | null, now: Date): boolean {
  return certificate !== null && certificate.validFromDate <= now && now < certificate.validToDate;
}

function isDue(certificate: X509Certificate | null, now: Date): boolean {
  if (certificate === null) return true;
  const from = certificate.validFromDate.getTime();
  return now.getTime() >= from + (certificate.validToDate.getTime() - from) * RENEW_AT;
}

function signingKey(authority: string, pem: string): KeyObject | null {
  const key = readKey(pem);
  return key !== null && readCertificate(authority)?.checkPrivateKey(key) === true ? key : null;
}

function readCertificate(pem: string): X509Certificate | null {
  try {
    return new X509Certificate(pem);
  } catch {
    return null;
  }
}

function readKey(pem: string): KeyObject | null {
  try {
    return createPrivateKey(pem);
  } catch {
    return null;
  }
}
