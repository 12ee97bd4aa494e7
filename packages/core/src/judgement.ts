import type { PlannedSource } from './application/plan.ts';
import type { Source } from './application/source.ts';
import type { CosignRequirement, SignedArtifact } from './cosign/requirement.ts';
import type { ArtifactVerdict } from './cosign/verify-artifact.ts';
import type { ChartEvidence, Collected } from './helm/collect-chart.ts';
import type { Discovered } from './oci/discover-signatures.ts';
import type { CollectedRegistrySource, RegistryEvidence } from './oci/collect-source.ts';
import type { Keyring } from './pgp/keyring.ts';
import type { PolicySet } from './policy/policy-set.ts';
import type { SignatureTrust } from './signature-requirement.ts';
import type { Problem } from './verdict/problem.ts';

/** What of the evidence a verdict on a chart depends on, beside the keys and the policy. */
export type JudgedEvidence = Pick<ChartEvidence, 'version' | 'chart' | 'archive' | 'indexDigest' | 'provenance'>;

/** Bytes of the same chart version that were served before. */
export interface SeenBytes {
  readonly evidence: JudgedEvidence;
  readonly lastSeen: Date;
}

/** What lay in a registry under the same chart version before. */
export interface SeenArtifact {
  readonly evidence: RegistryEvidence;
  readonly lastSeen: Date;
}

/** One question to the verifier of signatures; plain data, so that it can be answered in a worker. */
export interface SignatureQuestion {
  readonly artifact: SignedArtifact;
  readonly discovered: Discovered;
  readonly requirement: CosignRequirement;
  readonly now: Date;
}

/** What every source of an Application is judged by, and where its evidence comes from. */
export interface Judgement {
  readonly project: string;
  readonly argocdNamespace: string;
  readonly policy: PolicySet;
  /** The key ring, or why there is none. */
  readonly keyring: Keyring | { readonly problem: Problem };
  /** cosign keys and trust roots. */
  readonly signatureTrust: SignatureTrust;
  /** Fixed once for all sources. */
  readonly now: Date;
  readonly exempt: boolean;
  /** An operation is judged, whose own faults count where a policy applies; not so for the spec's target. */
  readonly operation: boolean;
  /** Whether to look at sources of which nothing is required; never where somebody waits for a decision. */
  readonly observe: boolean;
  readonly collectChart: (planned: PlannedSource) => Promise<Collected>;
  readonly collectRegistrySource: (
    planned: PlannedSource,
    signatureRepositories: readonly string[],
  ) => Promise<CollectedRegistrySource>;
  readonly verifySignatures: (question: SignatureQuestion) => Promise<ArtifactVerdict>;
  /** Other bytes of the same version that Argo CD may still hold. */
  readonly otherBytes: (planned: PlannedSource, evidence: ChartEvidence) => Promise<readonly SeenBytes[]>;
  /** The same of a chart in a registry. */
  readonly otherArtifacts: (planned: PlannedSource, evidence: RegistryEvidence) => Promise<readonly SeenArtifact[]>;
  /** Whether the repository asks for credentials. */
  readonly hasCredentials: (source: Source) => boolean;
  /** Whether the registry is asked over plain HTTP (`insecureOCIForceHttp`). */
  readonly isPlainHttp: (source: Source) => boolean;
}
