import { entryOf, readable, wording } from './catalogue.ts';
import type { Parameters, Problem, ProblemEntry } from './problem.ts';

/** Characters of a short sentence beside its subject, the space behind that and the full stop. */
export const BRIEF_LIMIT = 110;

/** Characters that each value may keep, tried one after the other until the sentence is short enough. */
const KEPT = [48, 32, 20, 12];

/**
 * The sentence of a problem for places that cut: Argo CD's toasts, conditions, one line of a page. Short and whole:
 * digests by their ends, addresses by their host, other long values cut, details in brackets left out, and words of
 * its own where a problem needs many. A sentence that is short already stays as it is.
 */
export function brief(problem: Problem, subject: string): string {
  const { sentence } = wording(problem, subject);
  const entry = entryOf(problem.code);
  if (entry === null) return sentence;
  try {
    for (const said of candidates(entry, readable(problem.params))) {
      if (said.length <= BRIEF_LIMIT) return `${subject} ${said}${said.endsWith('…') ? '' : '.'}`;
    }
  } catch {
    // Parameters of another version: the whole sentence names the code.
  }
  return sentence;
}

/** The sentence without its subject: at first as it is, then ever shorter. */
function* candidates(entry: ProblemEntry<Parameters>, params: Parameters): Generator<string, void, undefined> {
  yield withShortHex(entry.sentence('', params).trim());
  for (const length of KEPT) {
    const kept = shortened(params, length);
    const said = entry.sentence('', kept).trim();
    yield said;
    yield said.replace(/ \([^()]*\)/g, '');
    if (entry.brief !== undefined) yield entry.brief(kept);
  }
}

function shortened(params: Parameters, length: number): Parameters {
  const cut: Record<string, Parameters[string]> = {};
  for (const [name, value] of Object.entries({ ...params, ...apart(params['expected'], params['actual']) })) {
    if (typeof value === 'string') cut[name] = short(value, length);
    else if (typeof value === 'object' && value !== null) cut[name] = fewer(value, length);
    else cut[name] = value;
  }
  return cut;
}

function fewer(list: readonly string[], length: number): readonly string[] {
  const [first, ...others] = list;
  if (first === undefined || list.join(', ').length <= length) return list;
  return [short(first, length), ...(others.length === 0 ? [] : ['…'])];
}

/** Two values that begin alike, from the part on in which they differ: cut, they must not look the same. Hosts do not. */
function apart(expected: unknown, actual: unknown): Parameters {
  if (typeof expected !== 'string' || typeof actual !== 'string' || expected === actual) return {};
  let same = 0;
  while (expected[same] === actual[same]) same++;
  const from = Math.max(expected.lastIndexOf('/', same - 1), 0);
  const isHost = from <= expected.indexOf('://') + 2;
  return from === 0 || isHost ? {} : { expected: `…${expected.slice(from)}`, actual: `…${actual.slice(from)}` };
}

function short(text: string, length: number): string {
  const value = withShortHex(text);
  if (value.length <= length) return value;
  const host = /^[a-z]+:\/\/([^/]+)/.exec(value)?.[1];
  if (host !== undefined && host.length <= length) return host;
  if (/^\d{4}-\d\d-\d\d[T ]/.test(value)) return value.slice(0, 10);
  const beginning = (host ?? value).slice(0, length - 1);
  const space = beginning.lastIndexOf(' ');
  return `${space < length / 2 ? beginning : beginning.slice(0, space)}…`;
}

/** Digests and fingerprints by their ends: "5E61…8762". Key IDs are what people look for, and stay. */
export function withShortHex(text: string): string {
  return text.replace(/\b([0-9a-fA-F]{4})[0-9a-fA-F]{24,120}([0-9a-fA-F]{4})\b/g, '$1…$2');
}
