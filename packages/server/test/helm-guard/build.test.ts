import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { containing } from '../cli/command-line.ts';
import { CERTIFICATES } from './bench.ts';

const BUILD = join(import.meta.dirname, '../../build.ts');

function built(): string {
  const folder = mkdtempSync(join(tmpdir(), 'source-integrity-build-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  execFileSync(process.execPath, [BUILD, join(folder, 'dist')]);
  return folder;
}

test('the build gives the same bytes twice, and nothing in it is for one architecture', () => {
  const digests = (): Map<string, string> => {
    const folder = built();
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => /\.[a-z]+$/.test(name));
    return new Map(
      files.toSorted().map((name) => [
        name,
        createHash('sha256')
          .update(readFileSync(join(folder, name)))
          .digest('hex'),
      ]),
    );
  };
  const once = digests();
  expect(digests()).toEqual(once);
  expect([...once.keys()]).toContain('dist/helm-guard.cjs');
  expect([...once.keys()].filter((name) => /\.(?:node|so|wasm|exe)$/.test(name))).toEqual([]);
}, 180_000);

test('what is built finds what it loads only when it is needed, and refuses where that is not there', () => {
  const folder = built();
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  writeFileSync(join(folder, 'token'), 'the-token');
  const pull = (): unknown => {
    const args = 'pull --repo https://charts.example.com --version 1.2.3 demo'.split(' ');
    return spawnSync(process.execPath, [join(folder, 'dist/helm-guard.cjs'), ...args], {
      cwd: folder,
      encoding: 'utf8',
      env: {
        // Nobody listens there.
        SOURCE_INTEGRITY_GUARD_SERVER: 'https://127.0.0.1:1',
        SOURCE_INTEGRITY_GUARD_HELM: '/bin/true',
        SOURCE_INTEGRITY_GUARD_TOKEN_FILE: join(folder, 'token'),
        SOURCE_INTEGRITY_GUARD_CA_FILE: join(CERTIFICATES, 'localhost.pem'),
        SOURCE_INTEGRITY_GUARD_STATE_DIR: join(folder, 'state'),
        SOURCE_INTEGRITY_GUARD_TIMEOUT_SECONDS: '1',
      },
    });
  };
  const unasked = 'because the server cannot be reached (ECONNREFUSED), and this guard has not seen a policy yet';
  expect(pull()).toMatchObject({ status: 1, stderr: containing(unasked) });
  for (const part of ['without-server.js', 'decide.cjs']) {
    rmSync(join(folder, 'dist', part));
    expect(pull()).toMatchObject({ status: 1, stderr: containing('The chart was not checked: ') });
  }
}, 180_000);
