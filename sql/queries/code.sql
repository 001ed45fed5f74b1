-- Codes: for credit, or for an invitation.

-- part: code_row
-- The columns of a code, in the order of lib/store/code.c.
       id, batch, hint, kind, amount, group_id, uses_max, uses, expires_at, disabled, created_at, created_by

-- name: code_add
-- Adds a code.
INSERT INTO code (batch, hash, hint, kind, amount, group_id, uses_max, expires_at, created_at, created_by)
VALUES           (:batch, :hash, :hint, :kind, :amount, nullif(:group_id, 0), :uses_max, :expires_at, :created_at, :created_by);

-- name: code_by_hash
-- Finds a code.
SELECT
-- use: code_row
FROM   code
WHERE  hash = :hash;

-- name: code_use
-- Counts a use, where one is left.
UPDATE code
SET    uses = uses + 1
WHERE  id = :id
AND    uses < uses_max
AND    disabled = 0;

-- name: code_redeem
-- Notes that a user has used it.
INSERT INTO redemption (code_id, user_id, at)
VALUES                 (:id, :user_id, :now);

-- name: code_redeemed
-- Finds out whether a user has used it.
SELECT 1
FROM   redemption
WHERE  code_id = :id
AND    user_id = :user_id;

-- name: code_list
-- Lists the codes of a batch.
SELECT
-- use: code_row
FROM     code
WHERE    batch = :batch
AND      id > :after
ORDER BY id
LIMIT    :most;

-- name: code_batches
-- Lists the batches, the latest first.
SELECT   batch, kind, count(*), sum(uses), sum(uses_max), max(amount), max(expires_at), sum(disabled), max(created_at)
FROM     code
GROUP BY batch, kind
ORDER BY max(id) DESC;

-- name: code_disable
-- Disables a batch, or enables it again.
UPDATE code
SET    disabled = :disabled
WHERE  batch = :batch;
