-- Budgets, what is used of them, and what a user pays.

-- name: budget_of
-- Lists the budgets that a creation must keep within. user, key: numbers as texts.
-- With OR between them SQLite would make a temporary table.
SELECT subject, who, period, amount, since FROM budget WHERE subject = 'user'    AND who = :user
UNION ALL
SELECT subject, who, period, amount, since FROM budget WHERE subject = 'key'     AND who = :key
UNION ALL
SELECT subject, who, period, amount, since FROM budget WHERE subject = 'channel' AND who = :channel
UNION ALL
SELECT subject, who, period, amount, since FROM budget WHERE subject = 'all'     AND who = '';

-- name: budget_list
-- Lists the budgets of a subject, or of all of its kind.
-- options: who
SELECT   subject, who, period, amount, since
FROM     budget
WHERE    subject = :subject
-- who: AND      who = :who
ORDER BY who;

-- name: budget_used_user
-- Sums up what is held and settled of a user in some days. who: as in the budget.
SELECT coalesce(sum(amount), 0)
FROM   spend_day
WHERE  user_id = CAST(:who AS INTEGER)
AND    day BETWEEN :first AND :last;

-- name: budget_used_key
-- The same of a key.
SELECT coalesce(sum(amount), 0)
FROM   spend_day
WHERE  api_key = CAST(:who AS INTEGER)
AND    day BETWEEN :first AND :last;

-- name: budget_used_channel
-- The same of a channel.
SELECT coalesce(sum(amount), 0)
FROM   spend_channel
WHERE  channel = :who
AND    day BETWEEN :first AND :last;

-- name: budget_used_all
-- The same of all: of all channels.
SELECT coalesce(sum(amount), 0)
FROM   spend_channel
WHERE  day BETWEEN :first AND :last;

-- name: budget_set
-- Sets a budget, for all charges from now on.
INSERT INTO budget (subject, who, period, amount, since)
VALUES             (:subject, :who, :period, :amount, coalesce((SELECT max(id) FROM charge), 0))
ON CONFLICT (subject, who, period) DO UPDATE SET amount = excluded.amount, since = excluded.since;

-- name: budget_days_user
-- Lists what is held and settled of a user by day.
SELECT   day, sum(amount)
FROM     spend_day
WHERE    user_id = CAST(:who AS INTEGER)
GROUP BY day
ORDER BY day;

-- name: budget_days_key
-- The same of a key.
SELECT   day, sum(amount)
FROM     spend_day
WHERE    api_key = CAST(:who AS INTEGER)
GROUP BY day
ORDER BY day;

-- name: budget_days_channel
-- The same of a channel.
SELECT   day, amount
FROM     spend_channel
WHERE    channel = :who
ORDER BY day;

-- name: budget_days_all
-- The same of all.
SELECT   day, sum(amount)
FROM     spend_channel
GROUP BY day
ORDER BY day;

-- name: budget_last
-- Finds the latest charge of a subject in some days that was made after `since`. Under the group group_id; 0 = under any. When weeks
-- began so, as `sunday` says; NULL = whenever.
-- options: user
SELECT   id
FROM     charge
WHERE    id > :since
-- user: AND      user_id = CAST(:who AS INTEGER)
AND      day BETWEEN :first AND :last
AND      CASE state WHEN 'held' THEN reserved ELSE charged END > 0
AND      (:group_id = 0 OR group_id = :group_id)
AND      (:sunday IS NULL OR sunday = :sunday)
-- !user: AND      CASE :subject WHEN 'key' THEN CAST(api_key AS TEXT) WHEN 'channel' THEN channel ELSE '' END = :who
ORDER BY id DESC
LIMIT    1;

-- name: budget_until
-- Sums up what is held and settled of a subject in some days, of the charges up to `id`.
-- options: user
SELECT coalesce(sum(CASE state WHEN 'held' THEN reserved ELSE charged END), 0)
FROM   charge
WHERE  id <= :id
-- user: AND    user_id = CAST(:who AS INTEGER)
AND    day BETWEEN :first AND :last
-- !user: AND    CASE :subject WHEN 'key' THEN CAST(api_key AS TEXT) WHEN 'channel' THEN channel ELSE '' END = :who
;

-- name: budget_of_groups
-- Lists what groups allow each of their users that has no budget of its own for it, and from which charge on. Full scan: there are few groups.
SELECT 'user', CAST(u.id AS TEXT), 'day', g.budget_day, CASE WHEN g.since > u.budget_since THEN g.since ELSE u.budget_since END, g.id
FROM   user_group AS g
CROSS JOIN "user" AS u ON u.group_id = g.id
WHERE  g.budget_day IS NOT NULL
AND    NOT EXISTS (SELECT 1 FROM budget AS b WHERE b.subject = 'user' AND b.who = CAST(u.id AS TEXT) AND b.period = 'day')
UNION ALL
SELECT 'user', CAST(u.id AS TEXT), 'week', g.budget_week, CASE WHEN g.since > u.budget_since THEN g.since ELSE u.budget_since END, g.id
FROM   user_group AS g
CROSS JOIN "user" AS u ON u.group_id = g.id
WHERE  g.budget_week IS NOT NULL
AND    NOT EXISTS (SELECT 1 FROM budget AS b WHERE b.subject = 'user' AND b.who = CAST(u.id AS TEXT) AND b.period = 'week')
UNION ALL
SELECT 'user', CAST(u.id AS TEXT), 'month', g.budget_month, CASE WHEN g.since > u.budget_since THEN g.since ELSE u.budget_since END, g.id
FROM   user_group AS g
CROSS JOIN "user" AS u ON u.group_id = g.id
WHERE  g.budget_month IS NOT NULL
AND    NOT EXISTS (SELECT 1 FROM budget AS b WHERE b.subject = 'user' AND b.who = CAST(u.id AS TEXT) AND b.period = 'month');

-- name: budget_left
-- Notes that a user has one budget less of its own, from the next charge on.
UPDATE "user"
SET    budget_since = coalesce((SELECT max(id) FROM charge), 0)
WHERE  id = CAST(:who AS INTEGER);

-- name: budget_clear
-- Removes a budget.
DELETE FROM budget
WHERE  subject = :subject
AND    who = :who
AND    period = :period;

-- name: budget_payer
-- Reads what a user's group says of what it pays.
SELECT coalesce(g.id, 0), coalesce(g.multiplier_ppm, 1000000), g.budget_day, g.budget_week, g.budget_month
FROM   "user" AS u
LEFT JOIN user_group AS g ON g.id = u.group_id
WHERE  u.id = :user_id;
