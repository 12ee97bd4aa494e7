import type { DatabaseSync } from 'node:sqlite';
import { sha256 } from '@source-integrity/core';
import type { Retention } from '../retention.ts';
import { type Blobs, MAX_BLOB_BYTES } from '../store.ts';
import { bytesIn, numberIn, textIn } from './row.ts';

export function sqliteBlobs(database: DatabaseSync, retention: Retention, now: () => number): Blobs {
  const insert = database.prepare(
    'INSERT INTO blob (digest, bytes, used_at) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET used_at = excluded.used_at',
  );
  const select = database.prepare('SELECT bytes FROM blob WHERE digest = ?');
  const total = database.prepare('SELECT coalesce(sum(length(bytes)), 0) AS bytes FROM blob');
  const leastUsed = database.prepare('SELECT digest, length(bytes) AS bytes FROM blob ORDER BY used_at LIMIT 1');
  const remove = database.prepare('DELETE FROM blob WHERE digest = ?');
  const grant = database.prepare(
    `INSERT INTO granted (application_uid, project, digest, granted_at) VALUES (?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET granted_at = excluded.granted_at`,
  );
  const granted = database.prepare('SELECT 1 FROM granted WHERE application_uid = ? AND project = ? AND digest = ?');
  const removeGrants = database.prepare('DELETE FROM granted WHERE digest = ?');
  // Kept by hand: summing the table at every insert would read it all.
  let kept = numberIn(total.get() ?? {}, 'bytes');

  function makeRoom(): void {
    while (kept > retention.blobBytes) {
      const oldest = leastUsed.get();
      if (oldest === undefined) return;
      const digest = textIn(oldest, 'digest');
      remove.run(digest);
      removeGrants.run(digest);
      kept -= numberIn(oldest, 'bytes');
    }
  }

  return {
    async put(bytes) {
      if (bytes.byteLength > MAX_BLOB_BYTES) throw new RangeError(`a blob has at most ${MAX_BLOB_BYTES} bytes`);
      const digest = sha256(bytes);
      if (select.get(digest) === undefined) kept += bytes.byteLength;
      insert.run(digest, bytes, now());
      makeRoom();
      return digest;
    },
    async get(digest) {
      const row = select.get(digest);
      return row === undefined ? null : bytesIn(row, 'bytes');
    },
    async grant({ uid, project }, digests) {
      for (const digest of digests) grant.run(uid, project, digest, now());
    },
    async isGranted({ uid, project }, digest) {
      return granted.get(uid, project, digest) !== undefined;
    },
  };
}
