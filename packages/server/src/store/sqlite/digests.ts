import type { DatabaseSync } from 'node:sqlite';
import type { DigestLedger, SeenDigest } from '../store.ts';
import { bounded, digestIn, numberIn, type Row, textIn } from './row.ts';

const COLUMNS = 'repo_url, chart, version, digest, first_seen, last_seen, facts';
const MAX_LISTED = 10_000;

export function sqliteDigests(database: DatabaseSync): DigestLedger {
  const insert = database.prepare(
    `INSERT INTO digest_seen (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET
       first_seen = min(first_seen, excluded.first_seen),
       last_seen = max(last_seen, excluded.last_seen),
       facts = excluded.facts`,
  );
  const select = database.prepare(
    `SELECT ${COLUMNS} FROM digest_seen
     WHERE repo_url = ? AND chart = ? AND version = ? AND last_seen >= ? ORDER BY last_seen DESC, digest`,
  );
  // A null matches everything.
  const list = database.prepare(
    `SELECT ${COLUMNS} FROM digest_seen
     WHERE (?1 IS NULL OR repo_url = ?1) AND (?2 IS NULL OR chart = ?2) ORDER BY last_seen DESC, digest LIMIT ?3`,
  );
  const remove = database.prepare(
    `DELETE FROM digest_seen
     WHERE repo_url = ?1 AND (?2 IS NULL OR chart = ?2) AND (?3 IS NULL OR version = ?3)`,
  );
  return {
    async record({ repoURL, chart, version }, digest, at, facts) {
      insert.run(repoURL, chart, version, digest, at, at, bounded(facts));
    },
    async seen({ repoURL, chart, version }, since) {
      return select.all(repoURL, chart, version, since).map(seenDigest);
    },
    async list({ repoURL, chart }, limit) {
      return list.all(repoURL ?? null, chart ?? null, Math.min(limit, MAX_LISTED)).map(seenDigest);
    },
    async forget({ repoURL, chart, version }) {
      return Number(remove.run(repoURL, chart ?? null, version ?? null).changes);
    },
  };
}

function seenDigest(row: Row): SeenDigest {
  return {
    repoURL: textIn(row, 'repo_url'),
    chart: textIn(row, 'chart'),
    version: textIn(row, 'version'),
    digest: digestIn(row, 'digest'),
    firstSeen: numberIn(row, 'first_seen'),
    lastSeen: numberIn(row, 'last_seen'),
    facts: textIn(row, 'facts'),
  };
}
