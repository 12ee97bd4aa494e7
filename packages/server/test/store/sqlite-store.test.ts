import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Digest } from '@source-integrity/core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { DEFAULT_RETENTION } from '../../src/store/retention.ts';
import { openSqliteStore, type SqliteStoreOptions } from '../../src/store/sqlite/sqlite-store.ts';
import { MAX_BLOB_BYTES, type Store, StoreFault } from '../../src/store/store.ts';

const digestOf = (text: string): Digest => Digest.parse(`sha256:${createHash('sha256').update(text).digest('hex')}`);
const A = digestOf('a');
const B = digestOf('b');
const payments = { uid: 'uid-1', project: 'finance' };
const chart = { repoURL: 'https://charts.example.com', chart: 'payments', version: '1.4.2' };

function store(options: SqliteStoreOptions = {}, folder = ':memory:'): Store {
  const opened = openSqliteStore(folder, options);
  onTestFinished(() => opened.close());
  return opened;
}

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'source-integrity-'));
  onTestFinished(() => rmSync(path, { recursive: true }));
  return path;
}

const record = (n: number) => ({
  id: `v-${n}`,
  at: n,
  trigger: 'sync',
  status: 'verified',
  revisions: ['1.4.2', 'main'],
  entry: JSON.stringify({ n }),
});

const faultOf = (path: string): string => {
  try {
    openSqliteStore(path);
  } catch (error) {
    if (error instanceof StoreFault) return error.message;
    throw error;
  }
  throw new Error('opened');
};

describe('pulls', () => {
  const pull = { place: 'charts.example.com/payments', version: '1.4.2', digest: A, expected: null, reported: null };

  it('are kept with the first and the last time of each outcome, the last first', async () => {
    const { pulls } = store();
    await pulls.record({ ...pull, outcome: 'refused', expected: B }, 10);
    await pulls.record({ ...pull, outcome: 'refused', expected: B }, 30);
    await pulls.record({ ...pull, outcome: 'verified', reported: A }, 20);
    await pulls.record({ ...pull, version: '2.0.0', outcome: 'let' }, 40);
    expect(await pulls.seen(pull.place, pull.version, 10)).toEqual([
      { ...pull, outcome: 'refused', expected: B, firstAt: 10, lastAt: 30 },
      { ...pull, outcome: 'verified', reported: A, firstAt: 20, lastAt: 20 },
    ]);
    expect((await pulls.seen(pull.place, pull.version, 1)).length).toBe(1);
  });

  it('tell when an archive was last let through, whatever it was called', async () => {
    const { pulls } = store();
    expect(await pulls.lastLet(A)).toBeNull();
    await pulls.record({ ...pull, outcome: 'refused' }, 10);
    expect(await pulls.lastLet(A)).toBeNull();
    await pulls.record({ ...pull, place: 'elsewhere', outcome: 'let' }, 20);
    await pulls.record({ ...pull, outcome: 'verified' }, 15);
    expect(await pulls.lastLet(A)).toBe(20);
  });

  it('of a version that is other bytes each time do not heap up', async () => {
    const { pulls } = store({ retention: { ...DEFAULT_RETENTION, refusedPullsPerVersion: 3 } });
    await pulls.record({ ...pull, outcome: 'let' }, 0);
    for (let n = 0; n < 10; n += 1) {
      await pulls.record({ ...pull, digest: digestOf(String(n)), outcome: 'refused' }, n + 1);
    }
    expect((await pulls.seen(pull.place, pull.version, 100)).map(({ lastAt }) => lastAt)).toEqual([10, 9, 8, 0]);
  });

  it('make room by age, and say from when on all that was let through is known', async () => {
    const { pulls } = store({ retention: { ...DEFAULT_RETENTION, pulls: 100 } });
    await pulls.noteComplete({ since: 3, notedAt: 4 });
    for (let n = 0; n < 256; n += 1) await pulls.record({ ...pull, digest: digestOf(String(n)), outcome: 'let' }, n);
    expect(await pulls.lastLet(digestOf('155'))).toBeNull();
    expect(await pulls.lastLet(digestOf('156'))).toBe(156);
    expect(await pulls.complete()).toEqual({ since: 156, notedAt: 4 });
    await pulls.noteComplete(null);
    expect(await pulls.complete()).toBeNull();
  });

  it('outlive a restart, and are forgotten after 30 days', async () => {
    const path = folder();
    const day = 24 * 60 * 60 * 1000;
    const before = openSqliteStore(path, { now: () => 0 });
    await before.pulls.record({ ...pull, outcome: 'let' }, 0);
    await before.pulls.noteComplete({ since: 1, notedAt: 2 });
    await before.close();
    const after = openSqliteStore(path, { now: () => 30 * day });
    expect([await after.pulls.lastLet(A), await after.pulls.complete()]).toEqual([0, { since: 1, notedAt: 2 }]);
    await after.close();
    expect(await store({ now: () => 30 * day + 1 }, path).pulls.lastLet(A)).toBeNull();
  });

  it('find their place in a database of the version before, which keeps what it had', async () => {
    const path = folder();
    const before = openSqliteStore(path);
    await before.digests.record(chart, A, 1, '{}');
    await before.close();
    const older = new DatabaseSync(join(path, 'source-integrity.db'));
    older.exec('DROP TABLE pulled; DROP TABLE pulls_complete; PRAGMA user_version = 1');
    older.close();
    const after = store({ now: () => 2 }, path);
    expect((await after.digests.seen(chart, 0)).length).toBe(1);
    await after.pulls.record({ ...pull, outcome: 'let' }, 2);
    expect(await after.pulls.lastLet(A)).toBe(2);
  });
});

