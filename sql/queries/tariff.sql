-- Tariffs. Of a kind (side, channel, model, job, size, image, audio, images) one at most is valid at any time.

-- part: tariff_row
-- The columns of a tariff, in the order of lib/store/tariff.c.
       id, channel, model, job, size, image, audio, images, flat, per_second, min_seconds, step_seconds, default_seconds,
       default_size, max_seconds, settle, valid_from, valid_until, created_at, created_by

-- name: tariff_valid
-- Lists the tariffs of a side and a channel that are valid at a time and may be of the model: those that name it, and those that
-- name the beginning of one.
SELECT
-- use: tariff_row
FROM   tariff
WHERE  side = :side
AND    channel = :channel
AND    valid_until > :at
AND    valid_from <= :at
AND    (model = :model OR model LIKE '%*');

-- name: tariff_current
-- Lists the tariffs of a side that are valid at a time or later, of all channels.
SELECT
-- use: tariff_row
FROM     tariff
WHERE    side = :side
AND      valid_until > :at
AND      valid_until > valid_from
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
WHERE  side = :side
AND    channel = :channel
AND    model = :model
AND    job = :job
AND    size = :size
AND    image = :image
AND    audio = :audio
AND    images = :images
AND    valid_from <= :until;

-- name: tariff_next
-- Reads the time from which the first tariff of this kind counts that is to follow one.
SELECT min(valid_from)
FROM   tariff
WHERE  side = :side
AND    channel = :channel
AND    model = :model
AND    job = :job
AND    size = :size
AND    image = :image
AND    audio = :audio
AND    images = :images
AND    valid_from > :from
AND    valid_until > valid_from;

-- name: tariff_yield
-- Ends the tariff of this kind that is valid at a time.
UPDATE tariff
SET    valid_until = :at
WHERE  side = :side
AND    channel = :channel
AND    model = :model
AND    job = :job
AND    size = :size
AND    image = :image
AND    audio = :audio
AND    images = :images
AND    valid_from < :at
AND    valid_until > :at;

-- name: tariff_extend
-- Has the tariff of this kind that would end with the beginning of one go on until the end of that.
UPDATE tariff
SET    valid_until = :until
WHERE  side = :side
AND    channel = :channel
AND    model = :model
AND    job = :job
AND    size = :size
AND    image = :image
AND    audio = :audio
AND    images = :images
AND    valid_from < :from
AND    valid_until = :from;

-- name: tariff_add
-- Adds a tariff.
INSERT INTO tariff (side, channel, model, job, size, image, audio, images, flat, per_second, min_seconds, step_seconds,
                    default_seconds, default_size, max_seconds, settle, valid_from, valid_until, created_at, created_by)
VALUES             (:side, :channel, :model, :job, :size, :image, :audio, :images, :flat, :per_second, :min_seconds,
                    :step_seconds, :default_seconds, :default_size, :max_seconds, :settle, :valid_from, :valid_until,
                    :created_at, :created_by);

-- name: tariff_end
-- Ends a tariff.
UPDATE tariff
SET    valid_until = :at
WHERE  id = :id
AND    valid_until > :at;
