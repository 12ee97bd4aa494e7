import { DEFAULT_RETENTION, type Retention } from '../retention.ts';
import type { Store } from '../store.ts';
import { sqliteBlobs } from './blobs.ts';
import { openDatabase } from './database.ts';
import { sqliteDigests } from './digests.ts';
import { sqliteHistory } from './history.ts';
import { sqlitePulls } from './pulls.ts';

export interface SqliteStoreOptions {
  readonly retention?: Retention;
  readonly now?: () => number;
}

const SWEEP_MS = 60 * 60 * 1000;

/**
 * A {@link Store} in one SQLite file of a folder, or in memory for `:memory:`. Every call is done when it answers:
 * a look-up takes microseconds, less than a worker would add. Several processes may share the file (the command line
 * does, beside a running server). Throws a `StoreFault` for a file that cannot be used.
 */
export function openSqliteStore(dataDir: string, options: SqliteStoreOptions = {}): Store {
  const { retention = DEFAULT_RETENTION, now = Date.now } = options;
  const database = openDatabase(dataDir);
  const removeOldDigests = database.prepare('DELETE FROM digest_seen WHERE last_seen < ?');
  const removeOldHistory = database.prepare('DELETE FROM history WHERE at < ?');
  const removeOldGrants = database.prepare('DELETE FROM granted WHERE granted_at < ?');
  const removeOldPulls = database.prepare('DELETE FROM pulled WHERE last_at < ?');
  const ping = database.prepare('SELECT count(*) AS tables FROM sqlite_schema');

  function sweep(): void {
    removeOldDigests.run(now() - retention.digestsMs);
    removeOldHistory.run(now() - retention.historyMs);
    removeOldGrants.run(now() - retention.historyMs);
    removeOldPulls.run(now() - retention.pullsMs);
  }
  function sweepIfPossible(): void {
    try {
      sweep();
    } catch {
      // Locked by another process, or the disk is full: /readyz tells of the one that lasts, and there is a next time.
    }
  }
  sweepIfPossible();
  const sweeping = setInterval(sweepIfPossible, SWEEP_MS).unref();

  return {
    blobs: sqliteBlobs(database, retention, now),
    digests: sqliteDigests(database),
    history: sqliteHistory(database, retention),
    pulls: sqlitePulls(database, retention),
    async isReady() {
      try {
        return database.isOpen && ping.get() !== undefined;
      } catch {
        return false;
      }
    },
    async close() {
      clearInterval(sweeping);
      if (database.isOpen) database.close();
    },
  };
}
