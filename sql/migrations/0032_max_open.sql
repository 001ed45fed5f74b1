-- How many open tasks a user may have, and those made with one key.

-- NULL = as the configuration says (max_open); 0 = any number.
ALTER TABLE "user" ADD COLUMN max_open INTEGER CHECK (max_open >= 0);

-- NULL, 0 = as many as the user.
ALTER TABLE api_key ADD COLUMN max_open INTEGER CHECK (max_open >= 0);

CREATE INDEX task_key_open ON task (api_key) WHERE api_key > 0 AND state IN ('ready', 'sending', 'unsure', 'running');
