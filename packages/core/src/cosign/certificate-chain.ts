import { X509Certificate as NodeCertificate } from 'node:crypto';
import { X509Certificate } from '@sigstore/core';
import type { TrustMaterial } from '@sigstore/verify';
import { formFault } from './certificate.ts';
import { LIMITS } from './limits.ts';
import { readPem } from './pem.ts';

/**
 * What is wrong with the chain in PEM that a legacy signature brings along; null for nothing; completes "it …". Nobody
 * is trusted for it, but cosign reads it all, and refuses a signature of which it cannot. So each certificate has to be
 * one, and signed for by another of the chain, by the trust root or by itself.
 */
export function chainFault(text: string, root: TrustMaterial): string | null {
  const read = readPem(text);
  if ('fault' in read) return `has a certificate chain that ${read.fault}`;
  const { blocks } = read;
  if (blocks.length > LIMITS.chainLength) return `has a chain of more than ${LIMITS.chainLength} certificates`;
  if (blocks.some(({ label, der }) => label !== 'CERTIFICATE' || der.length > LIMITS.certificateBytes)) {
    return 'has a certificate chain that holds something else';
  }
  try {
    const chain = blocks.map(({ der }) => parsedCertificate(der));
    const issuers = [...chain, ...root.certificateAuthorities.flatMap(({ certChain }) => certChain)];
    const orphan = chain.find((certificate) => !issuers.some((issuer) => hasSigned(issuer, certificate)));
    return orphan === undefined ? null : 'has a certificate chain with a certificate that nobody there has issued';
  } catch {
    // The parsers throw errors of many kinds for malformed DER.
    return 'has a certificate chain with a malformed certificate';
  }
}

/** By two readers: one of them throws for what it cannot read. */
export function parsedCertificate(der: Buffer): X509Certificate {
  const bytes = Buffer.from(der);
  if (!new NodeCertificate(bytes).raw.equals(bytes)) throw new TypeError('more than a certificate');
  const certificate = X509Certificate.parse(bytes);
  const fault = formFault(certificate);
  if (fault !== null) throw new TypeError(fault);
  return certificate;
}

function hasSigned(issuer: X509Certificate, certificate: X509Certificate): boolean {
  try {
    return issuer.subject.equals(certificate.issuer) && certificate.verify(issuer);
  } catch {
    // A key of another kind than the signature.
    return false;
  }
}