describe('blobs', () => {
  it('are kept under the digest of their own bytes', async () => {
    const { blobs } = store();
    const digest = await blobs.put(Buffer.from('provenance'));
    expect(digest).toBe(digestOf('provenance'));
    expect(Buffer.from((await blobs.get(digest)) ?? []).toString()).toBe('provenance');
    expect(await blobs.get(A)).toBeNull();
  });

  it('have a largest size', async () => {
    const { blobs } = store();
    await blobs.put(Buffer.alloc(MAX_BLOB_BYTES));
    await expect(blobs.put(Buffer.alloc(MAX_BLOB_BYTES + 1))).rejects.toThrow('at most');
  });

  it('that were not used for longest make room', async () => {
    let now = 0;
    const { blobs } = store({ retention: { ...DEFAULT_RETENTION, blobBytes: 10 }, now: () => (now += 1) });
    const first = await blobs.put(Buffer.from('11111'));
    const second = await blobs.put(Buffer.from('22222'));
    await blobs.grant(payments, [second]);
    await blobs.put(Buffer.from('11111'));
    await blobs.put(Buffer.from('33333'));
    expect(await blobs.get(first)).not.toBeNull();
    expect(await blobs.get(second)).toBeNull();
    expect(await blobs.isGranted(payments, second)).toBe(false);
  });

  it('are granted to an Application under its project, and to no other', async () => {
    const { blobs } = store();
    await blobs.grant(payments, [A, B]);
    await blobs.grant(payments, [A]);
    expect(await blobs.isGranted(payments, A)).toBe(true);
    expect(await blobs.isGranted(payments, B)).toBe(true);
    expect(await blobs.isGranted({ ...payments, project: 'other' }, A)).toBe(false);
    expect(await blobs.isGranted({ ...payments, uid: 'uid-2' }, A)).toBe(false);
    expect(await blobs.isGranted(payments, digestOf('c'))).toBe(false);
  });
});

