import { wording, type Observation, type Problem } from '@source-integrity/core/contract';

const KEY_LIST = /^(?:0x)?[0-9a-fA-F]{16,64}(?:,\s*(?:0x)?[0-9a-fA-F]{16,64})+$/;

export interface Compared {
  /** What differs: "digest", "signer". */
  readonly what: string;
  readonly expected: readonly string[];
  readonly actual: readonly string[];
}

/** What was expected and what was there, for each problem in which two things differ. */
export function comparisonsOf(found: Observation): readonly Compared[] {
  const problems = found.checks.flatMap((check) => ('problem' in check ? [check.problem] : []));
  const stated = 'problems' in found ? found.problems : [];
  const all = new Map([...stated, ...problems].map((problem) => [JSON.stringify(problem), problem]));
  return [...all.values()].flatMap((problem) => compared(problem));
}

function compared(problem: Problem): Compared[] {
  const what = wording(problem, 'It').compares;
  const expected = texts(problem.params['expected']);
  const actual = texts(problem.params['actual']);
  return what === null || expected.length === 0 || actual.length === 0 ? [] : [{ what, expected, actual }];
}

function texts(value: Problem['params'][string] | undefined): readonly string[] {
  if (value === undefined || value === null || value === '') return [];
  if (typeof value === 'object') return value;
  const text = String(value);
  // Several keys travel as one text.
  return KEY_LIST.test(text) ? text.split(/,\s*/) : [text];
}
