import { admissionProblems, type AdmissionProblems } from './problems/admission.ts';
import { applicationProblems, type ApplicationProblems } from './problems/application.ts';
import { cosignProblems, type CosignProblems } from './problems/cosign.ts';
import { fetchProblems, type FetchProblems } from './problems/fetch.ts';
import { guardProblems, type GuardProblems } from './problems/guard.ts';
import { helmProblems, type HelmProblems } from './problems/helm.ts';
import { ociProblems, type OciProblems } from './problems/oci.ts';
import { pgpProblems, type PgpProblems } from './problems/pgp.ts';
import { policyProblems, type PolicyProblems } from './problems/policy.ts';
import { provenanceProblems, type ProvenanceProblems } from './problems/provenance.ts';
import type { Parameters, Problem, ProblemEntry } from './problem.ts';

/** Every code that this project can answer, with the parameters that come with it. */
export interface ProblemCodes
  extends
    AdmissionProblems,
    ApplicationProblems,
    CosignProblems,
    FetchProblems,
    GuardProblems,
    HelmProblems,
    OciProblems,
    PgpProblems,
    PolicyProblems,
    ProvenanceProblems {}

export type ProblemCode = keyof ProblemCodes;

type Catalogue = { readonly [C in ProblemCode]: ProblemEntry<ProblemCodes[C]> };

/** The one place where a code becomes words: for the tab, the gate's refusals, the CLI and `docs/problems.md`. */
export const catalogue: Catalogue = {
  ...pgpProblems,
  ...provenanceProblems,
  ...cosignProblems,
  ...ociProblems,
  ...helmProblems,
  ...fetchProblems,
  ...policyProblems,
  ...applicationProblems,
  ...admissionProblems,
  ...guardProblems,
};

/** Makes a problem; the only way to make one, so that every code has an entry and every entry its parameters. */
export function problem<C extends ProblemCode>(code: C, params: ProblemCodes[C]): Problem {
  return { code, params: { ...params } };
}

/** What a problem says in words. */
export interface Wording {
  /** A whole sentence, ending in a full stop. */
  readonly sentence: string;
  readonly remedy: string;
  readonly responsible: ProblemEntry<Parameters>['responsible'];
  readonly compares: string | null;
}

/**
 * Words for a problem of `subject` ("Chart payments 1.4.2").
 * A code that this build does not know, or parameters that are not its own (a tab older than its server), are named,
 * never dropped.
 */
export function wording(problem: Problem, subject: string): Wording {
  const entry = entryOf(problem.code);
  if (entry !== null) {
    const params = readable(problem.params);
    const { compares = null } = entry;
    try {
      return {
        sentence: `${entry.sentence(subject, params)}.`,
        remedy: entry.remedy(params),
        responsible: entry.responsible,
        compares: typeof compares === 'function' ? compares(params) : compares,
      };
    } catch {
      // Parameters of another version: answered below.
    }
  }
  return {
    sentence: `${subject} has a problem that this version cannot put in words: ${problem.code}.`,
    remedy: 'Bring the Source Integrity extension and its server to the same version, and read docs/problems.md.',
    responsible: 'platform administrator',
    compares: null,
  };
}

/** The same parameters with times as people read them: `2023-12-31 12:00:00 UTC`. What somebody wrote stays as it is. */
export function readable(params: Parameters): Parameters {
  const said: Record<string, Parameters[string]> = { ...params };
  for (const [name, value] of Object.entries(params)) {
    if (typeof value !== 'string' || !/At$|^(?:since|until)$/.test(name)) continue;
    said[name] = value.replace(/^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.\d+)?Z$/, '$1 $2 UTC');
  }
  return said;
}

/** The entry of a code; null for a code that this build does not know. */
export function entryOf(code: string): ProblemEntry<Parameters> | null {
  return isKnown(code) ? catalogue[code] : null;
}

function isKnown(code: string): code is ProblemCode {
  return Object.hasOwn(catalogue, code);
}
