-- Charges and their sums, as they are shown.

-- name: report_charges
-- Lists charges with ids below `before`, the latest first; of the user, or of all.
-- options: user
SELECT    c.id, c.created_at, u.username, c.api_key, k.name, t.video_id, c.attempt, c.model, c.job, c.size, c.seconds,
          c.state, c.reason, c.reserved, c.charged, c.refunded, c.ended_at, g.name, c.channel, c.cost, c.cost_from
FROM      charge     AS c
JOIN      "user"     AS u ON u.id = c.user_id
JOIN      task       AS t ON t.id = c.task_id
LEFT JOIN api_key    AS k ON k.id = c.api_key
LEFT JOIN user_group AS g ON g.id = c.group_id
WHERE     c.id < :before
-- user:  AND c.user_id = :user_id
ORDER BY  c.id DESC
LIMIT     :most;

-- part: report_sums
-- What has ended in the days from `first` to `last`, summed up.
         sum(completed), sum(failed), sum(cancelled), sum(seconds), sum(charged), sum(cost), sum(unknown)
FROM     usage_day
WHERE    day BETWEEN :first AND :last

-- name: report_usage
-- Sums up by day, in the order of the rows, or by user or channel; of the user, or of all.
-- options: user day
-- day:  SELECT   CAST(day AS TEXT) AS part,
-- !day: SELECT   CASE :by WHEN 'user' THEN CAST(user_id AS TEXT) ELSE channel END AS part,
-- use: report_sums
-- user:  AND user_id = :user_id
-- day:  GROUP BY day
-- day:  ORDER BY day;
-- !day: GROUP BY part
-- !day: ORDER BY part;

-- name: report_usage_model
-- The same by model, and by key, as users ask for it: a month is to take 10 ms at most, and half of that went into one expression for both.
-- options: user
SELECT   model AS part,
-- use: report_sums
-- user:  AND user_id = :user_id
GROUP BY model
ORDER BY model;

-- name: report_usage_key
-- options: user
SELECT   CAST(api_key AS TEXT) AS part,
-- use: report_sums
-- user:  AND user_id = :user_id
GROUP BY api_key
ORDER BY part;
