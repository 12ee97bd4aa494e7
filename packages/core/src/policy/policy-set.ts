import type { KeyReference } from '../pgp/key-reference.ts';
import type { Enforcement, PolicyRef } from '../verdict/decision.ts';
import type { Problem } from '../verdict/problem.ts';
import type { StrictRules } from '../verdict/strict-rules.ts';
import type { Glob } from './glob.ts';

/** Entries of argocd-source-integrity-cm that hold policies. */
export type PolicyEntryName = 'all-projects' | `project.${string}`;

/** A place within an entry of the ConfigMap, from 1. */
export interface Place {
  readonly entry: string;
  readonly line: number;
  readonly column: number;
}

/** The whole of argocd-source-integrity-cm, read. */
export interface PolicySet {
  /** Null where the ConfigMap says nothing: `enforce`. */
  readonly enforcement: Enforcement | null;
  /** What a verified pull does while the server cannot be asked. */
  readonly guardUnavailable: 'refuse' | 'allowVerified';
  /** Where Argo CD pulls charts through the guard, as the administrator states it: no server can see who does not ask. */
  readonly verifiedPull: 'partly' | 'everywhere';
  /** How long a version → digest answer counts, in milliseconds: 0 to 24 hours, 60 seconds unless it is said. */
  readonly freshnessMs: number;
  readonly strictRules: StrictRules;
  readonly exemptions: readonly Exemption[];
  readonly baseline: PolicyDocument | null;
  /** By the name of the AppProject. */
  readonly projects: ReadonlyMap<string, PolicyDocument>;
  /** Errors that concern every source; with one of them nothing else here may be relied on. */
  readonly problems: readonly Problem[];
}

/** The value of `all-projects` or of one `project.<name>`. */
export interface PolicyDocument {
  readonly entry: PolicyEntryName;
  /** Of this project; null: the ConfigMap's. */
  readonly enforcement: Enforcement | null;
  /** Of the baseline; null elsewhere. */
  readonly unmatched: 'allow' | 'deny' | null;
  readonly helm: readonly HelmPolicy[];
  readonly oci: readonly OciPolicy[];
  /** Errors in a project's entry concern that project; those of the baseline are in {@link PolicySet.problems}. */
  readonly problems: readonly Problem[];
}

/** Break-glass: the gate lets this Application pass, and says so, until the time has come. */
export interface Exemption {
  readonly namespace: string;
  readonly name: string;
  readonly reason: string;
  readonly until: Date;
}

interface Policy {
  readonly ref: PolicyRef;
  readonly place: Place;
  /** At least one. */
  readonly include: readonly Glob[];
  /** Those that began with `!`, without it. */
  readonly exclude: readonly Glob[];
}

export interface HelmPolicy extends Policy {
  readonly list: 'helm';
  /** Null: every chart. */
  readonly charts: readonly Glob[] | null;
  readonly mode: 'none' | 'provenance';
  /** Any one suffices; empty trusts nothing. */
  readonly keys: readonly KeyReference[];
}

export interface OciPolicy extends Policy {
  readonly list: 'oci';
  readonly mode: 'none' | 'signature';
  /** Entries of argocd-cosign-keys-cm. Any key or identity suffices; both empty trusts nothing. */
  readonly keys: readonly string[];
  readonly identities: readonly Identity[];
  readonly transparencyLog: 'required' | 'optional';
  readonly certificateTransparency: 'required' | 'optional';
  readonly digestAlgorithm: 'sha256' | 'sha384' | 'sha512';
  /** Entry of argocd-sigstore-trusted-root-cm; null: the public-good root. */
  readonly trustRoot: string | null;
  /** Claims that the signature must carry; values may hold `{repository}` and `{tag}`. */
  readonly annotations: ReadonlyMap<string, string>;
  readonly signatureRepository: string | null;
}

export type AnyPolicy = HelmPolicy | OciPolicy;

/** Who may have signed without a key of their own. Regular expressions are RE2, fully anchored, and not yet compiled. */
export interface Identity {
  readonly issuer: TextOrRegExp;
  readonly subject: TextOrRegExp;
}

export type TextOrRegExp = { readonly text: string } | { readonly regExp: string };
