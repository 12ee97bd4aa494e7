import { mkdir, mkdtemp, readdir, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { changed, listArchives, removeArchives, unchanged } from '../../src/helm-guard/archives.ts';

async function folder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'helm-guard-archives-'));
  onTestFinished(() => rm(made, { recursive: true, force: true }));
  return made;
}

/** A name of bytes that are no text. */
function odd(at: string, byte: number): Buffer {
  return Buffer.concat([Buffer.from(`${at}/sub-`), Buffer.from([byte]), Buffer.from('.tgz')]);
}

async function changesOf(at: string, change: () => Promise<unknown>): Promise<(string | null)[][]> {
  const before = listArchives(at);
  await change();
  return changed(before, listArchives(at)).map(({ file, digest }) => [file, digest]);
}

describe('what has changed in a folder', () => {
  test('is a name that differs from another only in bytes that are no text', async () => {
    const at = await folder();
    await writeFile(odd(at, 0xff), 'vendored');
    const before = listArchives(at);
    await writeFile(odd(at, 0xfe), 'brought');
    const archives = changed(before, listArchives(at));
    expect(archives.map(({ digest }) => digest)).toEqual([expect.stringMatching(/^sha256:/)]);
    removeArchives(at, archives);
    expect((await readdir(at, { encoding: 'buffer' })).map((name) => name.includes(0xff))).toEqual([true]);
  });

  test('is a link in the place of another', async () => {
    const at = await folder();
    await symlink('here', join(at, 'sub-1.0.0.tgz'));
    const relinked = async (): Promise<void> => {
      // Beside the first, so that it cannot be given the same number.
      await symlink('there', join(at, 'other'));
      await rm(join(at, 'sub-1.0.0.tgz'));
      await symlink('there', join(at, 'sub-1.0.0.tgz'));
      await rm(join(at, 'other'));
    };
    expect(await changesOf(at, relinked)).toEqual([['sub-1.0.0.tgz', null]]);
  });

  test('is a file in the place of a link, and a link in the place of a file', async () => {
    const at = await folder();
    const file = join(at, 'sub-1.0.0.tgz');
    await symlink('elsewhere', file);
    const toFile = async (): Promise<void> => {
      await rm(file);
      await writeFile(file, 'brought');
    };
    expect(await changesOf(at, toFile)).toEqual([['sub-1.0.0.tgz', expect.stringMatching(/^sha256:/)]]);
    const toLink = async (): Promise<void> => {
      await rm(file);
      await symlink('elsewhere', file);
    };
    expect(await changesOf(at, toLink)).toEqual([['sub-1.0.0.tgz', null]]);
  });

  test('is a file in the place of another, both too long to be read', async () => {
    const at = await folder();
    const file = join(at, 'sub-1.0.0.tgz');
    await writeFile(file, '');
    await truncate(file, 513 * 1024 * 1024);
    expect(await changesOf(at, () => truncate(file, 514 * 1024 * 1024))).toEqual([['sub-1.0.0.tgz', null]]);
  });

  test('is not what others do in a folder that is vendored', async () => {
    const at = await folder();
    await mkdir(join(at, 'sub'));
    const before = listArchives(at);
    await writeFile(join(at, 'sub', 'Chart.yaml'), '');
    const after = listArchives(at);
    expect([changed(before, after), unchanged(before, after)]).toEqual([[], ['sub']]);
  });

  test('cannot be told of more files than a chart has, nor of what is no folder', async () => {
    const at = await folder();
    await Promise.all(Array.from({ length: 1001 }, (_, n) => writeFile(join(at, `${n}.tgz`), '')));
    expect(() => listArchives(at)).toThrow('more than 1000 files');
    expect(() => listArchives(join(at, '0.tgz'))).toThrow('ENOTDIR');
    expect(listArchives(join(at, 'nowhere')).size).toBe(0);
  });
});
