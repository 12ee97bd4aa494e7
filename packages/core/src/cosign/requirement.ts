import type { Digest } from '../verdict/verdict.ts';
import type { Identity } from './identity.ts';
import type { DigestAlgorithm } from './key-algorithm.ts';
import type { CosignKey } from './public-key.ts';
import type { TrustRoot } from './trust-root.ts';

/**
 * What the `cosign` part of a policy entry asks for, its names resolved. Any one of `keys` and `identities` suffices;
 * both empty trusts nothing. Plain data, so that it can be handed to a worker.
 */
export interface CosignRequirement {
  readonly keys: readonly CosignKey[];
  readonly identities: readonly Identity[];
  /**
   * `optional`: no log entry is accepted, a wrong one is not. With a key and without a trust root, entries are not
   * looked at.
   */
  readonly transparencyLog: 'required' | 'optional';
  /** `optional`: a certificate without a signed certificate timestamp is accepted, one with a wrong one is not. */
  readonly certificateTransparency: 'required' | 'optional';
  /** What keys sign; Ed25519 has its own. Certificates come with the digest of their key. */
  readonly digestAlgorithm: DigestAlgorithm;
  /** Needed by identities, and by keys where the log is required. */
  readonly trustRoot: TrustRoot | null;
  /** Wanted claims; `{repository}` and `{tag}` stand for the artifact's. */
  readonly annotations: Readonly<Record<string, string>>;
}

/** What a signature has to be for. */
export type SignedArtifact =
  | {
      /** An artifact in a registry, by the digest of its manifest. */
      readonly kind: 'oci';
      readonly digest: Digest;
      /** Host and path: `ghcr.io/acme/config`. */
      readonly repository: string;
      /** The tag that was asked for; null where it was asked for by digest. */
      readonly tag: string | null;
    }
  | {
      /** A file, of which the digest is of its bytes. `content` is null where only the digest is at hand. */
      readonly kind: 'file';
      readonly digest: Digest;
      readonly content: Uint8Array | null;
    };
