/** "SrcI", so that a file of another program is not taken for ours. */
export const APPLICATION_ID = 0x53726349;
export const SCHEMA_VERSION = 2;

export const SCHEMA = `
  CREATE TABLE blob (
    digest TEXT PRIMARY KEY,
    bytes BLOB NOT NULL,
    used_at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX blob_by_use ON blob (used_at);

  CREATE TABLE granted (
    application_uid TEXT NOT NULL,
    project TEXT NOT NULL,
    digest TEXT NOT NULL,
    granted_at INTEGER NOT NULL,
    PRIMARY KEY (application_uid, project, digest)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX granted_by_digest ON granted (digest);
  CREATE INDEX granted_by_age ON granted (granted_at);

  CREATE TABLE digest_seen (
    repo_url TEXT NOT NULL,
    chart TEXT NOT NULL,
    version TEXT NOT NULL,
    digest TEXT NOT NULL,
    first_seen INTEGER NOT NULL,
    last_seen INTEGER NOT NULL,
    facts TEXT NOT NULL,
    PRIMARY KEY (repo_url, chart, version, digest)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX digest_seen_by_age ON digest_seen (last_seen);

  CREATE TABLE history (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    application_uid TEXT NOT NULL,
    project TEXT NOT NULL,
    id TEXT NOT NULL,
    at INTEGER NOT NULL,
    triggered_by TEXT NOT NULL,
    status TEXT NOT NULL,
    revisions TEXT NOT NULL,
    entry TEXT NOT NULL
  ) STRICT;
  CREATE INDEX history_of_application ON history (application_uid, project, sequence);
  CREATE INDEX history_by_age ON history (at);
`;

/** What version 2 has more than version 1. */
export const PULLS = `
  CREATE TABLE pulled (
    place TEXT NOT NULL,
    version TEXT NOT NULL,
    digest TEXT NOT NULL,
    outcome TEXT NOT NULL,
    expected TEXT,
    reported TEXT,
    first_at INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    PRIMARY KEY (place, version, digest, outcome)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX pulled_by_digest ON pulled (digest, last_at);
  CREATE INDEX pulled_by_age ON pulled (last_at);

  CREATE TABLE pulls_complete (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    since INTEGER NOT NULL,
    noted_at INTEGER NOT NULL
  ) STRICT;
`;
