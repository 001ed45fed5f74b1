-- Tariffs. Of a kind (side, channel, model, job, size, image, audio, images) one at most is valid at any time.

-- part: tariff_rule
-- The columns of a tariff by which a video is priced, in the order of lib/store/tariff.c.
       id, model, job, size, image, audio, images, flat, per_second, min_seconds, step_seconds, default_seconds, default_size,
       max_seconds

-- part: tariff_row
-- All columns of a tariff, likewise.
-- use: tariff_rule
     , channel, settle, valid_from, valid_until, created_at, created_by, after_charge

-- part: tariff_kind
-- That a tariff is of a kind. What follows begins with AND.
       side = :side
AND    channel = :channel
AND    model = :model
AND    job = :job
AND    size = :size
AND    image = :image
AND    audio = :audio
AND    images = :images

-- name: tariff_valid
-- Lists the tariffs of a side and a channel that are valid now and may be of the model: those that name it, and those that name the
-- beginning of one. What was made to count at once does, and what was ended at once has, though the clock may have been set back since.
SELECT
-- use: tariff_rule
FROM   tariff
WHERE  side = :side
AND    channel = :channel
AND    valid_until > :at
AND    last_charge IS NULL
AND    (valid_from <= :at OR after_charge IS NOT NULL)
AND    (model = :model OR model LIKE '%*');

-- name: tariff_then
-- The same of those that were valid when a charge was made.
SELECT
-- use: tariff_rule
FROM   tariff
WHERE  side = :side
AND    channel = :channel
AND    CASE WHEN after_charge IS NULL THEN valid_from <= :at ELSE after_charge < :charge END
AND    CASE WHEN last_charge IS NULL THEN valid_until > :at ELSE last_charge >= :charge END
AND    (model = :model OR model LIKE '%*');

-- name: tariff_current
-- Lists the tariffs of a side that are valid at a time or later, of all channels.
SELECT
-- use: tariff_row
FROM     tariff
WHERE    side = :side
AND      valid_until > :at
AND      (valid_until > valid_from OR after_charge IS NOT NULL)
AND      last_charge IS NULL
ORDER BY channel, model, job, size, image, audio, images, valid_from;

-- name: tariff_all
-- Lists all tariffs of a side, those that have ended, too.
SELECT
-- use: tariff_row
FROM     tariff
WHERE    side = :side
ORDER BY channel, model, job, size, image, audio, images, valid_from;

-- name: tariff_get
-- Finds a tariff.
SELECT
-- use: tariff_row
FROM   tariff
WHERE  id = :id;

-- name: tariff_latest
-- Reads the time from which the latest tariff of this kind counts.
SELECT max(valid_from)
FROM   tariff
WHERE
-- use: tariff_kind
AND    valid_from <= :until;

-- name: tariff_next
-- Reads the time from which the first tariff of this kind counts that is to follow one.
SELECT min(valid_from)
FROM   tariff
WHERE
-- use: tariff_kind
AND    valid_from > :from
AND    valid_until > valid_from
AND    last_charge IS NULL
AND    NOT (:ahead AND after_charge IS NOT NULL);

-- name: tariff_yield
-- Ends the tariff of this kind that is valid at a time; at once, or then.
UPDATE tariff
SET    valid_until = :at,
       last_charge = CASE WHEN :at_once THEN (SELECT coalesce(max(id), 0) FROM charge) END
WHERE
-- use: tariff_kind
AND    (valid_from < :at OR (:ahead AND after_charge IS NOT NULL))
AND    valid_until > :at
AND    last_charge IS NULL;

-- name: tariff_extend
-- Has the tariff of this kind that would end with the beginning of one go on until the end of that.
UPDATE tariff
SET    valid_until = :until
WHERE
-- use: tariff_kind
AND    (valid_from < :from OR after_charge IS NOT NULL)
AND    valid_until = :from
AND    last_charge IS NULL;

-- name: tariff_add
-- Adds a tariff.
INSERT INTO tariff (side, channel, model, job, size, image, audio, images, flat, per_second, min_seconds, step_seconds,
                    default_seconds, default_size, max_seconds, settle, valid_from, valid_until, created_at, created_by,
                    after_charge)
VALUES             (:side, :channel, :model, :job, :size, :image, :audio, :images, :flat, :per_second, :min_seconds,
                    :step_seconds, :default_seconds, :default_size, :max_seconds, :settle, :valid_from, :valid_until,
                    :created_at, :created_by, CASE WHEN :at_once THEN (SELECT coalesce(max(id), 0) FROM charge) END);

-- name: tariff_end
-- Ends a tariff: at once, or before it has begun.
UPDATE tariff
SET    valid_until = :at,
       last_charge = CASE WHEN :at_once THEN (SELECT coalesce(max(id), 0) FROM charge) END
WHERE  id = :id
AND    valid_until > :at
AND    last_charge IS NULL;
