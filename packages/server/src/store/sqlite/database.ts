import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { StoreFault } from '../store.ts';
import { APPLICATION_ID, PULLS, SCHEMA, SCHEMA_VERSION } from './schema.ts';

/** In the folder that `--data-dir` names. */
export const DATABASE_FILE = 'source-integrity.db';
const BUSY_TIMEOUT_MS = 5000;

/** Opens the database of a folder, or one in memory for `:memory:`, and brings its schema up to date. */
export function openDatabase(dataDir: string): DatabaseSync {
  const path = dataDir === ':memory:' ? dataDir : join(dataDir, DATABASE_FILE);
  let database: DatabaseSync | null = null;
  try {
    if (path !== ':memory:') mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    database = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS, enableForeignKeyConstraints: true });
    prepare(database, path);
    return database;
  } catch (error) {
    database?.close();
    throw storeFault(error, path);
  }
}

/** One number that a pragma answers. */
function pragma(database: DatabaseSync, name: 'user_version' | 'application_id'): number {
  const value = database.prepare(`PRAGMA ${name}`).get()?.[name];
  return typeof value === 'number' ? value : 0;
}

function prepare(database: DatabaseSync, path: string): void {
  const check = database.prepare('PRAGMA quick_check(1)').get()?.['quick_check'];
  if (check !== 'ok') throw new StoreFault(damaged(path));
  if (!isEmpty(database) && pragma(database, 'application_id') !== APPLICATION_ID) {
    throw new StoreFault(`${path} is a database of another program. Choose another folder with --data-dir.`);
  }
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA trusted_schema = OFF;');
  // Immediate: of two processes that start at once, one makes the tables and the other finds them.
  database.exec('BEGIN IMMEDIATE');
  if (isEmpty(database)) {
    database.exec(
      `${SCHEMA} ${PULLS} PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${SCHEMA_VERSION};`,
    );
  }
  if (pragma(database, 'user_version') === 1) database.exec(`${PULLS} PRAGMA user_version = ${SCHEMA_VERSION};`);
  database.exec('COMMIT');
  const version = pragma(database, 'user_version');
  if (version !== SCHEMA_VERSION) {
    throw new StoreFault(
      `${path} was written by another version (schema ${version}, this one knows ${SCHEMA_VERSION}). Run that version, or choose another folder with --data-dir.`,
    );
  }
}

function isEmpty(database: DatabaseSync): boolean {
  return database.prepare('SELECT count(*) AS tables FROM sqlite_schema').get()?.['tables'] === 0;
}

/** Never repaired or replaced by itself: what it held keeps syncs refused, so losing it is an administrator's decision. */
function damaged(path: string): string {
  return `${path} is damaged. Restore it from a backup; or move it away, which forgets the history, the evidence and the digests seen in the last 24 hours.`;
}

const SQLITE_READONLY = 8;
const SQLITE_CORRUPT = 11;
const SQLITE_FULL = 13;
const SQLITE_CANTOPEN = 14;
const SQLITE_NOTADB = 26;

/** Puts SQLite's and the file system's errors into words. */
function storeFault(error: unknown, path: string): StoreFault {
  if (error instanceof StoreFault) return error;
  const cause = { cause: error };
  const code =
    error instanceof Error && 'errcode' in error && typeof error.errcode === 'number' ? error.errcode & 0xff : 0;
  const message = error instanceof Error ? error.message : String(error);
  switch (code) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return new StoreFault(damaged(path), cause);
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
      return new StoreFault(
        `${path} cannot be written (${message}). Let this user write to the folder that --data-dir names.`,
        cause,
      );
    case SQLITE_FULL:
      return new StoreFault(`${path} cannot grow: the disk is full.`, cause);
    default:
      return new StoreFault(`${path} cannot be used (${message}).`, cause);
  }
}
