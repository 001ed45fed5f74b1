-- The accounts that were registered from one address block, so that each of them may have its share of what they may have together.

CREATE INDEX user_block ON "user" (block) WHERE block IS NOT NULL;
