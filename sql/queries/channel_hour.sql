-- What became of tasks at channels, hour by hour.

-- name: channel_hour_add
-- Counts one more of its kind, which is the number of a column.
INSERT INTO channel_hour (channel, hour, accepted, refused, postponed, unknown, completed, failed)
VALUES                   (:channel, :hour, :kind = 1, :kind = 2, :kind = 3, :kind = 4, :kind = 5, :kind = 6)
ON CONFLICT (channel, hour) DO UPDATE
SET    accepted  = channel_hour.accepted  + excluded.accepted,
       refused   = channel_hour.refused   + excluded.refused,
       postponed = channel_hour.postponed + excluded.postponed,
       unknown   = channel_hour.unknown   + excluded.unknown,
       completed = channel_hour.completed + excluded.completed,
       failed    = channel_hour.failed    + excluded.failed;

-- name: channel_hour_sums
-- Sums the counts of each channel from an hour to another.
SELECT   channel, 0, sum(accepted), sum(refused), sum(postponed), sum(unknown), sum(completed), sum(failed)
FROM     channel_hour
WHERE    hour BETWEEN :from AND :to
GROUP BY channel
ORDER BY channel;

-- name: channel_hour_list
-- Lists the counts of a channel from an hour to another.
SELECT   channel, hour, accepted, refused, postponed, unknown, completed, failed
FROM     channel_hour
WHERE    channel = :channel
AND      hour BETWEEN :from AND :to
ORDER BY hour;

-- name: channel_hour_purge
-- Removes the counts of hours before one.
DELETE FROM channel_hour
WHERE  hour < :before;
