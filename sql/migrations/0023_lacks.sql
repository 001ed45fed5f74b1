-- Models that a channel has said that it does not have, though another lists them: new tasks go to the other until the time has passed. As
-- only such models are noted, there are never more rows than channels times listed models.
CREATE TABLE channel_lack (
	channel TEXT    NOT NULL,
	model   TEXT    NOT NULL,
	until   INTEGER NOT NULL,
	PRIMARY KEY (channel, model)
) STRICT, WITHOUT ROWID;
