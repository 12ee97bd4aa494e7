import { createHash } from 'node:crypto';
import { TrustedRoot } from '@sigstore/protobuf-specs';
import { type TrustMaterial, toTrustMaterial } from '@sigstore/verify';
import { problem } from '../verdict/catalogue.ts';
import type { Problem } from '../verdict/problem.ts';
import { quotable } from '../verdict/quotable.ts';
import { LIMITS } from './limits.ts';
import { isArray, isObject, type JsonObject, parseStrictJson } from './strict-json.ts';
import { endOfValidity, sift, type Sifted } from './trust-root-parts.ts';

/** A `trusted_root.json` that can be read. Plain data, so that it can be handed to a worker. */
export interface TrustRoot {
  /** Its entry in argocd-sigstore-trusted-root-cm, the file that it came from, or `public-good`. */
  readonly name: string;
  /** `sha256:` and 64 hex digits of the document; part of every cache key of a verdict that rests on it. */
  readonly identity: string;
  readonly document: string;
}

export type ReadTrustRoot =
  | {
      readonly trustRoot: TrustRoot;
      /** Parts that cannot be relied on; whatever depends on them alone will not verify. */
      readonly warnings: readonly Problem[];
    }
  | { readonly problem: Problem };

const MEDIA_TYPES = new Set([
  'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
  'application/vnd.dev.sigstore.trustedroot+json;version=0.2',
  'application/vnd.dev.sigstore.trustedroot.v0.2+json',
]);
export const LISTS = ['tlogs', 'certificateAuthorities', 'ctlogs', 'timestampAuthorities'] as const;

/**
 * Reads a Sigstore `trusted_root.json` (sigstore_trustroot.proto) of at most 1 MiB. Logs without a start of validity,
 * which cosign refuses and `@sigstore/verify` takes for valid since 1970, and parts of unknown kinds are left out.
 */
export function readTrustRoot(name: string, bytes: Uint8Array, now: Date): ReadTrustRoot {
  const shownName = quotable(name);
  if (bytes.length > LIMITS.trustRootBytes) {
    return unreadable(shownName, `is larger than ${LIMITS.trustRootBytes} bytes`);
  }
  const identity = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
  const key = JSON.stringify([name, identity]);
  let read = parsed.get(key);
  if (read === undefined) {
    read = parse(shownName, bytes);
    if (parsed.size >= MAX_KEPT) parsed.clear();
    parsed.set(key, read);
  }
  if ('problem' in read) return read;
  const { root, warnings, document } = read;
  return { trustRoot: { name, identity, document }, warnings: [...warnings, ...expired(root, shownName, now)] };
}

/** Worth keeping: parsing a trust root takes longer than checking a signature with it. */
const MAX_KEPT = 16;
const parsed = new Map<string, Parsed>();

type Parsed = (Sifted & { readonly document: string }) | { readonly problem: Problem };

function unreadable(name: string, reason: string): { readonly problem: Problem } {
  return { problem: problem('trust-root-unreadable', { name, reason }) };
}

function parse(shownName: string, bytes: Uint8Array): Parsed {
  const opened = openTrustRoot(bytes);
  if ('fault' in opened) return unreadable(shownName, opened.fault);
  const sifted = sift(opened.root, shownName);
  const { root } = sifted;
  if (root.certificateAuthorities.length + root.tlogs.length + root.timestampAuthorities.length === 0) {
    return unreadable(shownName, 'holds no usable certificate authority, log or timestamp authority');
  }
  return { ...sifted, document: new TextDecoder().decode(bytes) };
}

/** A document of the right form, whatever its parts are worth; `json` is as it was written. A fault completes "it …". */
export function openTrustRoot(
  bytes: Uint8Array,
): { readonly root: TrustedRoot; readonly json: JsonObject } | { readonly fault: string } {
  if (bytes.length > LIMITS.trustRootBytes) return { fault: `is larger than ${LIMITS.trustRootBytes} bytes` };
  const parsed = parseStrictJson(bytes);
  if ('fault' in parsed) return parsed;
  const json = parsed.value;
  if (!isObject(json)) return { fault: 'is not a JSON object' };
  const { mediaType } = json;
  if (typeof mediaType !== 'string' || !MEDIA_TYPES.has(mediaType)) {
    return { fault: `has the media type ${quotable(JSON.stringify(mediaType ?? null))}` };
  }
  for (const list of LISTS) {
    const entries = json[list] ?? [];
    if (!isArray(entries) || !entries.every(isObject)) return { fault: `has "${list}" that is not a list of objects` };
    if (entries.length > LIMITS.trustRootEntries) {
      return { fault: `has more than ${LIMITS.trustRootEntries} "${list}"` };
    }
  }
  try {
    return { root: TrustedRoot.fromJSON(json), json };
  } catch (error) {
    return {
      fault: error instanceof Error ? `does not hold what it should: ${quotable(error.message)}` : 'is wrong',
    };
  }
}

const kept = new Map<string, TrustMaterial>();

/** The trust root as `@sigstore/verify` wants it, without keys for bundles that name one. */
export function trustMaterial(trustRoot: TrustRoot): TrustMaterial {
  const known = kept.get(trustRoot.identity);
  if (known !== undefined) return known;
  const { root } = sift(TrustedRoot.fromJSON(JSON.parse(trustRoot.document)), trustRoot.name);
  const material = toTrustMaterial(root, {});
  if (kept.size >= MAX_KEPT) kept.clear();
  kept.set(trustRoot.identity, material);
  return material;
}

/** A trust root of which every authority has expired verifies what was signed before, and nothing new. */
function expired(root: TrustedRoot, name: string, now: Date): Problem[] {
  const kinds = [
    ['certificate authority', root.certificateAuthorities],
    ['timestamp authority', root.timestampAuthorities],
  ] as const;
  return kinds.flatMap(([kind, authorities]) => {
    const ends = authorities.map(endOfValidity);
    const last = Math.max(...ends);
    if (ends.length === 0 || last >= now.getTime()) return [];
    return [problem('trust-root-expired', { name, kind, since: new Date(last).toISOString() })];
  });
}
