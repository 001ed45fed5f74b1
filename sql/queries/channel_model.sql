-- name: channel_model_get
-- Reads how the channel is doing with the model.
SELECT failures, until, asked_until, task_id, probe, accepted_at, failed_at, throttled, user_id
FROM   channel_model
WHERE  channel = :name
AND    model = :model;

-- name: channel_model_set
-- Replaces that.
INSERT INTO channel_model (channel, model, failures, until, asked_until, task_id, probe, accepted_at, failed_at, throttled, user_id)
VALUES                    (:name, :model, :failures, :until, :asked_until, :task_id, :probe, :accepted_at, :failed_at, :throttled, :user_id)
ON CONFLICT (channel, model) DO UPDATE SET failures    = excluded.failures,
                          until       = excluded.until,
                          asked_until = excluded.asked_until,
                          task_id     = excluded.task_id,
                          probe       = excluded.probe,
                          accepted_at = excluded.accepted_at,
                          failed_at   = excluded.failed_at,
                          throttled   = excluded.throttled,
                          user_id     = excluded.user_id;

-- name: channel_model_forget
-- Forgets all models of the channel.
DELETE FROM channel_model
WHERE  channel = :name;

-- name: channel_model_trim
-- Forgets the models of the channel but the `most` whose cooldowns end last, and that failed last among those without one.
DELETE FROM channel_model
WHERE  channel = :name
AND    model IN (SELECT   model
                 FROM     channel_model
                 WHERE    channel = :name
                 ORDER BY CASE WHEN until > :now THEN until ELSE 0 END DESC, failed_at DESC
                 LIMIT    1000000 OFFSET :most);

-- name: channel_model_resting
-- Lists the models of the channel `name` (NULL = of all channels) that cool down at `now`, and until when.
SELECT   channel, model, failures, until, throttled
FROM     channel_model
WHERE    channel = coalesce(:name, channel)
AND      until > :now
ORDER BY channel, model;

-- name: channel_model_hurry
-- Ends all cooldowns of models at `now`.
UPDATE channel_model
SET    until       = CASE WHEN until > :now THEN :now ELSE until END,
       asked_until = CASE WHEN asked_until > :now THEN :now ELSE asked_until END
WHERE  until > :now
OR     asked_until > :now;
