import { sha256 } from '@source-integrity/core';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import type { Store } from '../../src/store/store.ts';
import { cli, containing, folderOf } from './command-line.ts';

const REPO = 'https://charts.example.com';

/** A server's store, still open as beside a running server. */
async function storeWith(...versions: readonly (readonly [chart: string, version: string, bytes: string])[]) {
  const folder = folderOf({});
  const store: Store = openSqliteStore(folder);
  onTestFinished(() => store.close());
  for (const [chart, version, bytes] of versions) {
    await store.digests.record({ repoURL: REPO, chart, version }, sha256(Buffer.from(bytes)), Date.now(), '{}');
  }
  return { folder, store };
}

describe('digests list', () => {
  test('shows every digest, and how many versions have several', async () => {
    const { folder } = await storeWith(
      ['payments', '1.0.0', 'a'],
      ['payments', '1.0.0', 'b'],
      ['search', '2.0.0', 'c'],
    );
    const { status, out } = await cli(['digests', 'list', '--data-dir', folder]);
    expect(status).toBe(0);
    expect(out).toMatch(/^3 digests of 2 chart versions; 1 versions were seen with more than one digest\./);
    const json = await cli(['digests', 'list', '--chart', 'search', '--data-dir', folder, '-o', 'json']);
    expect(JSON.parse(json.out)).toMatchObject({ digests: [{ chart: 'search', digest: sha256(Buffer.from('c')) }] });
  });
});

describe('digests forget', () => {
  test('says how many went, and the server beside it sees that', async () => {
    const { folder, store } = await storeWith(
      ['payments', '1.0.0', 'a'],
      ['payments', '1.0.0', 'b'],
      ['search', '2.0.0', 'c'],
    );
    const args = ['digests', 'forget', '--repo', REPO, '--data-dir', folder];
    const { status, out } = await cli([...args, '--chart', 'payments', '--version', '1.0.0']);
    expect(status).toBe(0);
    expect(out).toBe(`2 digests forgotten of chart payments 1.0.0 in ${REPO}.\n`);
    expect(await store.digests.list({}, 10)).toHaveLength(1);
    expect((await cli([...args, '--chart', 'payments'])).out).toContain('None was recorded under these very texts');
    expect(JSON.parse((await cli([...args, '-o', 'json'])).out)).toEqual({ forgotten: 1 });
  });

  test('needs a chart for a version', async () => {
    expect((await cli(['digests', 'forget', '--repo', REPO, '--version', '1.0.0'])).status).toBe(64);
  });
});

test('a folder without a database is left as it is', async () => {
  const folder = folderOf({});
  const { status, err } = await cli(['digests', 'list', '--data-dir', folder]);
  expect(status).toBe(2);
  expect(err).toContain('Give the --data-dir of the server');
  const broken = folderOf({ 'source-integrity.db': 'nonsense'.repeat(100) });
  expect(await cli(['digests', 'list', '--data-dir', broken])).toMatchObject({
    status: 2,
    err: containing('is damaged'),
  });
});
