import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { KeyPair } from '../../../../packages/core/test/cosign/certificates.ts';

export const KEY_KINDS = ['P-256', 'P-384', 'P-521', 'RSA-2048', 'RSA-3072', 'RSA-4096', 'Ed25519'] as const;
export type KeyKind = (typeof KEY_KINDS)[number];
export type DigestName = 'sha256' | 'sha384' | 'sha512';

export interface SigningKey extends KeyPair {
  readonly kind: KeyKind;
  /** The public key. */
  readonly path: string;
  /** The same in PKCS #1; only of RSA keys. */
  readonly pkcs1Path: string | null;
  readonly privatePath: string;
  /** What Sigstore hashes with for such a key; null: nothing. */
  readonly digest: DigestName | null;
}

export function newKey(kind: KeyKind, folder: string, name: string): SigningKey {
  const { privateKey, publicKey } = generate(kind);
  const path = join(folder, `${name}.pub`);
  const privatePath = join(folder, `${name}.pem`);
  const pem = String(publicKey.export({ format: 'pem', type: 'spki' }));
  writeFileSync(path, pem);
  writeFileSync(privatePath, privateKey.export({ format: 'pem', type: 'pkcs8' }));
  const pkcs1Path = kind.startsWith('RSA') ? join(folder, `${name}.pkcs1.pub`) : null;
  if (pkcs1Path !== null) writeFileSync(pkcs1Path, publicKey.export({ format: 'pem', type: 'pkcs1' }));
  const spki = publicKey.export({ format: 'der', type: 'spki' });
  return { kind, privateKey, publicKey, spki, pem, path, pkcs1Path, privatePath, digest: customary(kind) };
}

function generate(kind: KeyKind): Pick<KeyPair, 'privateKey' | 'publicKey'> {
  switch (kind) {
    case 'P-256':
    case 'P-384':
    case 'P-521':
      return generateKeyPairSync('ec', { namedCurve: kind });
    case 'RSA-2048':
    case 'RSA-3072':
    case 'RSA-4096':
      return generateKeyPairSync('rsa', { modulusLength: Number(kind.slice(4)) });
    case 'Ed25519':
      return generateKeyPairSync('ed25519');
  }
}

function customary(kind: KeyKind): DigestName | null {
  switch (kind) {
    case 'P-384':
      return 'sha384';
    case 'P-521':
      return 'sha512';
    case 'Ed25519':
      return null;
    case 'P-256':
    case 'RSA-2048':
    case 'RSA-3072':
    case 'RSA-4096':
      return 'sha256';
  }
}
