import type { DatabaseSync } from 'node:sqlite';
import type { Evidence } from '../store.ts';
import { bounded, digestIn, numberIn, textIn } from './row.ts';

export function sqliteEvidence(database: DatabaseSync): Evidence {
  const insert = database.prepare(
    `INSERT INTO chart_evidence (identity, repo_url, chart, version, observed_at, chart_digest, facts)
     VALUES (?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET observed_at = excluded.observed_at, chart_digest = excluded.chart_digest, facts = excluded.facts`,
  );
  const select = database.prepare(
    `SELECT observed_at, chart_digest, facts FROM chart_evidence
     WHERE identity = ? AND repo_url = ? AND chart = ? AND version = ?`,
  );
  return {
    async put({ identity, repoURL, chart, version }, { observedAt, chartDigest, facts }) {
      insert.run(identity, repoURL, chart, version, observedAt, chartDigest, bounded(facts));
    },
    async get({ identity, repoURL, chart, version }) {
      const row = select.get(identity, repoURL, chart, version);
      if (row === undefined) return null;
      return {
        observedAt: numberIn(row, 'observed_at'),
        chartDigest: digestIn(row, 'chart_digest'),
        facts: textIn(row, 'facts'),
      };
    },
  };
}
