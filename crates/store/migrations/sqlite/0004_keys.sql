-- The data keys, wrapped under the installation key. A store that is older than they are gets them
-- at its next start.
ALTER TABLE installation ADD COLUMN data_keys BLOB;

-- `seq` is the number of the change that added the key: keys follow one another in this order.
ALTER TABLE signing_keys ADD COLUMN seq INTEGER NOT NULL DEFAULT 0;
ALTER TABLE signing_keys ADD COLUMN signs_from INTEGER NOT NULL DEFAULT 0;

-- Until now, which key signed was told by a setting: any of them may have until this moment.
UPDATE signing_keys SET
    signs_from = unixepoch(),
    seq = coalesce(
        (SELECT seq FROM changes WHERE event ->> 'type' = 'SIGNING_KEY_ADDED'
         AND unhex(replace(event ->> 'kid', '-', '')) = signing_keys.kid),
        0
    );