describe('digests seen', () => {
  it('remember every digest, first and last', async () => {
    const { digests } = store();
    await digests.record(chart, A, 100, '{"of":"a"}');
    await digests.record(chart, B, 200, '{"of":"b"}');
    await digests.record(chart, A, 300, '{"of":"a","again":true}');
    expect(await digests.seen(chart, 0)).toEqual([
      { ...chart, digest: A, firstSeen: 100, lastSeen: 300, facts: '{"of":"a","again":true}' },
      { ...chart, digest: B, firstSeen: 200, lastSeen: 200, facts: '{"of":"b"}' },
    ]);
    expect((await digests.seen(chart, 201)).map(({ digest }) => digest)).toEqual([A]);
    expect(await digests.seen({ ...chart, version: '2.0.0' }, 0)).toEqual([]);
  });

  it('are not moved back by a record that comes late', async () => {
    const { digests } = store();
    await digests.record(chart, A, 300, '{}');
    await digests.record(chart, A, 100, '{}');
    expect(await digests.seen(chart, 0)).toMatchObject([{ firstSeen: 100, lastSeen: 300 }]);
  });

  it('are forgotten by version, chart or repository, and nothing else with them', async () => {
    const { digests } = store();
    const other = { ...chart, chart: 'ledger' };
    const elsewhere = { ...chart, repoURL: 'https://charts.example.com.evil.test' };
    const all = [chart, { ...chart, version: '1.4.3' }, other, elsewhere];
    const recordAll = async (): Promise<void> => {
      for (const version of all) await digests.record(version, A, 1, '{}');
    };
    await recordAll();
    expect(await digests.forget(chart)).toBe(1);
    await recordAll();
    expect(await digests.forget({ repoURL: chart.repoURL, chart: 'payments' })).toBe(2);
    await recordAll();
    expect(await digests.forget({ repoURL: chart.repoURL })).toBe(3);
    expect(await digests.list({}, 10)).toHaveLength(1);
    expect(await digests.forget({ repoURL: 'https://charts.example.com/%' })).toBe(0);
  });

  it('are listed, by repository and chart if asked for', async () => {
    const { digests } = store();
    await digests.record(chart, A, 1, '{}');
    await digests.record({ ...chart, chart: 'ledger' }, B, 2, '{}');
    expect((await digests.list({}, 10)).map((seen) => seen.chart)).toEqual(['ledger', 'payments']);
    expect((await digests.list({ repoURL: chart.repoURL, chart: 'payments' }, 10)).map(({ digest }) => digest)).toEqual(
      [A],
    );
    expect(await digests.list({}, 1)).toHaveLength(1);
    expect(await digests.list({ repoURL: 'https://none.example' }, 10)).toEqual([]);
  });

  it('are never pushed out by many others within their time', async () => {
    const { digests } = store();
    await digests.record(chart, A, 1, '{}');
    for (let at = 0; at < 500; at += 1) await digests.record(chart, digestOf(String(at)), at, '{}');
    expect(await digests.seen(chart, 0)).toHaveLength(501);
  });

  it('go after their time', async () => {
    const path = folder();
    const day = 24 * 60 * 60 * 1000;
    const before = openSqliteStore(path, { now: () => 8 * day });
    await before.digests.record(chart, A, 0, '{}');
    await before.digests.record(chart, B, 7.5 * day, '{}');
    await before.close();
    const { digests } = store({ now: () => 8 * day }, path);
    expect((await digests.seen(chart, 0)).map(({ digest }) => digest)).toEqual([B]);
  });
});

