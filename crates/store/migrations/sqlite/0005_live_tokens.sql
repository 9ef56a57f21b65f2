-- How many tokens were issued with bits of a block, as far as it was noted. Of blocks so far it was
-- not.
ALTER TABLE status_blocks ADD COLUMN issued INTEGER NOT NULL DEFAULT 0;
