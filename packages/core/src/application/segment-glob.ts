import { compileGlob, isGlobFault } from '../policy/glob.ts';
import { remembering } from '../policy/remembering.ts';

/** Whether a text fits a pattern; `reason` says what keeps the pattern from being read, as in "because …". */
export type PatternMatch = 'matches' | 'differs' | { readonly reason: string };

/** Segments of a text; one with more fits nothing. */
const MAX_SEGMENTS = 64;

/**
 * Argo CD's glob with the separator `/`, as it reads a project's `sourceRepos`: `*`, `?` and classes stay within one
 * segment, `**` does not. Each segment is a glob of its own; one that holds `**` may stand for several segments of
 * the text. A segment that mixes `**` with other wildcards, for which the pieces would not do, is refused.
 */
export function matchesWithinSegments(pattern: string, text: string): PatternMatch {
  const segments = pattern.split('/');
  const parts = text.split('/');
  if (Math.max(segments.length, parts.length) > MAX_SEGMENTS) return 'differs';
  // Where in the text the segments read so far may end.
  let ends = new Set([0]);
  for (const segment of segments) {
    const compiled = compileSegment(segment);
    if ('reason' in compiled) return compiled;
    const next = new Set<number>();
    for (const start of ends) {
      const last = compiled.crosses ? parts.length : Math.min(start + 1, parts.length);
      for (let end = start + 1; end <= last; end += 1) {
        if (!next.has(end) && compiled.matches(parts.slice(start, end).join('/'))) next.add(end);
      }
    }
    ends = next;
  }
  return ends.has(parts.length) ? 'matches' : 'differs';
}

type Segment = { readonly crosses: boolean; readonly matches: (text: string) => boolean } | { readonly reason: string };

const compileSegment = remembering((segment): Segment => {
  if (!/[*?[\]{}\\]/.test(segment)) return { crosses: false, matches: (text) => text === segment };
  const crosses = segment.includes('**');
  if (crosses && /[*?[\]{}\\]/.test(segment.replaceAll('**', ''))) {
    return { reason: '"**" stands beside other wildcards between two slashes' };
  }
  const compiled = compileGlob(segment);
  return isGlobFault(compiled) ? { reason: compiled.reason } : { crosses, matches: compiled.matches };
});