describe('history', () => {
  it('comes in pages, the newest first', async () => {
    const { history } = store();
    for (let n = 1; n <= 5; n += 1) await history.append(payments, record(n));
    const first = await history.page(payments, null, 2);
    expect(first.records).toEqual([record(5), record(4)]);
    const second = await history.page(payments, first.next, 2);
    expect(second.records).toEqual([record(3), record(2)]);
    const third = await history.page(payments, second.next, 2);
    expect(third).toEqual({ records: [record(1)], next: null });
    expect((await history.page(payments, null, 5)).next).toBeNull();
  });

  it('does not show a page twice when something is added between', async () => {
    const { history } = store();
    for (let n = 1; n <= 4; n += 1) await history.append(payments, record(n));
    const { next } = await history.page(payments, null, 2);
    await history.append(payments, record(5));
    expect((await history.page(payments, next, 2)).records.map(({ id }) => id)).toEqual(['v-2', 'v-1']);
  });

  it('belongs to an Application under one project', async () => {
    const { history } = store();
    await history.append(payments, record(1));
    expect((await history.page({ ...payments, project: 'other' }, null, 10)).records).toEqual([]);
    expect((await history.page({ ...payments, uid: 'uid-2' }, null, 10)).records).toEqual([]);
  });

  it('keeps the newest of one Application, and leaves the others alone', async () => {
    const { history } = store({ retention: { ...DEFAULT_RETENTION, historyPerApplication: 3 } });
    await history.append({ ...payments, uid: 'uid-2' }, record(0));
    for (let n = 1; n <= 10; n += 1) await history.append(payments, record(n));
    expect((await history.page(payments, null, 100)).records.map(({ id }) => id)).toEqual(['v-10', 'v-9', 'v-8']);
    expect((await history.page({ ...payments, uid: 'uid-2' }, null, 100)).records).toHaveLength(1);
  });

  it.each(['', 'x', '-1', "1' OR 1=1", '9'.repeat(30)])('takes the cursor %j for none', async (cursor) => {
    const { history } = store();
    await history.append(payments, record(1));
    expect((await history.page(payments, cursor, 10)).records).toHaveLength(1);
  });
});

describe('the file', () => {
  it('outlives a restart', async () => {
    const path = folder();
    const before = openSqliteStore(join(path, 'new'));
    await before.digests.record(chart, A, Date.now(), '{}');
    await before.close();
    expect(await store({}, join(path, 'new')).digests.seen(chart, 0)).toHaveLength(1);
  });

  it('may be open twice', async () => {
    const path = folder();
    const [one, other] = [store({}, path), store({}, path)];
    await one.digests.record(chart, A, Date.now(), '{}');
    expect(await other.digests.forget({ repoURL: chart.repoURL })).toBe(1);
    expect(await one.digests.seen(chart, 0)).toEqual([]);
  });

  it('that is no database is a fault, and stays as it is', () => {
    const path = folder();
    writeFileSync(
      join(path, 'source-integrity.db'),
      'not a database at all, but long enough to look like one'.repeat(100),
    );
    expect(faultOf(path)).toContain('is damaged');
    expect(readFileSync(join(path, 'source-integrity.db'), 'utf8')).toMatch(/^not a database/);
  });

  it('that is damaged within is a fault', async () => {
    const path = folder();
    const before = openSqliteStore(path);
    for (let n = 0; n < 200; n += 1) await before.blobs.put(randomBytes(2000));
    await before.close();
    const file = join(path, 'source-integrity.db');
    const bytes = readFileSync(file);
    bytes.fill(0xff, 8192, 60_000);
    writeFileSync(file, bytes);
    expect(faultOf(path)).toContain('is damaged');
  });

  it('of another program or another version is a fault', () => {
    const path = folder();
    const file = join(path, 'source-integrity.db');
    const other = new DatabaseSync(file);
    other.exec('CREATE TABLE theirs (x)');
    other.close();
    expect(faultOf(path)).toContain('another program');
    rmSync(file);
    openSqliteStore(path)
      .close()
      .catch(() => undefined);
    const newer = new DatabaseSync(file);
    newer.exec('PRAGMA user_version = 99');
    newer.close();
    expect(faultOf(path)).toContain('schema 99');
  });

  it('in a folder that cannot be made is a fault', () => {
    const path = join(folder(), 'file');
    writeFileSync(path, '');
    expect(faultOf(path)).toContain('cannot be used');
  });

  it('is ready while it is open', async () => {
    const opened = openSqliteStore(':memory:');
    expect(await opened.isReady()).toBe(true);
    await opened.close();
    await opened.close();
    expect(await opened.isReady()).toBe(false);
  });
});
