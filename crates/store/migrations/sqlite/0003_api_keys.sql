-- The columns that every start reads come first. `credentials` are wrapped under the installation
-- key; the private key itself is nowhere.
CREATE TABLE api_keys (
    id          BLOB    NOT NULL PRIMARY KEY,
    org_id      BLOB    NOT NULL REFERENCES organizations (id),
    public_key  TEXT    NOT NULL UNIQUE,
    roles       TEXT    NOT NULL,
    credentials BLOB    NOT NULL,
    created_at  INTEGER NOT NULL,
    last_twelve TEXT    NOT NULL,
    description TEXT    NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX api_keys_by_org ON api_keys (org_id);

-- As `access_entries`, for API keys: a table of its own, so that each entry refers to its owner.
CREATE TABLE api_key_access_entries (
    api_key_id        BLOB    NOT NULL REFERENCES api_keys (id) ON DELETE CASCADE,
    network           TEXT    NOT NULL,
    seq               INTEGER NOT NULL,
    created_at        INTEGER NOT NULL,
    request_count     INTEGER NOT NULL DEFAULT 0,
    last_used_at      INTEGER,
    last_used_address TEXT,
    PRIMARY KEY (api_key_id, network)
) STRICT, WITHOUT ROWID;
