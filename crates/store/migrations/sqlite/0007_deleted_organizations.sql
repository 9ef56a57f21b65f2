-- The organization that was deleted with the account that has the block: its tokens are found again
-- although the account is gone.
ALTER TABLE status_blocks ADD COLUMN deleted_org_id BLOB;

CREATE INDEX status_blocks_by_deleted_org ON status_blocks (deleted_org_id)
WHERE deleted_org_id IS NOT NULL;
