-- What the upstream said to a submission whose outcome is not known, in case nothing better is found out. NULL = nothing.
ALTER TABLE task ADD COLUMN said TEXT;
