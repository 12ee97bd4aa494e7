import { problem } from '../verdict/catalogue.ts';
import type { Problem } from '../verdict/problem.ts';
import { quotable } from '../verdict/quotable.ts';
import { isNonEmpty, type NonEmpty } from '../verdict/verdict.ts';
import type { ArmorBlock } from './armor.ts';
import type { Keyring } from './keyring.ts';
import { OctetReader, PacketFault } from './octets.ts';
import { nextPacket, TAG } from './packets.ts';
import { indexByKeyId, maySign, primaryUserId, type SigningKey } from './pgp-key.ts';
import { readSignature } from './signature-packet.ts';
import type { Signature } from './signature.ts';
import { timestamp } from './timestamp.ts';

/** A signature of the message that does not decide about it. */
export interface OtherSignature {
  readonly keyId: string | null;
  readonly fingerprint: string | null;
  readonly hash: string;
  /** As the signature itself says; nobody has verified it. */
  readonly signedAt: string;
}

export type Selection = { readonly others: readonly OtherSignature[] } & (
  | { readonly signature: Signature; readonly candidates: NonEmpty<SigningKey> }
  | { readonly problems: NonEmpty<Problem> }
);

/** More are neither listed nor named. */
const MAX_LISTED = 20;

/**
 * Finds the signature that decides, as go-crypto 1.4.1 does for Helm 4.3 (`openpgp.CheckDetachedSignature`): the first
 * whose issuer's key ID is that of a key of the ring with the signing flag. There is no second chance after it.
 * Signatures of unknown keys, and of forms that the library does not know, are passed over.
 */
export function selectSignature(block: ArmorBlock, keyring: Keyring): Selection {
  const index = indexByKeyId(keyring.keys);
  const reader = new OctetReader(block.octets);
  const others: Signature[] = [];
  const forms: string[] = [];
  try {
    for (let signature = nextSignature(reader, forms); signature !== null; signature = nextSignature(reader, forms)) {
      if (signature.issuerKeyId === null) throw new PacketFault('structural', 'it does not say which key made it');
      const candidates = (index.get(signature.issuerKeyId) ?? []).filter(maySign);
      if (isNonEmpty(candidates)) {
        return { signature, candidates, others: [...others, ...restOf(reader)].slice(0, MAX_LISTED).map(listed) };
      }
      if (signature.trailing > 0) throw new PacketFault('structural', 'there are octets behind a signature');
      others.push(signature);
    }
    if (block.fault !== null) throw new PacketFault('truncated', block.fault);
  } catch (fault) {
    if (!(fault instanceof PacketFault)) throw fault;
    const reason = fault.kind === 'truncated' ? (block.fault ?? fault.message) : fault.message;
    return { problems: [problem('signature-unreadable', { reason })], others: others.slice(0, MAX_LISTED).map(listed) };
  }
  return { problems: undecided(others, forms, keyring), others: others.slice(0, MAX_LISTED).map(listed) };
}

/** The next signature of a form that is known; others add to `forms`. Null at the end. */
function nextSignature(reader: OctetReader, forms: string[]): Signature | null {
  for (let packet = nextPacket(reader); packet !== null; packet = nextPacket(reader)) {
    if (packet.tag !== TAG.signature) {
      throw new PacketFault('structural', 'it holds a packet that is not a signature');
    }
    try {
      return readSignature(packet.body);
    } catch (fault) {
      if (!(fault instanceof PacketFault) || fault.kind !== 'unsupported') throw fault;
      forms.push(fault.message);
    }
  }
  return null;
}

/** What follows the signature that decides is only listed: nothing in it can change the decision. */
function restOf(reader: OctetReader): Signature[] {
  const rest: Signature[] = [];
  try {
    while (rest.length < MAX_LISTED) {
      const signature = nextSignature(reader, []);
      if (signature === null) break;
      rest.push(signature);
    }
  } catch (fault) {
    if (!(fault instanceof PacketFault)) throw fault;
  }
  return rest;
}

/** Why none of the signatures decides: what may hide the key comes first, then what is known of the signatures. */
function undecided(signatures: readonly Signature[], forms: readonly string[], keyring: Keyring): NonEmpty<Problem> {
  const keyIds = [...new Set(signatures.flatMap(({ issuerKeyId }) => (issuerKeyId === null ? [] : [issuerKeyId])))];
  const hidden = keyring.faults.filter((fault) => fault.keyIds?.some((keyId) => keyIds.includes(keyId)) ?? true);
  const index = indexByKeyId(keyring.keys);
  const notForSigning = keyIds.flatMap((keyId) => (index.get(keyId) ?? []).slice(0, 1));
  const problems = [
    ...hidden.map((fault) => fault.problem),
    ...notForSigning.map(({ key, material }) =>
      problem('signature-key-not-for-signing', {
        keyId: material.keyId,
        fingerprint: key.primary.fingerprint,
        userId: quotable(primaryUserId(key)?.text ?? ''),
      }),
    ),
    ...(forms.length > 0 ? [problem('signature-form-not-accepted', { forms: unique(forms) })] : []),
  ];
  const unknown = keyIds.filter((keyId) => !index.has(keyId));
  // With a key that could not be read nobody can say that the signer is unknown.
  if ((unknown.length === 0 || hidden.length > 0) && isNonEmpty(problems)) return problems;
  const unknownKey = problem('signature-unknown-key', { keyIds: unknown.slice(0, MAX_LISTED) });
  return isNonEmpty(problems) ? [...problems, unknownKey] : [unknownKey];
}

function unique(texts: readonly string[]): string[] {
  return [...new Set(texts)].slice(0, MAX_LISTED);
}

function listed({ issuerKeyId, issuerFingerprint, digest, created }: Signature): OtherSignature {
  return { keyId: issuerKeyId, fingerprint: issuerFingerprint, hash: digest, signedAt: timestamp(created) };
}
