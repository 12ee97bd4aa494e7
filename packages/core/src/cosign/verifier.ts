import type { KeyObject } from 'node:crypto';
import { toSignedEntity, type TrustMaterial, VerificationError, Verifier } from '@sigstore/verify';
import { problem } from '../verdict/catalogue.ts';
import type { Problem } from '../verdict/problem.ts';
import { comparableSignature, type SignatureMaterial } from './signature-material.ts';

export type TLogAuthority = TrustMaterial['tlogs'][number];
export type Entity = ReturnType<typeof toSignedEntity>;

/** What of the evidence did not verify. */
export interface EvidenceFault {
  readonly part: 'log' | 'signer';
  readonly problem: Problem;
}

/** The bundle as `@sigstore/verify` takes it, with our comparison of the signature; null for malformed evidence. */
export function entityOf(material: SignatureMaterial): Entity | null {
  try {
    return { ...toSignedEntity(material.evidence), signature: comparableSignature(material) };
  } catch {
    // Malformed DER, in errors of many kinds.
    return null;
  }
}

/**
 * Log entries of a signature by a key: that the log has signed for them, and that they are about this signature.
 * Timestamps are left out: with a key, the time of a signature decides nothing.
 */
export function keyEvidenceFault(entity: Entity, key: KeyObject, material: TrustMaterial): EvidenceFault | null {
  const alone: Entity = { ...entity, key: { $case: 'public-key', hint: '' }, timestamps: [] };
  return faultOf(() => {
    const publicKey = { publicKey: key, validFor: () => true };
    new Verifier({ ...material, publicKey: () => publicKey }, NO_THRESHOLDS).verify(alone);
  });
}

/**
 * Everything around a certificate: timestamps, its chain at each observed time (CVE-2026-24122: the whole chain),
 * certificate timestamps and log entries. What is there has to verify; at least one trusted time has to be there.
 */
export function certificateEvidenceFault(
  entity: Entity,
  material: TrustMaterial,
  certificateTimestamps: 0 | 1,
  logEntries: 0 | 1,
): EvidenceFault | null {
  return faultOf(() => {
    const thresholds = { ctlogThreshold: certificateTimestamps, tlogThreshold: logEntries, timestampThreshold: 1 };
    new Verifier(material, thresholds).verify(entity);
  });
}

/** Times at which authorities that the trust root knows saw the signature; those of others are left out. */
export function verifiedTimestamps(entity: Entity, key: KeyObject, material: TrustMaterial): Date[] {
  return entity.timestamps.flatMap((timestamp) => {
    if (timestamp.$case !== 'timestamp-authority') return [];
    const alone: Entity = {
      ...entity,
      key: { $case: 'public-key', hint: '' },
      tlogEntries: [],
      timestamps: [timestamp],
    };
    const publicKey = { publicKey: key, validFor: () => true };
    const fault = faultOf(() => {
      new Verifier({ ...material, publicKey: () => publicKey }, NO_THRESHOLDS).verify(alone);
    });
    return fault === null ? [timestamp.timestamp.signingTime] : [];
  });
}

const NO_THRESHOLDS = { ctlogThreshold: 0, tlogThreshold: 0, timestampThreshold: 0 };

function faultOf(verify: () => void): EvidenceFault | null {
  try {
    verify();
    return null;
  } catch (error) {
    // Malformed input makes the library throw TypeErrors and the like; they refuse like any other error.
    return error instanceof VerificationError ? toFault(error) : malformed();
  }
}

function toFault({ code, message }: VerificationError): EvidenceFault {
  switch (code) {
    case 'TIMESTAMP_ERROR':
      return { part: 'signer', problem: problem('timestamp-invalid', { reason: message }) };
    case 'CERTIFICATE_ERROR':
      return /\bSCTs?\b/.test(message)
        ? { part: 'signer', problem: problem('certificate-timestamp-invalid', {}) }
        : { part: 'signer', problem: problem('certificate-untrusted', {}) };
    case 'TLOG_BODY_ERROR':
      return {
        part: 'log',
        problem: /signature/.test(message)
          ? problem('log-entry-of-other-signature', { part: 'signature' })
          : /hash|digest/.test(message)
            ? problem('log-entry-of-other-signature', { part: 'payload' })
            : problem('log-entry-invalid', { reason: message }),
      };
    case 'TLOG_ERROR':
    case 'TLOG_INCLUSION_PROOF_ERROR':
    case 'TLOG_INCLUSION_PROMISE_ERROR':
    case 'TLOG_MISSING_INCLUSION_ERROR':
      return { part: 'log', problem: problem('log-entry-invalid', { reason: message }) };
    case 'NOT_IMPLEMENTED_ERROR':
    case 'PUBLIC_KEY_ERROR':
    case 'SIGNATURE_ERROR':
      return malformed();
  }
}

function malformed(): EvidenceFault {
  return { part: 'signer', problem: problem('evidence-malformed', {}) };
}
