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

-- name: budget_charged
-- Finds that a charge of a subject counts in some days that was made after `since`.
SELECT 1
FROM   charge
WHERE  id > :since
AND    day BETWEEN :first AND :last
AND    CASE state WHEN 'held' THEN reserved ELSE charged END > 0
AND    CASE :subject WHEN 'user'    THEN CAST(user_id AS TEXT)
                     WHEN 'key'     THEN CAST(api_key AS TEXT)
                     WHEN 'channel' THEN channel
                     ELSE '' END = :who
LIMIT  1;

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
