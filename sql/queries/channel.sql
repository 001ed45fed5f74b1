-- name: channel_get
-- The health of the channel `name`.
SELECT failures, cooldown_until
FROM   channel
WHERE  name = :name;

-- name: channel_set
-- Replaces it.
INSERT INTO channel (name, failures, cooldown_until)
VALUES              (:name, :failures, :cooldown_until)
ON CONFLICT DO UPDATE SET failures       = excluded.failures,
                          cooldown_until = excluded.cooldown_until;

-- name: channel_know
-- Makes sure that the channel `name` has a row, for tasks to refer to.
INSERT INTO channel (name)
VALUES              (:name)
ON CONFLICT DO NOTHING;

-- name: channel_awake
-- The channels that do not rest at `now`.
SELECT name
FROM   channel
WHERE  cooldown_until <= :now;

-- name: channel_hurry
-- No channel rests any more at `now`.
UPDATE channel
SET    cooldown_until = :now
WHERE  cooldown_until > :now;
