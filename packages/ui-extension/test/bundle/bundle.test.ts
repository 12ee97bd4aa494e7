import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import { gzipSync } from 'node:zlib';
import { transform } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { bundle } from '../../bundle.ts';

const hosts = {
  '19.2': createRequire(import.meta.url),
  '16.14': createRequire(new URL('../../../../apps/host-react-16/package.json', import.meta.url)),
};

let folder = '';
let code = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'source-integrity-'));
  await bundle(join(folder, 'extension.js'));
  code = await readFile(join(folder, 'extension.js'), 'utf8');
});
afterAll(() => rm(folder, { recursive: true }));

function load(
  react: unknown,
  api: unknown,
  times = 1,
): { readonly error: ReturnType<typeof vi.fn>; readonly globals: string[] } {
  const error = vi.fn();
  const page: Record<string, unknown> = { console: { error }, React: react, extensionsAPI: api };
  page['window'] = page;
  runInNewContext(code.repeat(times), page);
  return { error, globals: Object.keys(page) };
}

describe('the built file', () => {
  it('ends so that another script can follow on the same page', () => {
    expect(code.endsWith(';\n')).toBe(true);
  });

  it('is ES2018 and no module', async () => {
    const { code: same } = await transform(code, { target: 'es2018', minify: true, charset: 'ascii' });
    expect(same.length).toBeGreaterThan(1000);
    expect(code).not.toMatch(/^(?:import|export)\b/m);
  });

  it('stays within its size', () => {
    expect(gzipSync(code, { level: 9 }).length).toBeLessThanOrEqual(60_000);
  });

  it('brings its styles without what only people need', () => {
    expect(code).toContain('.si-banner__text{');
    expect(code).toContain('@container si-root (');
    expect(code).not.toMatch(/\n\s*\.si-/);
  });

  it('brings no React of its own and uses nothing that React 16.14 lacks', () => {
    expect(code).not.toMatch(/react\.(?:transitional\.)?element|__CLIENT_INTERNALS|SECRET_INTERNALS/);
    expect(code).not.toMatch(/\b(?:useId|useSyncExternalStore|useTransition|useDeferredValue|createRoot)\b/);
  });

  it.each(Object.entries(hosts))('registers once with React %s, and leaves no global', (_, require) => {
    const register = vi.fn();
    const { error, globals } = load(require('react'), { registerResourceExtension: register }, 2);
    expect(error).not.toHaveBeenCalled();
    expect(register).toHaveBeenCalledTimes(1);
    expect(globals.toSorted()).toEqual(['React', 'console', 'extensionsAPI', 'window']);
  });

  it('does not throw where there is no extension API or no React', () => {
    expect(load(hosts['19.2']('react'), undefined).error).not.toHaveBeenCalled();
    expect(load(undefined, undefined).error).toHaveBeenCalledTimes(1);
    expect(load(undefined, { registerResourceExtension: vi.fn() }).error).toHaveBeenCalledTimes(1);
  });
});
