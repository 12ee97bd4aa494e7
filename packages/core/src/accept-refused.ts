import type { PlannedSource } from './application/plan.ts';
import type { CosignRequirement } from './cosign/requirement.ts';
import type { Judgement } from './judgement.ts';
import { cosignSigner, fingerprintOf, listed, type Observing, trialsBeside, tryAll } from './observe-signature.ts';
import type { RegistryEvidence } from './oci/collect-source.ts';
import type { OciPolicy } from './policy/policy-set.ts';
import { isRefusedForItsSigner } from './refused-signer.ts';
import type { AcceptingSignature } from './report/proposed-signature.ts';
import { anySignature, ANYBODY, signatureRequirement } from './signature-requirement.ts';
import { verifySigned } from './signed-artifact.ts';
import type { Observation } from './verdict/verdict.ts';

/**
 * What would accept the signatures of what lies in a registry, for each entry that refuses them; none unless the signer
 * is all that is wrong, null where an entry cannot be satisfied.
 */
export async function acceptingRefused(
  planned: PlannedSource,
  evidence: RegistryEvidence,
  verdict: Observation,
  signatures: readonly OciPolicy[],
  judgement: Judgement,
): Promise<readonly AcceptingSignature[] | null> {
  if (!isRefusedForItsSigner(verdict)) return [];
  const { signatureTrust, now } = judgement;
  const accepting: AcceptingSignature[] = [];
  for (const policy of signatures) {
    const resolved = await signatureRequirement(policy, signatureTrust, now);
    if ('problems' in resolved) return null;
    const { requirement } = resolved;
    if ((await verifySigned(planned, evidence, requirement, judgement)).status === 'verified') continue;
    const found = await acceptRefused(policy, requirement, observing(planned, evidence, judgement));
    if (found === null) return null;
    accepting.push(found);
  }
  return accepting;
}

export function observing(planned: PlannedSource, evidence: RegistryEvidence, judgement: Judgement): Observing {
  return {
    judge: (requirement) => verifySigned(planned, evidence, requirement, judgement),
    count: evidence.signatures.candidates.length,
    trust: judgement.signatureTrust,
    now: judgement.now,
  };
}

/**
 * What an entry of a policy would have to say in its place to accept the signature that it refuses: its own words and
 * one signer more, or, where that does not do, words of its own for that signer alone. Claims stay wanted.
 */
async function acceptRefused(
  policy: OciPolicy,
  requirement: CosignRequirement,
  observing: Observing,
): Promise<AcceptingSignature | null> {
  const { judge, trust, now } = observing;
  const any = { ...(await anySignature(trust)), annotations: requirement.annotations };
  const identities = requirement.trustRoot === null ? [] : [ANYBODY];
  const wide = await judge({ ...requirement, keys: any.keys, identities });
  const signer = cosignSigner(wide);
  const { annotations, signatureRepository, ref } = policy;
  if (signer !== null) {
    const { keys, identities: others } = listed(signer);
    return {
      ...policy,
      keys: [...policy.keys.filter((key) => !keys.includes(key)), ...keys],
      identities: [...policy.identities, ...others],
      entry: ref.entry,
      fingerprint: fingerprintOf(signer),
    };
  }
  const trials = [{ requirement: any, root: null }, ...trialsBeside(any, trust, now)];
  const found = await tryAll(observing, trials);
  const accepting = found?.accepting ?? null;
  return accepting === null ? null : { ...accepting, annotations, signatureRepository, entry: ref.entry };
}
