/** Signature types (RFC 9580, section 5.2.1) that this project distinguishes. */
export const SIGNATURE_TYPE = {
  binary: 0x00,
  text: 0x01,
  certifications: [0x10, 0x11, 0x12, 0x13],
  subkeyBinding: 0x18,
  primaryKeyBinding: 0x19,
  directKey: 0x1f,
  keyRevocation: 0x20,
  subkeyRevocation: 0x28,
  certificationRevocation: 0x30,
} as const;

/** What a signature packet (RFC 9580, section 5.2) says; only hashed subpackets count, but for who issued it. */
export interface Signature {
  readonly version: 4 | 6;
  readonly type: number;
  readonly algorithm: number;
  readonly digest: string;
  /** Seconds since 1970, as all times here. */
  readonly created: number;
  /** Seconds after `created`; 0: never expires. */
  readonly lifetime: number;
  /** Seconds after the creation of the key that it is about; 0: never expires. */
  readonly keyLifetime: number;
  /** 16 upper-case hex digits; the last subpacket that names an issuer counts, hashed or not. */
  readonly issuerKeyId: string | null;
  readonly issuerFingerprint: string | null;
  readonly primaryUserId: boolean;
  /** First octet of the key flags; null where there are none. */
  readonly keyFlags: number | null;
  readonly criticalNotations: readonly string[];
  readonly revocationReason: number | null;
  /** The back-signature of a signing subkey (type 0x19). */
  readonly embedded: Signature | null;
  /** From the version to the end of the hashed subpackets: what is hashed behind the signed data. */
  readonly hashedPart: Uint8Array;
  /** The first two octets of the digest, not authenticated. */
  readonly digestPrefix: Uint8Array;
  /** v6 only. */
  readonly salt: Uint8Array;
  /** Algorithm-specific integers, up to the last one. */
  readonly material: Uint8Array;
  /** Octets behind the material, within the packet. */
  readonly trailing: number;
}

/** Whether a signature is out of its time at `now` (seconds): made later, or expired. */
export function isOutOfTime(signature: Signature, now: number): boolean {
  if (signature.created > now) return true;
  return signature.lifetime !== 0 && now > signature.created + signature.lifetime;
}
