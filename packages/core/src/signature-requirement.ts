import { type Identity, identityFault } from './cosign/identity.ts';
import { type CosignKey, readPublicKey } from './cosign/public-key.ts';
import type { CosignRequirement } from './cosign/requirement.ts';
import { type ReadTrustRoot, readTrustRoot, type TrustRoot } from './cosign/trust-root.ts';
import type { OciPolicy } from './policy/policy-set.ts';
import { remembering } from './policy/remembering.ts';
import { problem } from './verdict/catalogue.ts';
import type { Problem } from './verdict/problem.ts';
import { quotable } from './verdict/quotable.ts';
import { isNonEmpty, type NonEmpty } from './verdict/verdict.ts';

/** Entries of a ConfigMap, or why they cannot be relied on. */
export type TrustEntries = { readonly entries: ReadonlyMap<string, string> } | { readonly problem: Problem };

/** What the names in a policy stand for. */
export interface SignatureTrust {
  /** argocd-cosign-keys-cm. */
  readonly cosignKeys: TrustEntries;
  /** argocd-sigstore-trusted-root-cm. */
  readonly trustRoots: TrustEntries;
  /** The root that holds where a policy names none. Asked only where a signature cannot be judged without one. */
  readonly publicGood: () => Promise<ReadTrustRoot>;
}

export interface ResolvedRequirement {
  readonly requirement: CosignRequirement;
  /** What a verdict that rests on its trust root should say of that. */
  readonly warnings: readonly Problem[];
}

/**
 * Resolves the names of an entry. A name that stands for nothing, a key or an expression that cannot be read make the
 * whole entry unusable: what is left of it might trust more, or less, than its author meant.
 */
export async function signatureRequirement(
  policy: OciPolicy,
  trust: SignatureTrust,
  now: Date,
): Promise<ResolvedRequirement | { readonly problems: NonEmpty<Problem> }> {
  const problems: Problem[] = [];
  const keys = policy.keys.flatMap((name) => collect(readKey(name, trust.cosignKeys), problems));
  const faults = policy.identities.map(identityFault).filter((fault) => fault !== null);
  problems.push(...faults);
  const root = await trustRootFor(policy, trust, now);
  if ('problem' in root) problems.push(root.problem);
  if (isNonEmpty(problems) || 'problem' in root) {
    return { problems: isNonEmpty(problems) ? problems : [problem('trust-root-missing', {})] };
  }
  const { transparencyLog, certificateTransparency, digestAlgorithm, annotations } = policy;
  return {
    requirement: {
      keys,
      identities: policy.identities,
      transparencyLog,
      certificateTransparency,
      digestAlgorithm,
      trustRoot: root.trustRoot,
      annotations: Object.fromEntries(annotations),
    },
    warnings: root.warnings,
  };
}

/** Whoever a trust root vouches for. */
export const ANYBODY: Identity = { issuer: { regExp: '.+' }, subject: { regExp: '.+' } };

/** Trust roots that the ConfigMap names, at most so many; those that cannot be read are left out. */
export function namedTrustRoots({ trustRoots }: SignatureTrust, now: Date, max: number): readonly TrustRoot[] {
  const entries = 'entries' in trustRoots ? [...trustRoots.entries].slice(0, max) : [];
  return entries.flatMap(([name, document]) => {
    const read = readTrustRoot(name, Buffer.from(document, 'utf8'), now);
    return 'trustRoot' in read ? [read.trustRoot] : [];
  });
}

/**
 * What any signature satisfies, of whatever key or identity is known: for showing who signed where nobody asks. Names
 * that cannot be read are left out, since nothing is decided by it.
 */
export async function anySignature(trust: SignatureTrust): Promise<CosignRequirement> {
  const names = 'entries' in trust.cosignKeys ? [...trust.cosignKeys.entries.keys()] : [];
  const keys = names.flatMap((name) => collect(readKey(name, trust.cosignKeys), []));
  const root = await trust.publicGood();
  const trustRoot = 'trustRoot' in root ? root.trustRoot : null;
  return {
    keys,
    identities: trustRoot === null ? [] : [ANYBODY],
    transparencyLog: 'optional',
    certificateTransparency: 'optional',
    digestAlgorithm: 'sha256',
    trustRoot,
    annotations: {},
  };
}

function collect<T>(read: { readonly value: T } | { readonly problem: Problem }, problems: Problem[]): T[] {
  if ('value' in read) return [read.value];
  problems.push(read.problem);
  return [];
}

/** Every verdict asks for the same few keys again, and reading one takes as long as the rest of a warm verdict. */
const readByName = remembering((name) => remembering((pem) => readPublicKey(name, pem), 10));

function readKey(name: string, keys: TrustEntries): { readonly value: CosignKey } | { readonly problem: Problem } {
  if ('problem' in keys) return keys;
  const pem = keys.entries.get(name);
  if (pem === undefined) return { problem: problem('policy-key-missing', { name: quotable(name) }) };
  const read = readByName(name)(pem);
  return 'problem' in read ? read : { value: read.key };
}

/** Keys with an optional log need no root, so that they work without any network at all. */
async function trustRootFor(
  { trustRoot: name, identities, transparencyLog }: OciPolicy,
  trust: SignatureTrust,
  now: Date,
): Promise<
  { readonly trustRoot: TrustRoot | null; readonly warnings: readonly Problem[] } | { readonly problem: Problem }
> {
  if (name !== null) {
    if ('problem' in trust.trustRoots) return trust.trustRoots;
    const document = trust.trustRoots.entries.get(name);
    if (document === undefined) return { problem: problem('policy-trust-root-missing', { name: quotable(name) }) };
    return readTrustRoot(name, Buffer.from(document, 'utf8'), now);
  }
  if (identities.length === 0 && transparencyLog === 'optional') return { trustRoot: null, warnings: [] };
  return trust.publicGood();
}
