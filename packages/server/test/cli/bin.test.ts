import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { CHART, containing, matching, vector } from './command-line.ts';

const BIN = fileURLToPath(new URL('../../bin/source-integrity.js', import.meta.url));
const BUILT = existsSync(new URL('../../dist/cli.js', import.meta.url));

function bin(...args: string[]) {
  return spawnSync(process.execPath, [BIN, ...args], { encoding: 'utf8', env: { PATH: process.env['PATH'] } });
}

/** `npm test` builds first; vitest alone may find nothing built. */
describe.skipIf(!BUILT)('the built command line', () => {
  test('has help, without a warning of Node', () => {
    expect(bin('--help')).toMatchObject({ status: 0, stderr: '', stdout: containing('verify chart') });
  });

  test('verifies', () => {
    const files = ['--prov', vector('rsa2048.prov'), '--keyring', vector('rsa2048.gpg')];
    const good = bin('verify', 'chart', CHART, ...files);
    expect(good).toMatchObject({ status: 0, stderr: '', stdout: matching(/^verified: /) });
    const other = bin('verify', 'chart', CHART, ...files, '--keyring', vector('ed25519.gpg'), '--keys', '0'.repeat(40));
    expect(other).toMatchObject({ status: 1, stderr: '', stdout: matching(/^failed: /) });
  });

  test('opens its database without a warning of Node', () => {
    expect(bin('digests', 'list', '--data-dir', '/nowhere')).toMatchObject({
      status: 2,
      stderr: matching(/^There is no source-integrity\.db in the folder "\/nowhere"\. .*\n$/),
    });
  });

  test('tells all that is wrong with the settings at once', () => {
    const { status, stderr } = bin('serve', '--cluster-dir', '/nowhere', '--api-listen', 'here');
    expect(status).toBe(64);
    expect(stderr).toMatch(/--cluster-dir .*\n.*SOURCE_INTEGRITY_TOKEN .*\n.*--api-listen /);
  });
});
