import * as z from 'zod/mini';

/** Who can mend a problem. */
export type Responsible = 'application owner' | 'platform administrator' | 'chart maintainer';

/** What a problem makes of the verdict or the request that meets it. */
export type Consequence = 'failed' | 'unsigned' | 'indeterminate' | 'unsupported' | 'refused' | 'warning';

/** Parameters of a problem, as they travel: flat, and text or numbers only. */
export type Parameters = Readonly<Record<string, string | number | boolean | null | readonly string[]>>;

/** Where the parameters say what is compared. A method, as all words are. */
interface Comparing<P extends Parameters> {
  compares(params: P): string;
}

/**
 * One entry of the catalogue: what a problem means, in words that need no look-up.
 * The words are methods, so that entries of different parameters fit in one list.
 */
export interface ProblemEntry<P extends Parameters> {
  readonly consequence: Consequence;
  readonly responsible: Responsible;
  /**
   * One whole sentence without its full stop, beginning with the subject ("Chart payments 1.4.2").
   * Attacker-controlled text is quoted, never interpreted.
   */
  sentence(subject: string, params: P): string;
  /**
   * The same in few words, without the subject, for parameters that may have been cut: only where the sentence is long
   * whatever they hold. See `brief.ts`.
   */
  brief?(params: P): string;
  /** What to do next: one or two whole sentences in the imperative. */
  remedy(params: P): string;
  /** What the `expected` and `actual` parameters are, where there are both: "digest", "signer", "version". */
  readonly compares?: string | Comparing<P>['compares'];
}

export type ProblemEntries<Codes extends Record<keyof Codes, Parameters>> = {
  readonly [C in keyof Codes]: ProblemEntry<Codes[C]>;
};

/** A problem as it travels: a stable code and its parameters. The words are in the catalogue. */
export const Problem = z.object({
  code: z.string(),
  params: z.record(
    z.string(),
    z.union([z.string(), z.number(), z.boolean(), z.null(), z.readonly(z.array(z.string()))]),
  ),
});
export type Problem = z.infer<typeof Problem>;
