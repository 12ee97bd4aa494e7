import type { DatabaseSync } from 'node:sqlite';
import * as z from 'zod/mini';
import type { Retention } from '../retention.ts';
import { type History, type HistoryRecord, MAX_PAGE } from '../store.ts';
import { bounded, numberIn, type Row, textIn } from './row.ts';

const Revisions = z.array(z.string());

export function sqliteHistory(database: DatabaseSync, retention: Retention): History {
  const insert = database.prepare(
    `INSERT INTO history (application_uid, project, id, at, triggered_by, status, revisions, entry)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const removeSurplus = database.prepare(
    `DELETE FROM history WHERE application_uid = ?1 AND project = ?2 AND sequence <= (
       SELECT sequence FROM history WHERE application_uid = ?1 AND project = ?2
       ORDER BY sequence DESC LIMIT 1 OFFSET ?3)`,
  );
  const begin = database.prepare('BEGIN IMMEDIATE');
  const commit = database.prepare('COMMIT');
  const rollback = database.prepare('ROLLBACK');
  const select = database.prepare(
    `SELECT sequence, id, at, triggered_by, status, revisions, entry FROM history
     WHERE application_uid = ? AND project = ? AND sequence < ? ORDER BY sequence DESC LIMIT ?`,
  );
  return {
    async append({ uid, project }, { id, at, trigger, status, revisions, entry }) {
      // One transaction: a full history is written once for each entry, and not twice.
      begin.run();
      try {
        insert.run(uid, project, id, at, trigger, status, JSON.stringify(revisions), bounded(entry));
        removeSurplus.run(uid, project, retention.historyPerApplication);
        commit.run();
      } catch (error) {
        rollback.run();
        throw error;
      }
    },
    async page({ uid, project }, cursor, limit) {
      const size = Math.max(1, Math.min(limit, MAX_PAGE));
      // One more than asked for tells whether there is a next page.
      const rows = select.all(uid, project, sequenceBefore(cursor), size + 1);
      const page = rows.slice(0, size);
      const last = page.at(-1);
      const next = rows.length > size && last !== undefined ? String(numberIn(last, 'sequence')) : null;
      return { records: page.map(record), next };
    },
  };
}

function sequenceBefore(cursor: string | null): number {
  return cursor !== null && /^\d{1,15}$/.test(cursor) ? Number(cursor) : Number.MAX_SAFE_INTEGER;
}

function record(row: Row): HistoryRecord {
  return {
    id: textIn(row, 'id'),
    at: numberIn(row, 'at'),
    trigger: textIn(row, 'triggered_by'),
    status: textIn(row, 'status'),
    revisions: Revisions.parse(JSON.parse(textIn(row, 'revisions'))),
    entry: textIn(row, 'entry'),
  };
}
