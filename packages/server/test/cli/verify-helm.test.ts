import { join } from 'node:path';
import { Observation } from '@source-integrity/core';
import { describe, expect, test } from 'vitest';
import { tcpServer } from '../fetch/local.ts';
import { cli, containing, ED25519, folderOf, matching, RSA, type Said, vector } from './command-line.ts';
import { repository } from './repository.ts';

const RING = ['--keyring', vector('rsa2048.gpg'), vector('ed25519.gpg')];

function verify(url: string, ...args: string[]): Promise<Said> {
  return cli(['verify', 'helm', '--repo', url, '--chart', 'hashtest', '--version', '1.2.3', ...RING, ...args]);
}

describe('a chart in a repository', () => {
  test('is verified, and JSON is an Observation', async () => {
    const { url } = await repository();
    const { status, out } = await verify(url, '--keys', RSA);
    expect(status).toBe(0);
    expect(out).toMatch(
      /^verified: Chart hashtest 1\.2\.3 is signed by rsa2048 <rsa2048@x> .*, whom --keys trusts\.\n/,
    );
    const json = await verify(url, '--output', 'json');
    expect(Observation.parse(JSON.parse(json.out))).toMatchObject({ status: 'verified' });
  });

  test('resolves a range, and says that it is one', async () => {
    const { url } = await repository();
    const { status, out } = await verify(url, '--version', '1.2');
    expect(status).toBe(0);
    expect(out).toMatch(/^verified: Chart hashtest 1\.2\.3 .*\n.*takes "1\.2" for a range/);
  });

  test('fails for a key that is not trusted', async () => {
    const { url } = await repository();
    expect(await verify(url, '--keys', ED25519)).toMatchObject({
      status: 1,
      out: containing('signer-not-trusted'),
    });
  });

  test('fails for an HTML page in place of the provenance file, and for an index with another digest', async () => {
    const page = await repository({ '/hashtest-1.2.3.tgz.prov': '<!doctype html><title>Sign in</title>' });
    expect((await verify(page.url)).out).toMatch(/^failed: .*HTML page/);
    const index = `apiVersion: v1\nentries:\n  hashtest:\n    - {name: hashtest, version: 1.2.3, digest: "${'0'.repeat(64)}", urls: [hashtest-1.2.3.tgz]}\n`;
    const other = await repository({ '/index.yaml': index });
    expect(await verify(other.url)).toMatchObject({ status: 1, out: containing('index-digest-mismatch') });
  });

  test('is unsigned where the provenance file is not there', async () => {
    const { url } = await repository({ '/hashtest-1.2.3.tgz.prov': null });
    expect(await verify(url)).toMatchObject({ status: 1, out: matching(/^unsigned: /) });
  });

  test('could not be checked where the repository, the version or the chart is not to be had', async () => {
    const { url } = await repository();
    for (const args of [
      ['--repo', 'http://127.0.0.1:9/none'],
      ['--version', '9.9.9'],
      ['--chart', 'other'],
    ]) {
      const { status, out, err } = await verify(url, ...args);
      expect(status).toBe(2);
      expect(out).toMatch(/^indeterminate: /);
      expect(err).toBe('');
    }
  });

  test('is not asked for in a registry', async () => {
    for (const url of ['oci://registry.example.com/charts', 'registry.example.com/charts']) {
      expect(await verify(url)).toMatchObject({ status: 2, out: '', err: containing(`"${url}" is a registry's`) });
    }
  });
});

describe('credentials', () => {
  const LOGIN = ['--username', 'robot', '--password-stdin'];
  const args = (url: string): string[] => [
    'verify',
    'helm',
    '--repo',
    url,
    '--chart',
    'hashtest',
    '--version',
    '1.2.3',
    ...RING,
  ];

  test('come from standard input, without its last line end', async () => {
    const { url } = await repository({}, 'robot:pass word');
    expect((await cli([...args(url), ...LOGIN], 'pass word\n')).status).toBe(0);
    const wrong = await cli([...args(url), ...LOGIN], 'guess\n');
    expect(wrong).toMatchObject({ status: 2, out: containing('fetch-unauthorized') });
    expect(wrong.out).not.toContain('guess');
  });

  test('are a pair', async () => {
    expect((await cli([...args('http://x'), '--username', 'robot'])).status).toBe(64);
    expect((await cli([...args('http://x'), '--password-stdin'], 'secret')).status).toBe(64);
  });
});

test('--ca-file has to hold certificates', async () => {
  const folder = folderOf({ 'ca.pem': 'nonsense' });
  const { status, err } = await verify('https://charts.example.com', '--ca-file', join(folder, 'ca.pem'));
  expect(status).toBe(2);
  expect(err).toContain('holds no certificate');
});

test('--timeout ends a wait, and nothing is said after it', async () => {
  const port = await tcpServer(() => undefined);
  const startedAt = performance.now();
  const { status, out, err } = await verify(`http://127.0.0.1:${port}`, '--timeout', '150ms');
  expect(performance.now() - startedAt).toBeLessThan(10_000);
  expect(status).toBe(2);
  expect(out + err).toMatch(/150ms|could not be checked/);
});
