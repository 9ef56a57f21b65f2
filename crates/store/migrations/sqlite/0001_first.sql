-- "RSCD": tells a store of rescind from any other SQLite database.
PRAGMA application_id = 0x52534344;

CREATE TABLE installation (
    id          INTEGER PRIMARY KEY CHECK (id = 1),
    fingerprint BLOB    NOT NULL
) STRICT;

CREATE TABLE organizations (
    id         BLOB    NOT NULL PRIMARY KEY,
    name       TEXT    NOT NULL,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE groups (
    id         BLOB    NOT NULL PRIMARY KEY,
    org_id     BLOB    NOT NULL REFERENCES organizations (id),
    name       TEXT    NOT NULL,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The columns that every start reads come first: SQLite decodes a row up to the last one asked for.
CREATE TABLE service_accounts (
    client_id   BLOB    NOT NULL PRIMARY KEY,
    org_id      BLOB    NOT NULL REFERENCES organizations (id),
    roles       TEXT    NOT NULL,
    created_at  INTEGER NOT NULL,
    name        TEXT    NOT NULL,
    description TEXT    NOT NULL
) STRICT, WITHOUT ROWID;

-- Lies in the order in which a start reads it: by account, oldest secret first.
CREATE TABLE secrets (
    client_id    BLOB    NOT NULL REFERENCES service_accounts (client_id) ON DELETE CASCADE,
    created_at   INTEGER NOT NULL,
    id           BLOB    NOT NULL,
    hash         BLOB    NOT NULL,
    expires_at   INTEGER NOT NULL,
    last_used_at INTEGER,
    last_four    TEXT    NOT NULL,
    PRIMARY KEY (client_id, created_at, id)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX secrets_by_id ON secrets (id);

CREATE TABLE assignments (
    client_id BLOB NOT NULL REFERENCES service_accounts (client_id) ON DELETE CASCADE,
    group_id  BLOB NOT NULL REFERENCES groups (id) ON DELETE CASCADE,
    roles     TEXT NOT NULL,
    PRIMARY KEY (client_id, group_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX assignments_by_group ON assignments (group_id);

CREATE TABLE signing_keys (
    kid        BLOB    NOT NULL PRIMARY KEY,
    algorithm  TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    sealed     BLOB    NOT NULL
) STRICT, WITHOUT ROWID;

-- The id is the number of the change that opened the list.
CREATE TABLE status_lists (
    id        INTEGER PRIMARY KEY,
    closes_at INTEGER NOT NULL,
    dies_at   INTEGER NOT NULL
) STRICT;

-- A bit of `revoked` per token. No reference to accounts or secrets: the blocks of a deleted one
-- stay until the last of its tokens has expired.
CREATE TABLE status_blocks (
    list_id   INTEGER NOT NULL REFERENCES status_lists (id),
    number    INTEGER NOT NULL,
    client_id BLOB    NOT NULL,
    secret_id BLOB    NOT NULL,
    revoked   INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (list_id, number)
) STRICT, WITHOUT ROWID;

CREATE INDEX status_blocks_by_secret ON status_blocks (client_id, secret_id);

CREATE TABLE changes (
    seq     INTEGER PRIMARY KEY,
    at      INTEGER NOT NULL,
    actor   TEXT    NOT NULL,
    address TEXT,
    event   TEXT    NOT NULL
) STRICT;

-- The last number that was given. Not max(seq): that is lost when old entries are pruned.
CREATE TABLE change_log_head (
    id  INTEGER PRIMARY KEY CHECK (id = 1),
    seq INTEGER NOT NULL
) STRICT;

INSERT INTO change_log_head VALUES (1, 0);
