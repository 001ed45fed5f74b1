/* The health of models at channels: see channel_model.h. */
#include "store/channel_model.h"

#include "store/db.h"

enum { MODELS_MOST = 100 /* rows of a channel */ };

/* A statement about a channel and a model. */
static struct query
query_of(struct store *store, enum sql_query name, const char *channel, const char *model)
{
	struct query query = db_query(store, name);
	db_text(&query, ":name", channel);
	db_text(&query, ":model", model != NULL ? model : "");
	return query;
}

enum err_code
store_channel_model(struct store *store, const char *channel, const char *model,
                    struct model_health *ret_health)
{
	struct model_health health = {0};
	struct query query = query_of(store, SQL_CHANNEL_MODEL_GET, channel, model);
	if (db_step(&query)) {
		health.failures = db_column_int(&query, 0);
		health.until = db_column_int(&query, 1);
		health.asked_until = db_column_int(&query, 2);
		health.task = db_column_int(&query, 3);
		health.probe = db_column_int(&query, 4);
		health.accepted_at = db_column_int(&query, 5);
		health.failed_at = db_column_int(&query, 6);
		health.throttled = db_column_bool(&query, 7);
		health.user = db_column_int(&query, 8);
	}
	enum err_code err = db_end(&query);
	if (err == ERR_OK)
		*ret_health = health;
	return err;
}

enum err_code
store_channel_set_model(struct store *store, const char *channel, const char *model,
                        const struct model_health *health, int64_t now)
{
	struct query query = query_of(store, SQL_CHANNEL_MODEL_SET, channel, model);
	db_int(&query, ":failures", health->failures);
	db_int(&query, ":until", health->until);
	db_int(&query, ":asked_until", health->asked_until);
	db_int(&query, ":task_id", health->task);
	db_int(&query, ":probe", health->probe);
	db_int(&query, ":accepted_at", health->accepted_at);
	db_int(&query, ":failed_at", health->failed_at);
	db_int(&query, ":throttled", health->throttled);
	db_int(&query, ":user_id", health->user);
	enum err_code err = db_run(&query);
	if (err != ERR_OK)
		return err;
	query = db_query(store, SQL_CHANNEL_MODEL_TRIM);
	db_text(&query, ":name", channel);
	db_int(&query, ":now", now);
	db_int(&query, ":most", MODELS_MOST);
	return db_run(&query);
}

static void
read_cooldown(struct query *query, struct arena *arena, void *ret_cooldown)
{
	*(struct model_cooldown *)ret_cooldown = (struct model_cooldown){
	    .channel = db_column_copy(query, arena, 0),
	    .model = db_column_copy(query, arena, 1),
	    .failures = db_column_int(query, 2),
	    .until = db_column_int(query, 3),
	    .throttled = db_column_bool(query, 4),
	};
}

enum err_code
store_channel_resting(struct store *store, struct arena *arena, const char *channel, int64_t now,
                      struct model_cooldown **ret_list, size_t *ret_count)
{
	struct query query = db_query(store, SQL_CHANNEL_MODEL_RESTING);
	db_text(&query, ":name", channel);
	db_int(&query, ":now", now);
	return db_end_list(&query, arena, read_cooldown, sizeof(**ret_list), ret_list, ret_count);
}
