-- What an API key has made ends with it.

-- The key that has written the endpoint last, and its name then; NULL = who has signed in.
ALTER TABLE webhook ADD COLUMN key_id   INTEGER;
ALTER TABLE webhook ADD COLUMN key_name TEXT;

CREATE INDEX webhook_key ON webhook (key_id) WHERE key_id IS NOT NULL;
