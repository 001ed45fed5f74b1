-- The SHA-256 of the prompt of a deleted task, as long as the job that it may have is looked for in the upstream's list; NULL = it is not.
ALTER TABLE task ADD COLUMN prompt_hash BLOB CHECK (length(prompt_hash) = 32);
