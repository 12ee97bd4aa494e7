import type { CosignKey } from './cosign/public-key.ts';
import type { CosignRequirement } from './cosign/requirement.ts';
import type { TrustRoot } from './cosign/trust-root.ts';
import type { AcceptingSignature } from './report/proposed-signature.ts';
import { anySignature, ANYBODY, namedTrustRoots, type SignatureTrust } from './signature-requirement.ts';
import type { CosignSigner, Observation } from './verdict/verdict.ts';

/** What the signatures at hand come to by a requirement. */
type Judge = (requirement: CosignRequirement) => Promise<Observation>;

export interface Observing {
  readonly judge: Judge;
  /** How many signatures there are. */
  readonly count: number;
  readonly trust: SignatureTrust;
  readonly now: Date;
}

export interface ObservedSignature {
  readonly observation: Observation;
  /** What an entry would have to say to accept just this signer; null where there is none to accept. */
  readonly accepting: AcceptingSignature | null;
}

/**
 * Certificates take ten milliseconds each, and whoever pushes signatures chooses their number: so much is tried for the
 * sake of showing who signed, and of nothing else.
 */
const MAX_SIGNATURES = 8;
const MAX_ROOTS = 4;
const DIGESTS = ['sha256', 'sha384', 'sha512'] as const;
const TERMS = [
  ['required', 'required'],
  ['required', 'optional'],
  ['optional', 'required'],
  ['optional', 'optional'],
] as const;

/** One way in which a signature might be good, and the name of its trust root; null: the public-good one, or none. */
interface Trial {
  readonly requirement: CosignRequirement;
  readonly root: string | null;
}

/** Who signed, by whatever key or trust root is known, where nobody asks. Never for a decision. */
export async function observeSignature(observing: Observing): Promise<ObservedSignature> {
  const { judge, trust, now } = observing;
  const any = await anySignature(trust);
  const observation = await judge(any);
  if (observation.status === 'verified') {
    const signer = cosignSigner(observation);
    const accepting = signer === null ? null : await narrow(observing, signer, { requirement: any, root: null });
    return { observation, accepting };
  }
  const found = await tryAll(observing, trialsBeside(any, trust, now));
  return found ?? { observation, accepting: null };
}

/** Keys alone, in each digest algorithm and whatever log they are in; then certificates by the other trust roots. */
export function trialsBeside(any: CosignRequirement, trust: SignatureTrust, now: Date): readonly Trial[] {
  const keys = any.keys.length === 0 ? [] : DIGESTS;
  return [
    ...keys.map((digestAlgorithm) => ({
      requirement: { ...any, digestAlgorithm, identities: [], trustRoot: null },
      root: null,
    })),
    ...namedTrustRoots(trust, now, MAX_ROOTS).map((trustRoot) => ({
      requirement: { ...any, keys: [], identities: [ANYBODY], trustRoot },
      root: trustRoot.name,
    })),
  ];
}

/** The first trial that succeeds; null: none does, or somebody would have to wait for it. */
export async function tryAll(observing: Observing, trials: readonly Trial[]): Promise<ObservedSignature | null> {
  if (observing.count === 0 || observing.count > MAX_SIGNATURES) return null;
  for (const trial of trials) {
    const observation = await observing.judge(trial.requirement);
    const signer = cosignSigner(observation);
    if (signer !== null) return { observation, accepting: await narrow(observing, signer, trial) };
    if (isUnanswered(observation)) return null;
  }
  return null;
}

/** The strictest words that accept this signer, and nobody else. */
async function narrow(
  { judge, trust, now, count }: Observing,
  signer: CosignSigner,
  { requirement, root }: Trial,
): Promise<AcceptingSignature | null> {
  if (count > MAX_SIGNATURES) return null;
  const trials =
    signer.kind === 'keyless' ? byTerms(requirement, root) : await byRoots(requirement, signer, trust, now);
  for (const trial of trials) {
    const { identities } = listed(signer);
    const only: CosignRequirement = { ...trial.requirement, identities };
    const observation = await judge(only);
    if (isUnanswered(observation)) return null;
    if (!isBy(cosignSigner(observation), signer)) continue;
    const { transparencyLog, certificateTransparency, digestAlgorithm } = only;
    return {
      ...listed(signer),
      transparencyLog,
      certificateTransparency,
      digestAlgorithm,
      trustRoot: trial.root,
      annotations: new Map(),
      signatureRepository: null,
      entry: null,
      fingerprint: fingerprintOf(signer),
    };
  }
  return null;
}

function byTerms(requirement: CosignRequirement, root: string | null): readonly Trial[] {
  return TERMS.map(([transparencyLog, certificateTransparency]) => ({
    requirement: { ...requirement, keys: [], transparencyLog, certificateTransparency },
    root,
  }));
}

/** A key with a log of any trust root; else without. */
async function byRoots(
  requirement: CosignRequirement,
  { keyName }: Extract<CosignSigner, { kind: 'cosign-key' }>,
  trust: SignatureTrust,
  now: Date,
): Promise<readonly Trial[]> {
  const keys: readonly CosignKey[] = requirement.keys.filter(({ name }) => name === keyName);
  const alone = { ...requirement, keys, identities: [], certificateTransparency: 'required' } as const;
  const publicGood = await trust.publicGood();
  const logged = (trustRoot: TrustRoot, root: string | null): Trial => ({
    requirement: { ...alone, transparencyLog: 'required', trustRoot },
    root,
  });
  return [
    ...('trustRoot' in publicGood ? [logged(publicGood.trustRoot, null)] : []),
    ...namedTrustRoots(trust, now, MAX_ROOTS).map((trustRoot) => logged(trustRoot, trustRoot.name)),
    { requirement: { ...alone, transparencyLog: 'optional', trustRoot: null }, root: null },
  ];
}

export function cosignSigner(observation: Observation): CosignSigner | null {
  if (observation.status !== 'verified') return null;
  const [signer] = observation.signers;
  return signer.kind === 'pgp' ? null : signer;
}

/** How an entry names a signer. */
export function listed(
  signer: CosignSigner,
): Pick<AcceptingSignature, 'identities'> & { readonly keys: readonly string[] } {
  return signer.kind === 'keyless'
    ? { keys: [], identities: [{ issuer: { text: signer.issuer }, subject: { text: signer.subject } }] }
    : { keys: [signer.keyName], identities: [] };
}

export function fingerprintOf(signer: CosignSigner): string | null {
  return signer.kind === 'cosign-key' ? signer.fingerprint : null;
}

function isBy(one: CosignSigner | null, other: CosignSigner): boolean {
  return one !== null && JSON.stringify(listed(one)) === JSON.stringify(listed(other));
}

const NOT_YET: ReadonlySet<string> = new Set([
  'verification-running',
  'verification-busy',
  'verification-timed-out',
  'verification-stopped',
]);

function isUnanswered(observation: Observation): boolean {
  return observation.status === 'indeterminate' && observation.problems.some(({ code }) => NOT_YET.has(code));
}
