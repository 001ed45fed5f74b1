-- What follows from a move of a task is done by the verb that moves it, lib/store/effect.c: counts, the archive, webhooks.

DROP TRIGGER tally_insert;
DROP TRIGGER tally_update;
DROP TRIGGER tally_hide;
DROP TRIGGER tally_delete;
DROP TRIGGER archive_wanted;
DROP TRIGGER archive_hide;
DROP TRIGGER delivery_add;
