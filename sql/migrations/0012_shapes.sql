-- Names that look alike.

-- What the name looks like, as lib/domain/name says: no two users have one shape. NULL for names from before that are not plain ASCII
-- or looked alike already.
ALTER TABLE user ADD COLUMN shape TEXT;
CREATE UNIQUE INDEX user_shape ON user (shape) WHERE shape IS NOT NULL;

UPDATE OR IGNORE user
SET    shape = replace(replace(replace(replace(replace(lower(username), '1', 'l'), 'i', 'l'), '0', 'o'), 'rn', 'm'), 'vv', 'w')
WHERE  username NOT GLOB '*[^ -~]*';
