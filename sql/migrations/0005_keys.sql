-- API keys: tokens with a name, which a user makes for a program and which last until they are revoked.

CREATE TABLE api_key (
	id           INTEGER PRIMARY KEY AUTOINCREMENT,
	user_id      INTEGER NOT NULL REFERENCES user (id),
	-- What the user calls it.
	name         TEXT    NOT NULL,
	-- Its beginning and its end, to tell keys apart by; the rest is known to nobody.
	hint         TEXT    NOT NULL,
	created_at   INTEGER NOT NULL,
	-- From this time on it is worth nothing; 0 = never.
	expires_at   INTEGER NOT NULL,
	-- When it was last used, to the hour; 0 = never.
	last_used_at INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE INDEX api_key_user ON api_key (user_id);

-- The key that the token is; NULL = it comes from a login.
ALTER TABLE token ADD COLUMN key_id INTEGER REFERENCES api_key (id);
CREATE INDEX token_key ON token (key_id) WHERE key_id IS NOT NULL;

-- The key with which a task was created; 0 = by a login. What a program repeats by itself is its own.
ALTER TABLE task ADD COLUMN api_key INTEGER NOT NULL DEFAULT 0;
