-- What users and API keys may do: groups of users, and the limits of each user and key.

CREATE TABLE user_group (
	id             INTEGER PRIMARY KEY AUTOINCREMENT,
	-- What the operator calls it; no two differ by nothing but ASCII case.
	name           TEXT    NOT NULL COLLATE NOCASE UNIQUE,
	-- What its users pay of a tariff's price, in millionths.
	multiplier_ppm INTEGER NOT NULL DEFAULT 1000000 CHECK (multiplier_ppm BETWEEN 0 AND 1000000000),
	-- Names of models that its users may have made, separated by blanks; * stands for any characters; '' = all.
	models         TEXT    NOT NULL DEFAULT '',
	-- For each of its users that has no such limit of its own: open tasks and creations a minute. NULL = as the
	-- configuration says; 0 = any number.
	max_open       INTEGER CHECK (max_open >= 0),
	rate           INTEGER CHECK (rate >= 0),
	-- … and what one of them may spend, in millionths of the currency; NULL = no limit.
	budget_day     INTEGER CHECK (budget_day >= 0),
	budget_week    INTEGER CHECK (budget_week >= 0),
	budget_month   INTEGER CHECK (budget_month >= 0),
	created_at     INTEGER NOT NULL
) STRICT;

-- NULL = none.
ALTER TABLE "user" ADD COLUMN group_id INTEGER REFERENCES user_group (id);
CREATE INDEX user_group_id ON "user" (group_id) WHERE group_id IS NOT NULL;

-- Creations a minute; NULL = as the group says, or else the configuration; 0 = any number.
ALTER TABLE "user" ADD COLUMN rate INTEGER CHECK (rate >= 0);

-- The operator's own words about the user; '' = none.
ALTER TABLE "user" ADD COLUMN note TEXT NOT NULL DEFAULT '';

-- As of a group.
ALTER TABLE api_key ADD COLUMN models TEXT NOT NULL DEFAULT '';

-- Addresses and networks from which the key is taken, separated by blanks; '' = from all.
ALTER TABLE api_key ADD COLUMN addresses TEXT NOT NULL DEFAULT '';

-- Creations a minute; NULL, 0 = as many as the user.
ALTER TABLE api_key ADD COLUMN rate INTEGER CHECK (rate >= 0);

-- What it is good for: all that its user may do; reading alone; an administrator's calls, too.
ALTER TABLE api_key ADD COLUMN scope TEXT NOT NULL DEFAULT 'all' CHECK (scope IN ('all', 'read', 'admin'));

-- Whether it is refused, until it is enabled again.
ALTER TABLE api_key ADD COLUMN disabled INTEGER NOT NULL DEFAULT 0 CHECK (disabled IN (0, 1));
