import {
  armor,
  clearSigned,
  FLAG,
  join,
  Key,
  packet,
  primaryKey,
  subpackets,
  TAG,
  userId,
} from '../../../core/test/pgp/workshop.ts';

/** 2025-01-01, before everything that is signed here. */
const MADE = 1_735_689_600;

/** Somebody with a key. */
export interface Signer {
  /** 40 digits. */
  readonly fingerprint: string;
  /** The name of its entry in argocd-gpg-keys-cm. */
  readonly keyId: string;
  readonly armored: string;
  /** A clear-signed provenance file over `text`. */
  readonly sign: (text: string) => Buffer;
}

export function createSigner(name: string): Signer {
  const key = new Key(MADE);
  const certificate = userId(key, name, {
    hashed: [subpackets.created(MADE), subpackets.keyFlags(FLAG.certify | FLAG.sign)],
  });
  return {
    fingerprint: key.hex,
    keyId: key.hex.slice(-16),
    armored: armor('PGP PUBLIC KEY BLOCK', join(primaryKey(key), certificate)),
    sign: (text) =>
      Buffer.from(
        clearSigned(text, (signed) =>
          packet(TAG.signature, key.signature(1, signed, { hashed: [subpackets.created(MADE + 86_400)] })),
        ),
      ),
  };
}
