import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { readHelmCall } from '../../src/helm-guard/helm-call.ts';
import { CALLS } from './calls.ts';

const SHIM = join(import.meta.dirname, '../../bin/helm');

interface Shim {
  readonly folder: string;
  /** `helm` or `guard`, whichever it came to, with the arguments as they came there; and what was told. */
  readonly run: (...args: readonly string[]) => {
    status: number | null;
    to: string;
    args: readonly string[];
    told: string;
  };
}

/** The shim with neither a Helm nor a Node behind it. */
function shim(): Shim {
  const folder = mkdtempSync(join(tmpdir(), 'helm-guard-shim-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const program = (name: string): string => {
    const file = join(folder, name);
    writeFileSync(file, `#!/bin/sh\nprintf '${name}'\nfor one; do printf '\\0%s' "$one"; done\nexit 3\n`);
    chmodSync(file, 0o755);
    return file;
  };
  const env = {
    PATH: process.env['PATH'],
    SOURCE_INTEGRITY_GUARD_HELM: program('helm'),
    SOURCE_INTEGRITY_GUARD_NODE: program('guard'),
    SOURCE_INTEGRITY_GUARD: 'the guard',
  };
  return {
    folder,
    run: (...args) => {
      const { status, stdout, stderr } = spawnSync('sh', [SHIM, ...args], { cwd: folder, env, encoding: 'utf8' });
      const [to = '', ...rest] = stdout.split('\0');
      return { status, to, args: to === 'guard' ? rest.slice(1) : rest, told: stderr };
    },
  };
}

function words(text: string): string[] {
  return text === '' ? [] : text.split(' ').map((word) => word.replaceAll('␣', ' '));
}

describe('the shim', () => {
  test.each([
    'version --short',
    'version --template {{.Version}}',
    'registry login registry.example.com --username u --password-stdin',
    'registry logout registry.example.com',
    'show values .',
    'show chart .',
    'template . --name-template demo',
    'template . --name-template demo --namespace x --kube-version 1.37.0 --set a=b --set-string c=␣d --set-file e=f',
    'template . --name-template demo --values values.yaml --api-versions v1 --include-crds --skip-tests',
  ])('starts no Node for what Argo CD calls without fetching: helm %s', (call) => {
    expect(shim().run(...words(call))).toEqual({ status: 3, to: 'helm', args: words(call), told: '' });
  });

  test('hands every argument on as it is, empty ones, spaces, quotes and line breaks too', () => {
    const odd = ['', ' ', '"', "'", '$(id)', '*', 'a\nb', '\\', '-n', '--', 'ü'];
    const { run } = shim();
    for (const call of [
      ['pull', ...odd],
      ['template', '.', '--name-template', ...odd],
      ['version', ...odd],
    ]) {
      expect(run(...call).args).toEqual(call);
    }
  });

  test('lets nothing past the guard that the guard would look at', () => {
    const { run } = shim();
    const past = CALLS.map(({ args }) => words(args)).filter((args) => run(...args).to === 'helm');
    expect(past.length).toBeGreaterThan(4);
    expect(past.filter((args) => readHelmCall(args).kind !== 'passes')).toEqual([]);
  }, 120_000);

  test.each(['--repo', '--repo=https://x.example.com', '--dependency-update', '--dependency-update=true'])(
    'has the guard look at a template with %s, wherever that stands',
    (flag) => {
      const { run } = shim();
      expect(run('template', '.', '--name-template', 'demo', '--set', 'a=b', flag).to).toBe('guard');
      // A release of that name is Helm's value of the flag before it: the guard reads it so.
      expect(run('template', '.', '--name-template', flag).to).toBe('guard');
    },
  );

  test.each([
    ['a file', (path: string) => writeFileSync(path, '')],
    ['a link to nowhere', (path: string) => symlinkSync('nowhere', path)],
  ])('renders no folder with unchecked dependencies, in the words at which Argo CD builds them: %s', (_, put) => {
    const { folder, run } = shim();
    put(join(folder, '.source-integrity-unchecked'));
    const { status, to, told } = run('template', '.', '--name-template', 'demo');
    expect([status, to]).toEqual([1, '']);
    expect(told).toContain('found in Chart.yaml, but missing in charts/ directory');
    expect(run('dependency', 'build').to).toBe('guard');
  });
});
