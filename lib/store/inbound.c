/* Inbound webhooks: each is taken once. */
#include "store/inbound.h"

#include "store/db.h"

static enum err_code
add_once(struct store *store, const struct inbound *inbound)
{
	struct query query = db_query(store, SQL_INBOUND_PURGE);
	db_int(&query, ":now", inbound->now);
	enum err_code err = db_run(&query);
	if (err != ERR_OK)
		return err;
	query = db_query(store, SQL_INBOUND_ADD);
	db_text(&query, ":id", inbound->id);
	db_int(&query, ":expires_at", inbound->expires_at);
	return db_run_one(&query, ERR_CONFLICT);
}

static struct query
ask_for_task(struct store *store, enum sql_query sql, const struct inbound *inbound)
{
	struct query query = db_query(store, sql);
	db_text(&query, ":external_id", inbound->external_id);
	db_text(&query, ":channel", inbound->channel);
	return query;
}

enum err_code
store_inbound_add(struct store *store, const struct inbound *inbound)
{
	bool asked = false;
	enum err_code err = inbound->id != NULL ? add_once(store, inbound) : ERR_OK;
	if (err != ERR_OK)
		return err;
	struct query query = ask_for_task(store, SQL_INBOUND_HURRY, inbound);
	err = db_run(&query);
	if (err != ERR_OK)
		return err;
	if (db_changes(store) > 0) {
		store->moved = true;
		return ERR_OK;
	}
	query = ask_for_task(store, SQL_INBOUND_ASKED, inbound);
	err = db_end_known(&query, &asked);
	return err == ERR_OK && asked ? ERR_BUSY : err;
}
