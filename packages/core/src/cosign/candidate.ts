import type { Problem } from '../verdict/problem.ts';
import type { Location } from '../verdict/verdict.ts';

/** Where one signature is: `kind` is how it was found, `location` the manifest or layer by digest. */
export type SignaturePlace = Pick<Location, 'kind' | 'location'>;

/** A bundle or a legacy signature as it came from the registry; nothing in it can be relied on. */
export type SignatureCandidate =
  | { readonly format: 'bundle'; readonly place: SignaturePlace; readonly content: Uint8Array }
  | {
      readonly format: 'legacy';
      readonly place: SignaturePlace;
      /** The layer. */
      readonly content: Uint8Array;
      /** Those of the layer's descriptor. */
      readonly annotations: Readonly<Record<string, string>>;
    };

/** Something beside an artifact that might be a signature of it. Plain data, so that it can be handed to a worker. */
export type Candidate =
  | SignatureCandidate
  /** Known by its place to be no signature: a layer of an `.att` manifest. */
  | { readonly format: 'attestation'; readonly place: SignaturePlace; readonly predicateType: string | null }
  /** Neither a bundle nor simple signing: an SBOM, a Notation signature. */
  | { readonly format: 'unknown'; readonly place: SignaturePlace; readonly artifactType: string }
  /** It is there, and could not be fetched or is not what it should be. */
  | { readonly format: 'unreadable'; readonly place: SignaturePlace; readonly problem: Problem };
