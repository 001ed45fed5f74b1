-- What is to be fetched, by how often it failed: the latest of each is one look away, however many wait.

CREATE INDEX archive_tries ON archive (tries, due_at) WHERE due_at > 0;
