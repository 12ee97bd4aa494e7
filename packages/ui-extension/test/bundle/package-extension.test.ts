import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, it, onTestFinished } from 'vitest';
import { bundle } from '../../bundle.ts';
import { packExtension } from '../../package-extension.ts';

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'source-integrity-'));
  onTestFinished(() => rm(path, { recursive: true }));
  return path;
}

async function built(): Promise<Buffer> {
  const file = join(await folder(), 'extension.js');
  await bundle(file);
  return readFile(file);
}

it('packs the same bytes when it is built twice', async () => {
  const [one, other] = [packExtension(await built()), packExtension(await built())];
  expect(one.archive.equals(other.archive)).toBe(true);
  expect(one.checksums).toBe(other.checksums);
  expect(packExtension(Buffer.from('other')).checksums).not.toBe(one.checksums);
});

it('unpacks with tar to where the installer copies from, and to what was packed', async () => {
  const [script, path] = [await built(), await folder()];
  await writeFile(join(path, 'extension.tar.gz'), packExtension(script).archive);
  execFileSync('tar', ['-xzf', 'extension.tar.gz'], { cwd: path });
  const unpacked = join(path, 'resources/extension-source-integrity.js/extension-source-integrity.js');
  expect((await readFile(unpacked)).equals(script)).toBe(true);
  expect(
    execFileSync('tar', ['-tvzf', 'extension.tar.gz', '--numeric-owner'], {
      cwd: path,
      encoding: 'utf8',
      env: { ...process.env, TZ: 'UTC' },
    })
      .trim()
      .split('\n')
      .map((line) => line.replaceAll(/\s+/g, ' ')),
  ).toEqual([
    'drwxr-xr-x 0/0 0 1970-01-01 00:00 resources/',
    'drwxr-xr-x 0/0 0 1970-01-01 00:00 resources/extension-source-integrity.js/',
    `-rw-r--r-- 0/0 ${script.length} 1970-01-01 00:00 resources/extension-source-integrity.js/extension-source-integrity.js`,
  ]);
});

it('has a checksum that sha256sum agrees with', async () => {
  const path = await folder();
  const { archive, checksums } = packExtension(Buffer.alloc(200_000, 'x'));
  await writeFile(join(path, 'extension.tar.gz'), archive);
  await writeFile(join(path, 'extension_checksums.txt'), checksums);
  expect(execFileSync('sha256sum', ['--check', 'extension_checksums.txt'], { cwd: path, encoding: 'utf8' })).toBe(
    'extension.tar.gz: OK\n',
  );
});

it.each([0, 1, 511, 512, 65_535, 65_536, 200_000])('packs %i bytes whole', (length) => {
  const script = Buffer.alloc(length, 'abc');
  const unpacked = gunzipSync(packExtension(script).archive);
  expect(unpacked.length % 512).toBe(0);
  expect(unpacked.subarray(3 * 512, 3 * 512 + length).equals(script)).toBe(true);
});
