-- Where a task was sent, for the statements that look for its job there: "KEY.PLACE" of key_id from its '.' on. NULL = anywhere.
ALTER TABLE task ADD COLUMN key_place TEXT;

-- sqlite: UPDATE task
-- sqlite: SET    key_place = substr(key_id, instr(key_id, '.'))
-- sqlite: WHERE  instr(key_id, '.') > 0;
