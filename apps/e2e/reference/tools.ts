/**
 * The real tools that the suites compare with. `node apps/e2e/reference/tools.ts [name…]` builds what is missing of
 * them (all, where none is named) and prints where each one is.
 */
import { join, resolve } from 'node:path';
import { built, pathOf } from './tools/build.ts';
import { exists } from './tools/cache.ts';
import { isTool, type Tool, TOOLS } from './tools/recipes.ts';

/**
 * The paths of the named tools; what is missing is built into the cache, one after the other. Files of these names in
 * the folder that the environment variable SOURCE_INTEGRITY_TOOLS names are taken as they are.
 *
 * @param say hears what is built and how long that took; by default standard error
 */
export async function tools<Name extends Tool>(
  names: readonly Name[],
  say: (line: string) => void = (line) => void process.stderr.write(`${line}\n`),
): Promise<ReadonlyMap<Name, string>> {
  const paths = new Map<Name, string>();
  for (const name of names) paths.set(name, (await given(name)) ?? (await built(name, say)));
  return paths;
}

/** The path of one tool, as {@link tools} finds it. */
export async function toolPath(name: Tool): Promise<string> {
  return (await given(name)) ?? built(name, (line) => void process.stderr.write(`${line}\n`));
}

/** The path of a tool that is there already; null where it would have to be built. */
export async function builtTool(name: Tool): Promise<string | null> {
  const path = (await given(name)) ?? (await pathOf(name));
  return (await exists(path)) ? path : null;
}

async function given(name: Tool): Promise<string | null> {
  const folder = process.env['SOURCE_INTEGRITY_TOOLS'];
  if (folder === undefined || folder === '') return null;
  const path = join(resolve(folder), name);
  return (await exists(path)) ? path : null;
}

if (import.meta.main) {
  const asked = process.argv.slice(2);
  const unknown = asked.filter((name) => !isTool(name));
  if (unknown.length > 0) {
    process.stderr.write(`There is no tool ${unknown.join(', ')}; there are ${TOOLS.join(', ')}.\n`);
    process.exitCode = 64;
  } else {
    const wanted = asked.length === 0 ? TOOLS : asked.filter(isTool);
    for (const [name, path] of await tools(wanted)) process.stdout.write(`${name} ${path}\n`);
  }
}
