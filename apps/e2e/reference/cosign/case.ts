import type { Registry } from '../registries.ts';
import type { Signatures } from './signatures.ts';
import type { CaseClass } from './classes.ts';
import type { StricterRule } from './stricter-rules.ts';

/** Rows of the table of where @sigstore/verify is laxer than cosign, or other. */
export const LAXER_ROWS = [
  'log entry with another key',
  'extended key usage',
  'unknown critical extension',
  'subject of another artifact',
  'certificate where a key is wanted',
  'part of a subject',
  'digest of another message',
  'unknown bundle version',
  'log without start of validity',
  'several subjects',
  'no trusted time',
  'Ed25519 over a file',
] as const;
type LaxerRow = (typeof LAXER_ROWS)[number];

/** Fields of a policy, in each of which one case is accepted and one refused. */
export const POLICY_FIELDS = [
  'keys',
  'subject',
  'subjectRegExp',
  'issuer',
  'issuerRegExp',
  'transparencyLog',
  'certificateTransparency',
  'digestAlgorithm',
  'trustRoot',
  'annotations',
  'signatureRepository',
] as const;
type PolicyField = (typeof POLICY_FIELDS)[number];

export const FORMATS = [
  'bundle by referrers API',
  'bundle by fall-back tag',
  'legacy',
  'bundle with Rekor v1',
  'bundle with Rekor v2',
  'bundle without log',
  'legacy with signed entry timestamp',
  'keyless bundle with Rekor v2 and timestamp',
  'keyless legacy with timestamp only',
] as const;
export type Format = (typeof FORMATS)[number];

/**
 * What a case is there to show. `any`: a mutation that may be in a part that nothing depends on. All of them: we never
 * accept what cosign rejects.
 */
export type Expected =
  | 'both accept'
  | 'both reject'
  | 'any'
  /** cosign stops at a bundle, and ignores the good signature beside it. */
  | 'cosign stops at a bundle'
  | { readonly stricter: StricterRule };

export interface Case {
  readonly class: CaseClass;
  readonly name: string;
  readonly expected: Expected;
  readonly row?: LaxerRow;
  readonly field?: PolicyField;
  readonly formats?: readonly Format[];
  /** For both tools. */
  readonly flags: readonly string[];
  /** Of cosign alone: what is so with us without asking. */
  readonly cosignFlags?: readonly string[];
  readonly subject:
    | { readonly kind: 'pushed'; readonly reference: string }
    | {
        readonly kind: 'artifact';
        readonly signatures: Signatures;
        readonly registry: Registry;
        /** Where the signatures lie; beside the artifact unless said otherwise. */
        readonly elsewhere?: 'and asked there' | 'and not asked there';
      }
    | { readonly kind: 'file'; readonly file: string; readonly bundle: string };
}
