-- Whether the channel's cooldown began because the upstream asked for it (429, 503, Retry-After); else it does not work.
ALTER TABLE channel ADD COLUMN throttled INTEGER NOT NULL DEFAULT 0;
