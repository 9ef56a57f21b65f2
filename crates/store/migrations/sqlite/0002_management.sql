-- The version is the number of the last change that was decided of the organization as it then was.
ALTER TABLE organizations ADD COLUMN version INTEGER NOT NULL DEFAULT 0;
ALTER TABLE organizations ADD COLUMN api_access_list_required INTEGER NOT NULL DEFAULT 0;
ALTER TABLE organizations ADD COLUMN max_secret_hours INTEGER;

-- What an organization owns is found without a look at what others own, as its deletion needs.
CREATE INDEX groups_by_org ON groups (org_id);
CREATE INDEX service_accounts_by_org ON service_accounts (org_id);

-- `seq` is the number of the change that added the entry, and orders what was added together.
CREATE TABLE access_entries (
    client_id         BLOB    NOT NULL REFERENCES service_accounts (client_id) ON DELETE CASCADE,
    network           TEXT    NOT NULL,
    seq               INTEGER NOT NULL,
    created_at        INTEGER NOT NULL,
    request_count     INTEGER NOT NULL DEFAULT 0,
    last_used_at      INTEGER,
    last_used_address TEXT,
    PRIMARY KEY (client_id, network)
) STRICT, WITHOUT ROWID;

-- Whose log an entry belongs to. No reference: the entry outlives the organization.
ALTER TABLE changes ADD COLUMN org_id BLOB;
ALTER TABLE changes ADD COLUMN group_id BLOB;

-- Entries so far: types are now written as the contract writes them, and the organization stands
-- beside the event. Blocks are the server's own affair.
UPDATE changes SET
    org_id = coalesce(
        unhex(event ->> 'orgId'),
        (SELECT org_id FROM service_accounts
         WHERE client_id = unhex(substr(event ->> 'clientId', length('mdb_sa_id_') + 1))
           AND event ->> 'type' <> 'blocks_taken')
    ),
    group_id = unhex(event ->> 'groupId'),
    event = json_set(
        CASE WHEN event ->> 'type' IN ('group_created', 'service_account_created')
             THEN json_remove(event, '$.orgId') ELSE event END,
        '$.type', upper(event ->> 'type')
    );

-- An index ends with the rowid, here `seq`: a page of a log lies together, in order.
CREATE INDEX changes_by_org ON changes (org_id) WHERE org_id IS NOT NULL;
CREATE INDEX changes_by_group ON changes (group_id) WHERE group_id IS NOT NULL;
