-- One row per step that made these tables. A program that knows at least the step `works_with` can
-- use them.
CREATE TABLE rescind_schema (
    step       integer PRIMARY KEY,
    works_with integer NOT NULL
);

CREATE TABLE installation (
    id          integer PRIMARY KEY CHECK (id = 1),
    fingerprint bytea   NOT NULL,
    data_keys   bytea
);

-- The version is the number of the last change that was decided of the organization as it then was.
CREATE TABLE organizations (
    id                       bytea   PRIMARY KEY,
    name                     text    NOT NULL,
    created_at               bigint  NOT NULL,
    version                  bigint  NOT NULL DEFAULT 0,
    api_access_list_required boolean NOT NULL DEFAULT false,
    max_secret_hours         bigint
);

CREATE TABLE groups (
    id         bytea  PRIMARY KEY,
    org_id     bytea  NOT NULL REFERENCES organizations (id),
    name       text   NOT NULL,
    created_at bigint NOT NULL
);

CREATE INDEX groups_by_org ON groups (org_id);

CREATE TABLE service_accounts (
    client_id   bytea  PRIMARY KEY,
    org_id      bytea  NOT NULL REFERENCES organizations (id),
    roles       text   NOT NULL,
    created_at  bigint NOT NULL,
    name        text   NOT NULL,
    description text   NOT NULL
);

CREATE INDEX service_accounts_by_org ON service_accounts (org_id);

-- Keyed in the order in which a start reads it: by account, oldest secret first.
CREATE TABLE secrets (
    client_id    bytea  NOT NULL REFERENCES service_accounts (client_id) ON DELETE CASCADE,
    created_at   bigint NOT NULL,
    id           bytea  NOT NULL UNIQUE,
    hash         bytea  NOT NULL,
    expires_at   bigint NOT NULL,
    last_used_at bigint,
    last_four    text   NOT NULL,
    PRIMARY KEY (client_id, created_at, id)
);

CREATE TABLE assignments (
    client_id bytea NOT NULL REFERENCES service_accounts (client_id) ON DELETE CASCADE,
    group_id  bytea NOT NULL REFERENCES groups (id) ON DELETE CASCADE,
    roles     text  NOT NULL,
    PRIMARY KEY (client_id, group_id)
);

CREATE INDEX assignments_by_group ON assignments (group_id);

-- `seq` is the number of the change that added the entry, and orders what was added together.
CREATE TABLE access_entries (
    client_id         bytea  NOT NULL REFERENCES service_accounts (client_id) ON DELETE CASCADE,
    network           text   NOT NULL,
    seq               bigint NOT NULL,
    created_at        bigint NOT NULL,
    request_count     bigint NOT NULL DEFAULT 0,
    last_used_at      bigint,
    last_used_address text,
    PRIMARY KEY (client_id, network)
);

-- `credentials` are wrapped under the data keys; the private key itself is nowhere.
CREATE TABLE api_keys (
    id          bytea  PRIMARY KEY,
    org_id      bytea  NOT NULL REFERENCES organizations (id),
    public_key  text   NOT NULL UNIQUE,
    roles       text   NOT NULL,
    credentials bytea  NOT NULL,
    created_at  bigint NOT NULL,
    last_twelve text   NOT NULL,
    description text   NOT NULL
);

CREATE INDEX api_keys_by_org ON api_keys (org_id);

-- As `access_entries`, for API keys: a table of its own, so that each entry refers to its owner.
CREATE TABLE api_key_access_entries (
    api_key_id        bytea  NOT NULL REFERENCES api_keys (id) ON DELETE CASCADE,
    network           text   NOT NULL,
    seq               bigint NOT NULL,
    created_at        bigint NOT NULL,
    request_count     bigint NOT NULL DEFAULT 0,
    last_used_at      bigint,
    last_used_address text,
    PRIMARY KEY (api_key_id, network)
);

-- `seq` is the number of the change that added the key: keys follow one another in this order.
CREATE TABLE signing_keys (
    kid        bytea  PRIMARY KEY,
    algorithm  text   NOT NULL,
    created_at bigint NOT NULL,
    signs_from bigint NOT NULL,
    sealed     bytea  NOT NULL,
    seq        bigint NOT NULL
);

-- The id is the number of the change that opened the list.
CREATE TABLE status_lists (
    id        bigint PRIMARY KEY,
    closes_at bigint NOT NULL,
    dies_at   bigint NOT NULL
);

-- A bit of `revoked` per token; `issued` is how many were handed out, as far as it was noted. No
-- reference to accounts or secrets: the blocks of a deleted one stay until the last of its tokens
-- has expired. Pages are left half empty, so that a bit is set beside the old row, and no index
-- has to change.
CREATE TABLE status_blocks (
    list_id   bigint  NOT NULL REFERENCES status_lists (id),
    number    integer NOT NULL,
    client_id bytea   NOT NULL,
    secret_id bytea   NOT NULL,
    revoked   bigint  NOT NULL DEFAULT 0,
    issued    integer NOT NULL DEFAULT 0,
    -- The organization that was deleted with the account.
    deleted_org_id bytea,
    PRIMARY KEY (list_id, number)
) WITH (fillfactor = 50);

CREATE INDEX status_blocks_by_secret ON status_blocks (client_id, secret_id);
CREATE INDEX status_blocks_by_deleted_org ON status_blocks (deleted_org_id)
WHERE deleted_org_id IS NOT NULL;

-- Whose log an entry belongs to stands beside it. No reference: it outlives the organization.
CREATE TABLE changes (
    seq      bigint PRIMARY KEY,
    at       bigint NOT NULL,
    actor    text   NOT NULL,
    address  text,
    org_id   bytea,
    group_id bytea,
    event    json   NOT NULL
);

CREATE INDEX changes_by_org ON changes (org_id, seq) WHERE org_id IS NOT NULL;
CREATE INDEX changes_by_group ON changes (group_id, seq) WHERE group_id IS NOT NULL;

-- The last number that was given. Not max(seq): that is lost when old entries are pruned. Not a
-- sequence: that leaves gaps, and numbers out of the order of commits.
CREATE TABLE change_log_head (
    id  integer PRIMARY KEY CHECK (id = 1),
    seq bigint  NOT NULL
);

INSERT INTO change_log_head VALUES (1, 0);
