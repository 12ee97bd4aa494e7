import type { DatabaseSync } from 'node:sqlite';
import { Digest } from '@source-integrity/core';
import * as z from 'zod/mini';
import type { Retention } from '../retention.ts';
import type { PullLedger, SeenPull } from '../store.ts';
import { digestIn, numberIn, type Row, textIn } from './row.ts';

const COLUMNS = 'place, version, digest, outcome, expected, reported, first_at, last_at';
const MAX_LISTED = 100;
/** Looked at once in so many records: the number of rows is bounded by the retention's and this. */
const ROOM_EVERY = 256;

const Outcome = z.enum(['verified', 'let', 'refused']);

export function sqlitePulls(database: DatabaseSync, retention: Retention): PullLedger {
  const insert = database.prepare(
    `INSERT INTO pulled (${COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7)
     ON CONFLICT DO UPDATE SET
       expected = excluded.expected,
       reported = excluded.reported,
       first_at = min(first_at, excluded.first_at),
       last_at = max(last_at, excluded.last_at)`,
  );
  const removeRefused = database.prepare(
    `DELETE FROM pulled WHERE (place, version, digest, outcome) IN (
       SELECT place, version, digest, outcome FROM pulled
       WHERE place = ? AND version = ? AND outcome = 'refused' ORDER BY last_at DESC LIMIT -1 OFFSET ?)`,
  );
  const surplus = database.prepare('SELECT last_at FROM pulled ORDER BY last_at DESC LIMIT 1 OFFSET ?');
  const removeSurplus = database.prepare('DELETE FROM pulled WHERE last_at <= ?');
  const moveComplete = database.prepare('UPDATE pulls_complete SET since = max(since, ? + 1)');
  const select = database.prepare(
    `SELECT ${COLUMNS} FROM pulled WHERE place = ? AND version = ? ORDER BY last_at DESC, digest LIMIT ?`,
  );
  const lastLet = database.prepare(
    "SELECT max(last_at) AS last_at FROM pulled WHERE digest = ? AND outcome <> 'refused'",
  );
  const complete = database.prepare('SELECT since, noted_at FROM pulls_complete');
  const note = database.prepare(
    `INSERT INTO pulls_complete (only, since, noted_at) VALUES (1, ?, ?)
     ON CONFLICT DO UPDATE SET since = excluded.since, noted_at = excluded.noted_at`,
  );
  const removeNote = database.prepare('DELETE FROM pulls_complete');
  let recorded = 0;

  /** First is told that what is going to be removed is not known: a crash between the two forgets too much, not too little. */
  function makeRoom(): void {
    const oldest = surplus.get(retention.pulls);
    if (oldest === undefined) return;
    const at = numberIn(oldest, 'last_at');
    moveComplete.run(at);
    removeSurplus.run(at);
  }

  return {
    async record({ place, version, digest, outcome, expected, reported }, at) {
      insert.run(place, version, digest, outcome, expected, reported, at);
      if (outcome === 'refused') removeRefused.run(place, version, retention.refusedPullsPerVersion);
      recorded += 1;
      if (recorded % ROOM_EVERY === 0) makeRoom();
    },
    async seen(place, version, limit) {
      return select.all(place, version, Math.min(limit, MAX_LISTED)).map(seenPull);
    },
    async lastLet(digest) {
      const at = lastLet.get(digest)?.['last_at'];
      return typeof at === 'number' ? at : null;
    },
    async complete() {
      const row = complete.get();
      return row === undefined ? null : { since: numberIn(row, 'since'), notedAt: numberIn(row, 'noted_at') };
    },
    async noteComplete(noted) {
      if (noted === null) removeNote.run();
      else note.run(noted.since, noted.notedAt);
    },
  };
}

function seenPull(row: Row): SeenPull {
  return {
    place: textIn(row, 'place'),
    version: textIn(row, 'version'),
    digest: digestIn(row, 'digest'),
    outcome: Outcome.parse(row['outcome']),
    expected: optionalDigest(row, 'expected'),
    reported: optionalDigest(row, 'reported'),
    firstAt: numberIn(row, 'first_at'),
    lastAt: numberIn(row, 'last_at'),
  };
}

function optionalDigest(row: Row, column: string): Digest | null {
  return row[column] === null ? null : Digest.parse(row[column]);
}
