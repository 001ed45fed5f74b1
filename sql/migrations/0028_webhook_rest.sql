-- Until when nothing is sent to an endpoint, as it has had its rate; a time that is far ahead is one of before the clock was set back.
ALTER TABLE webhook ADD COLUMN rest_until INTEGER NOT NULL DEFAULT 0;
