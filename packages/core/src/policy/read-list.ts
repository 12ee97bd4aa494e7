import { problem } from '../verdict/catalogue.ts';
import { quotable } from '../verdict/quotable.ts';
import { chartSpellingFault, type SpellingFault } from './glob-spelling.ts';
import { compileGlob, isGlobFault, MAX_GLOB_LENGTH, type Glob } from './glob.ts';
import type { YamlCursor } from './yaml-cursor.ts';

/** `[{url: …}, …]`, with what `!` excludes apart. Whatever is wrong is reported, and left out. */
export function readRepos(
  cursor: YamlCursor | undefined,
  spelling: (glob: Glob) => SpellingFault | null,
): { include: readonly Glob[]; exclude: readonly Glob[] } {
  const include: Glob[] = [];
  const exclude: Glob[] = [];
  const items = cursor?.items() ?? null;
  let onlyExcludes = true;
  for (const item of items ?? []) {
    const url = item.fields(['url'], [['url', 'url: "https://charts.example.com/*"']])?.get('url');
    const text = url?.text('a glob for repository URLs', MAX_GLOB_LENGTH + 1) ?? null;
    const excludes = text?.startsWith('!') ?? false;
    onlyExcludes &&= excludes;
    if (url === undefined || text === null) continue;
    const glob = readGlob(url, text, excludes ? '!' : '', spelling);
    if (glob !== null) (excludes ? exclude : include).push(glob);
  }
  if (items !== null && onlyExcludes) cursor?.wrong('a list with at least one url that does not begin with "!"');
  return { include, exclude };
}

/** Globs for the names of charts. Whatever is wrong is reported, and left out. */
export function readCharts(cursor: YamlCursor): readonly Glob[] {
  const globs: Glob[] = [];
  const items = cursor.items();
  if (items?.length === 0) cursor.wrong('a list with at least one chart, or no such field');
  for (const item of items ?? []) {
    const text = item.text('a glob for names of charts', MAX_GLOB_LENGTH);
    if (text === null) continue;
    if (text.startsWith('!')) {
      const write = 'an entry with "mode: none" for these charts before this one';
      item.report(
        problem('policy-contradiction', { ...item.place, reason: 'charts cannot be excluded with "!"', write }),
      );
      continue;
    }
    const glob = readGlob(item, text, '', chartSpellingFault);
    if (glob !== null) globs.push(glob);
  }
  return globs;
}

function readGlob(
  cursor: YamlCursor,
  text: string,
  prefix: '!' | '',
  spelling: (glob: Glob) => SpellingFault | null,
): Glob | null {
  const glob = compileGlob(text.slice(prefix.length));
  const { place } = cursor;
  if (isGlobFault(glob)) {
    const code = glob.fault === 'invalid' ? 'glob-invalid' : 'glob-unsupported';
    return cursor.report(problem(code, { ...place, glob: quotable(text), reason: glob.reason }));
  }
  const fault = spelling(glob);
  if (fault === null) return glob;
  return cursor.report(
    'nothing' in fault
      ? problem('glob-matches-nothing', { ...place, glob: quotable(text), reason: fault.nothing })
      : problem('glob-not-normal', { ...place, expected: quotable(prefix + fault.write), actual: quotable(text) }),
  );
}
