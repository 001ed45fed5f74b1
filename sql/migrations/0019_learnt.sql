-- More than one image of a task, and what is learnt from the upstream about its job.

-- The images beside the first one: JSON list [{"role":"last","file":NAME,"type":"image/png"},…], files in DATA/uploads. NULL = none.
ALTER TABLE task ADD COLUMN images           TEXT;

-- What later calls about the job need, as far as there is any: JSON object. NULL = nothing.
ALTER TABLE task ADD COLUMN job              TEXT;

-- What the upstream says that it makes, where it says so; model, size and seconds stay what was asked for. NULL and 0 = it did not say.
ALTER TABLE task ADD COLUMN upstream_model   TEXT;
ALTER TABLE task ADD COLUMN upstream_size    TEXT;
ALTER TABLE task ADD COLUMN upstream_seconds INTEGER NOT NULL DEFAULT 0;

-- When the upstream's file goes; 0 = not known.
-- sqlite: ALTER TABLE task ADD COLUMN expires_at INTEGER NOT NULL DEFAULT 0;
-- postgres: ALTER TABLE task ADD COLUMN expires_at BIGINT NOT NULL DEFAULT 0;
