import { join } from 'node:path';
import { Keys } from '@source-integrity/core';
import { expect, test } from 'vitest';
import { cli, ED25519, folderOf, RSA, vector } from './command-line.ts';

test('keys list maps key IDs to fingerprints, user IDs and subkeys', async () => {
  const { status, out } = await cli(['keys', 'list', '--keyring', vector('rsa2048.gpg'), vector('subkey-sign.gpg')]);
  expect(status).toBe(0);
  expect(out).toMatch(/^2 keys in 2 files\.\n/);
  expect(out).toMatch(new RegExp(`${RSA.slice(-16)} {2}${RSA} {2}primary .* valid +never +rsa2048 <rsa2048@x>`));
  expect(out).toMatch(/[0-9A-F]{16} {2}[0-9A-F]{40} {2}subkey +.* yes/);
});

test('keys list shows what has expired or was revoked, as of --now', async () => {
  const ring = ['keys', 'list', '--keyring', vector('key-expired-now.gpg')];
  expect((await cli(ring)).out).toContain('expired');
  expect((await cli([...ring, '--now', '2020-12-30T12:00:00Z'])).out).not.toContain(' expired');
  expect((await cli(['keys', 'list', '--keyring', vector('key-revoked-r0.gpg')])).out).toContain('revoked');
});

test('keys list answers Keys as JSON', async () => {
  const { out } = await cli(['keys', 'list', '--keyring', vector('ed25519.gpg'), '-o', 'json']);
  expect(Keys.parse(JSON.parse(out))).toMatchObject({ keys: [{ key: { fingerprint: ED25519 } }], problems: [] });
});

test('keys list could not check where a file is no key ring, and shows the rest', async () => {
  const folder = folderOf({ 'notes.txt': 'nothing' });
  const { status, out } = await cli(['keys', 'list', '--keyring', vector('rsa2048.gpg'), join(folder, 'notes.txt')]);
  expect(status).toBe(2);
  expect(out).toMatch(/^1 key in 2 files; 1 problem, see below\./);
  expect(out).toContain(RSA);
  expect(out).toContain('keyring-entry-unreadable');
});
