-- Where a name signs in from, and what is shown of its sessions.

CREATE TABLE place (
	-- An address block from which the user has signed in: there a counter of its own limits the attempts at this name, so that
	-- strangers who guess elsewhere lock out themselves.
	user_id INTEGER NOT NULL REFERENCES user (id),
	-- A /24 of IPv4 or a /56 of IPv6, as lib/base/netblock writes it.
	block   TEXT    NOT NULL,
	-- When it did so last.
	seen_at INTEGER NOT NULL,
	PRIMARY KEY (user_id, block)
) STRICT, WITHOUT ROWID;

CREATE INDEX place_seen ON place (seen_at);

-- When a login's token was last used, to the hour, and the block that it was made from; NULL = not known. Those of keys are not noted here.
ALTER TABLE token ADD COLUMN used_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE token ADD COLUMN block   TEXT;

UPDATE token SET used_at = created_at;
