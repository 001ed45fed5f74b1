/* The health of channels, shared by all programs. */
#include "store/sqlite/db.h"

enum err_code
store_channel_health(struct store *store, const char *channel, struct channel_health *ret_health)
{
	struct query query;
	struct channel_health health = {0};
	db_query(store, SQL_CHANNEL_GET, &query);
	db_text(&query, ":name", channel);
	if (db_step(&query)) {
		health.failures = sqlite3_column_int64(query.stmt, 0);
		health.cooldown_until = sqlite3_column_int64(query.stmt, 1);
	}
	enum err_code err = db_end(&query);
	if (err == ERR_OK)
		*ret_health = health;
	return err;
}

enum err_code
store_channel_set_health(struct store *store, const char *channel, const struct channel_health *health)
{
	struct query query;
	db_query(store, SQL_CHANNEL_SET, &query);
	db_text(&query, ":name", channel);
	db_int(&query, ":failures", health->failures);
	db_int(&query, ":cooldown_until", health->cooldown_until);
	return db_run(&query);
}
