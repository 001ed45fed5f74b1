-- Whose tasks say that a model cools down, and what an account's answers asked for.

-- The user whose tasks alone were turned away, and for whom alone it cools down; 0 = several users', and so for all.
ALTER TABLE channel_model ADD COLUMN user_id INTEGER NOT NULL DEFAULT 0;

-- The latest end of a wait that the upstream asked for when it refused the key or the balance.
ALTER TABLE channel ADD COLUMN account_asked_until INTEGER NOT NULL DEFAULT 0;

-- When that was last counted: what was sent before says nothing of what is since.
ALTER TABLE channel ADD COLUMN account_failed_at   INTEGER NOT NULL DEFAULT 0;
