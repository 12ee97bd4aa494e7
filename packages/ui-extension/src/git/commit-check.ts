/** What Argo CD itself says of a commit's signature. */
export type CommitCheck =
  | { readonly state: 'asking' }
  /** All that the project's Git policy asks for. `checks`: their names, as `GIT/GPG`. */
  | { readonly state: 'passed'; readonly checks: readonly string[] }
  | { readonly state: 'failed'; readonly reasons: readonly string[] }
  | { readonly state: 'unsigned'; readonly reasons: readonly string[] }
  /** A good signature, by an Argo CD that does not say whether the project allows its key. */
  | { readonly state: 'signed'; readonly said: string }
  /** Nothing was checked. */
  | { readonly state: 'no-policy' }
  | { readonly state: 'unreadable'; readonly why: Unreadable; readonly detail: string };

/** 401, 403, 404, no answer in time, none at all, one of another shape, another failure. */
export type Unreadable = 'session' | 'forbidden' | 'not-found' | 'timeout' | 'no-connection' | 'malformed' | 'error';

const MAX_CHECKS = 20;
const MAX_REASONS = 10;
const MAX_TEXT = 500;

/**
 * Reads Argo CD's `RevisionMetadata` (pkg/apis/application/v1alpha1/types.go), or null where it is none. The result
 * of the project's source integrity, whose fields are capitalised, counts before `signatureInfo`: the one line of older
 * versions, which is there only where the project asks for signatures.
 */
export function commitCheckOf(metadata: unknown): CommitCheck | null {
  // `date` is the one field that is always written: an answer without it is somebody else's.
  if (!isRecord(metadata) || !Object.hasOwn(metadata, 'date')) return null;
  const result = own(metadata, 'sourceIntegrityResult');
  if (result !== undefined && result !== null) return checkOfResult(result);
  const said = own(metadata, 'signatureInfo');
  if (said === undefined || said === '') return { state: 'no-policy' };
  return typeof said === 'string' ? checkOfLine(said) : null;
}

function checkOfResult(result: unknown): CommitCheck | null {
  const checks = isRecord(result) ? own(result, 'Checks') : undefined;
  // Go writes an empty list as null.
  if (checks === null) return { state: 'no-policy' };
  if (!Array.isArray(checks) || checks.length > MAX_CHECKS) return null;
  const names: string[] = [];
  const reasons: string[] = [];
  for (const check of checks) {
    const read = checkItem(check);
    if (read === null) return null;
    names.push(read.name);
    reasons.push(...read.problems);
  }
  if (names.length === 0) return { state: 'no-policy' };
  if (reasons.length === 0) return { state: 'passed', checks: names };
  // The commit's author writes what stands before this ending.
  const unsigned = reasons.every((reason) => reason.endsWith("': unsigned (key_id=)"));
  return { state: unsigned ? 'unsigned' : 'failed', reasons: reasons.slice(0, MAX_REASONS).map(shortened) };
}

function checkItem(check: unknown): { readonly name: string; readonly problems: readonly string[] } | null {
  if (!isRecord(check)) return null;
  const name = own(check, 'Name');
  const problems: unknown = own(check, 'Problems') ?? [];
  if (typeof name !== 'string' || !Array.isArray(problems)) return null;
  const texts = problems.filter((each) => typeof each === 'string');
  return texts.length === problems.length ? { name: shortened(name), problems: texts } : null;
}

function checkOfLine(said: string): CommitCheck {
  if (said.startsWith('Good signature from ')) return { state: 'signed', said: shortened(said) };
  if (said === 'Revision is not signed.') return { state: 'unsigned', reasons: [] };
  return { state: 'failed', reasons: [shortened(said)] };
}

function shortened(text: string): string {
  return text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function own(record: Readonly<Record<string, unknown>>, name: string): unknown {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}
