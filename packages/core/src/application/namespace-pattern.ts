import { Script } from 'node:vm';
import { compileGlob, isGlobFault } from '../policy/glob.ts';
import type { PatternMatch } from './segment-glob.ts';

/** Milliseconds that one regular expression may take. */
const TIME_LIMIT = 25;

const script = new Script("new RegExp(pattern, 'u').test(text)");

/**
 * Whether a namespace fits a pattern of `sourceNamespaces`: a glob, or a regular expression between slashes that is
 * not anchored (`util/glob/list.go`, `MatchStringInList`). The owner of a project writes these: an expression that
 * backtracks for ever is cut off, and one that JavaScript reads otherwise than .NET is refused (`u` flag).
 */
export function matchesNamespace(pattern: string, namespace: string): PatternMatch {
  if (pattern.length > 1 && pattern.startsWith('/') && pattern.endsWith('/')) {
    return matchesExpression(pattern.slice(1, -1), namespace);
  }
  const compiled = compileGlob(pattern);
  if (isGlobFault(compiled)) return { reason: compiled.reason };
  return compiled.matches(namespace) ? 'matches' : 'differs';
}

/** Only the pattern is foreign, and it is data to the script; the realm is there because a time limit needs one. */
function matchesExpression(pattern: string, text: string): PatternMatch {
  try {
    const matched: unknown = script.runInNewContext({ pattern, text }, { timeout: TIME_LIMIT });
    return matched === true ? 'matches' : 'differs';
  } catch {
    return { reason: 'there is a regular expression that cannot be read, or takes too long,' };
  }
}
