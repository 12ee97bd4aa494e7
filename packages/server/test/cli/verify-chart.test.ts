import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Observation } from '@source-integrity/core';
import { describe, expect, test } from 'vitest';
import { CHART, cli, containing, ED25519, folderOf, RSA, type Said, vector } from './command-line.ts';

const PROV = ['--prov', vector('rsa2048.prov')];
const RING = ['--keyring', vector('rsa2048.gpg')];

function verify(...args: string[]): Promise<Said> {
  return cli(['verify', 'chart', CHART, ...args]);
}

/** GnuPG's armor of a binary key, as `gpg --export --armor` writes it. */
function armored(file: string): string {
  const lines =
    readFileSync(vector(file))
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return ['-----BEGIN PGP PUBLIC KEY BLOCK-----', '', ...lines, '-----END PGP PUBLIC KEY BLOCK-----', ''].join('\n');
}

describe('the verdict', () => {
  test('is a sentence in the first line, then checks, signer and evidence', async () => {
    const { status, out } = await verify(...PROV, ...RING);
    expect(status).toBe(0);
    expect(out).toMatch(/^verified: Chart hashtest-1\.2\.3\.tgz is signed by rsa2048 <rsa2048@x> \(0FD6A72FB30/);
    expect(out).toContain('\nChecks\n  passed   Signature found\n');
    expect(out).toContain(`fingerprint  ${RSA}`);
    expect(out).toMatch(/\nEvidence\n {2}chart .* 399 bytes .*sha256:c6841b3a895f/);
  });

  test('is an Observation of the API as JSON', async () => {
    const { status, out } = await verify(...PROV, ...RING, '-o', 'json');
    expect(status).toBe(0);
    expect(Observation.parse(JSON.parse(out)).status).toBe('verified');
  });

  test('is failed for a chart of which one byte is another, with both digests and what to do', async () => {
    const bytes = readFileSync(CHART);
    bytes[bytes.length - 5] = (bytes.at(-5) ?? 0) ^ 1;
    const folder = folderOf({ 'hashtest-1.2.3.tgz': bytes });
    const { status, out } = await cli(['verify', 'chart', join(folder, 'hashtest-1.2.3.tgz'), ...PROV, ...RING]);
    expect(status).toBe(1);
    expect(out).toMatch(/^failed: Chart hashtest-1\.2\.3\.tgz is not what was signed/);
    expect(out).toMatch(/expected digest {2}sha256:c6841b3a/);
    expect(out).toMatch(/actual digest {4}sha256:/);
    expect(out).toContain('to do            Do not deploy it');
  });

  test('is unsigned where there is no provenance file beside the chart', async () => {
    const { status, out } = await verify(...RING, '-o', 'json');
    expect(status).toBe(1);
    expect(Observation.parse(JSON.parse(out))).toMatchObject({
      status: 'unsigned',
      searched: [{ location: `${CHART}.prov`, found: 'not there' }],
    });
  });

  test('looks for the provenance file beside the chart', async () => {
    const folder = folderOf({});
    copyFileSync(CHART, join(folder, 'hashtest-1.2.3.tgz'));
    copyFileSync(vector('rsa2048.prov'), join(folder, 'hashtest-1.2.3.tgz.prov'));
    expect((await cli(['verify', 'chart', join(folder, 'hashtest-1.2.3.tgz'), ...RING])).status).toBe(0);
  });

  test('is as of --now', async () => {
    const files = ['--prov', vector('key-expired-now.prov'), '--keyring', vector('key-expired-now.gpg')];
    expect((await verify(...files)).out).toMatch(/^failed: .* with a key that expired at /);
    const [, signedAt = ''] = /signed at +(\S+)/.exec((await verify(...files)).out) ?? [];
    expect((await verify(...files, '--now', signedAt)).status).toBe(0);
  });

  test('shows what the stricter rules refuse, and says so where they are off', async () => {
    const files = ['--prov', vector('dig-SHA1.prov'), '--keyring', vector('dig-SHA1.gpg')];
    expect(await verify(...files)).toMatchObject({ status: 1, out: containing('signature-sha1') });
    const off = await verify(...files, '--strict-rules', 'off');
    expect(off.status).toBe(0);
    expect(off.out).toMatch(/Worth knowing\n.*SHA-1/);
  });

  test('gives nobody else control of the terminal', async () => {
    const folder = folderOf({ 'evil.prov': '<html>\u001b[2J\u202e</html>\n' });
    const prov = join(folder, 'evil.prov');
    for (const output of ['table', 'json']) {
      const { status, out } = await verify('--prov', prov, ...RING, '-o', output);
      expect(status).toBe(1);
      expect(out).not.toMatch(/[^\n\P{C}]/u);
    }
    const named = join(folder, 'a\u001b[31m\u202eb.tgz');
    copyFileSync(CHART, named);
    const { out } = await cli(['verify', 'chart', named, ...PROV, ...RING]);
    expect(out).toContain(String.raw`Chart a\u{1b}[31m\u{202e}b.tgz`);
    expect(out).not.toMatch(/[^\n\P{C}]/u);
  });
});

describe('--keys', () => {
  test('trusts a fingerprint, a key ID and any spelling of them; one suffices', async () => {
    for (const keys of [[RSA], [RSA.slice(-16)], [`0x${RSA.toLowerCase()}`], [ED25519, RSA], [`${ED25519},${RSA}`]]) {
      const { status, out } = await verify(...PROV, ...RING, '--keys', ...keys);
      expect(status).toBe(0);
      expect(out).toContain('passed   Signer trusted');
    }
  });

  test('refuses a signer that is none of them', async () => {
    const { status, out } = await verify(...PROV, ...RING, '--keys', ED25519);
    expect(status).toBe(1);
    expect(out).toMatch(new RegExp(`expected signer +${ED25519}\\n +actual signer +${RSA}`));
  });

  test.each(['62F4D26D', 'rsa2048@x', 'nonsense', ''])('takes no %j', async (key) => {
    const { status, err } = await verify(...PROV, ...RING, `--keys=${key}`);
    expect(status).toBe(64);
    expect(err).toContain('--keys');
  });
});

describe('--keyring', () => {
  test('takes armored files, several blocks and several files, before or behind the chart', async () => {
    const folder = folderOf({ 'both.asc': armored('ed25519.gpg') + armored('rsa2048.gpg') });
    const both = join(folder, 'both.asc');
    expect((await verify(...PROV, '--keyring', both)).status).toBe(0);
    expect((await verify(...PROV, '--keyring', vector('ed25519.gpg'), vector('rsa2048.gpg'))).status).toBe(0);
    expect((await cli(['verify', 'chart', ...PROV, '--keyring', vector('ed25519.gpg'), both, CHART])).status).toBe(0);
  });

  test('takes a folder, hidden files left out', async () => {
    const folder = folderOf({
      '.listing': 'not a key',
      'a.asc': armored('ed25519.gpg'),
      'b.asc': armored('rsa2048.gpg'),
    });
    expect((await verify(...PROV, '--keyring', folder)).status).toBe(0);
  });

  test('fails for a signature of a key that is not in it', async () => {
    const { status, out } = await verify(...PROV, '--keyring', vector('ed25519.gpg'));
    expect(status).toBe(1);
    expect(out).toContain('signature-unknown-key');
  });

  test('lets nothing pass while a file of it cannot be read, which may hold a revocation', async () => {
    const folder = folderOf({ 'a.asc': armored('rsa2048.gpg'), 'b.txt': 'read me' });
    const { status, out } = await verify(...PROV, '--keyring', folder);
    expect(status).toBe(2);
    expect(out).toContain(join(folder, 'b.txt'));
  });

  test('is clear about what is not there, not a key ring, or empty', async () => {
    const folder = folderOf({ 'empty.gpg': '' });
    expect(await verify(...PROV)).toMatchObject({ status: 64, err: containing('--keyring is needed') });
    expect(await verify(...PROV, '--keyring', join(folder, 'gone'))).toMatchObject({
      status: 2,
      err: `The key ring ${JSON.stringify(join(folder, 'gone'))} cannot be read: it does not exist.\n`,
    });
    expect((await verify(...PROV, '--keyring', folderOf({}))).err).toContain('is a folder without files');
    expect((await verify(...PROV, '--keyring', join(folder, 'empty.gpg'))).status).not.toBe(0);
    expect(await verify(...PROV, '--keyring', vector('kr-kbx.gpg'))).toMatchObject({
      status: 2,
      out: containing('gpg --export'),
    });
  });
});

describe('files that cannot be used', () => {
  test('are named, with exit status 2', async () => {
    const folder = folderOf({});
    const gone = join(folder, 'gone.tgz');
    expect(await cli(['verify', 'chart', gone, ...RING])).toMatchObject({
      status: 2,
      out: '',
      err: `The chart ${JSON.stringify(gone)} does not exist.\n`,
    });
    expect(await verify('--prov', join(folder, 'gone.prov'), ...RING)).toMatchObject({
      status: 2,
      err: containing('The provenance file'),
    });
    expect((await verify('--prov', folder, ...RING)).err).toContain('it is a folder');
  });

  test('a folder or another file in place of the archive is wrong usage', async () => {
    const { status, err } = await cli(['verify', 'chart', folderOf({}), ...RING]);
    expect(status).toBe(64);
    expect(err).toContain('helm package');
  });

  test('an archive that is none is not verified, whatever its signature', async () => {
    const folder = folderOf({});
    const chart = join(folder, 'hashtest-1.2.3.tgz');
    writeFileSync(chart, 'nonsense');
    const { status } = await cli(['verify', 'chart', chart, ...PROV, ...RING, '--strict-rules', 'off']);
    expect(status).toBe(1);
  });
});
