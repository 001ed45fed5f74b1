-- The members of a client's `extra` that may be sent to the channel with billing, separated by blanks or commas: what the operator knows
-- not to change what the upstream charges. '' = none.

ALTER TABLE channel ADD COLUMN extra_allow TEXT NOT NULL DEFAULT '';
