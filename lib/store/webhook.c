/* The endpoints of users. Deliveries to them are in delivery.c. */
#include "store/webhook.h"

#include "store/db.h"

static void
bind_key(struct query *query, const struct webhook *webhook)
{
	db_natural(query, ":key_id", webhook->key_id > 0 ? webhook->key_id : -1);
}

enum err_code
store_webhook_add(struct store *store, int64_t user_id, const struct webhook *webhook, int64_t *ret_id)
{
	struct query query = db_query(store, SQL_WEBHOOK_ADD);
	db_int(&query, ":user_id", user_id);
	db_text(&query, ":url", webhook->url);
	db_int(&query, ":completed", webhook->completed);
	db_int(&query, ":failed", webhook->failed);
	db_text(&query, ":secret", webhook->secret);
	db_int(&query, ":created_at", webhook->created_at);
	bind_key(&query, webhook);
	enum err_code err = db_run(&query);
	if (err == ERR_OK)
		*ret_id = db_inserted(store);
	return err;
}

static void
read_webhook(struct query *query, struct arena *arena, void *ret_webhook)
{
	*(struct webhook *)ret_webhook = (struct webhook){
	    .id = db_column_int(query, 0),
	    .url = db_column_copy(query, arena, 1),
	    .completed = db_column_bool(query, 2),
	    .failed = db_column_bool(query, 3),
	    .enabled = db_column_bool(query, 4),
	    .note = db_column_copy(query, arena, 5),
	    .failing_since = db_column_int(query, 6),
	    .created_at = db_column_int(query, 7),
	    .secret = db_column_copy(query, arena, 8),
	    .old_until = db_column_int(query, 9),
	    .key_id = db_column_int(query, 10),
	    .key_name = db_column_copy(query, arena, 11),
	};
}

enum err_code
store_webhook_list(struct store *store, struct arena *arena, int64_t user_id, struct webhook **ret_webhooks,
                   size_t *ret_count)
{
	struct query query = db_query(store, SQL_WEBHOOK_LIST);
	db_int(&query, ":user_id", user_id);
	return db_end_list(&query, arena, read_webhook, sizeof(**ret_webhooks), ret_webhooks, ret_count);
}

enum err_code
store_webhook_get(struct store *store, struct arena *arena, int64_t user_id, int64_t id,
                  struct webhook *ret_webhook)
{
	struct query query = db_query(store, SQL_WEBHOOK_GET);
	db_int(&query, ":id", id);
	db_int(&query, ":user_id", user_id);
	return db_end_one(&query, arena, read_webhook, sizeof(*ret_webhook), ret_webhook);
}

enum err_code
store_webhook_set(struct store *store, const struct webhook *webhook)
{
	struct query query = db_query(store, SQL_WEBHOOK_SET);
	db_int(&query, ":id", webhook->id);
	db_text(&query, ":url", webhook->url);
	db_int(&query, ":completed", webhook->completed);
	db_int(&query, ":failed", webhook->failed);
	db_int(&query, ":enabled", webhook->enabled);
	bind_key(&query, webhook);
	return db_run_one(&query, ERR_NOT_FOUND);
}

enum err_code
store_webhook_rotate(struct store *store, const struct webhook *webhook)
{
	struct query query = db_query(store, SQL_WEBHOOK_ROTATE);
	db_int(&query, ":id", webhook->id);
	db_text(&query, ":secret", webhook->secret);
	db_int(&query, ":old_until", webhook->old_until);
	bind_key(&query, webhook);
	return db_run_one(&query, ERR_NOT_FOUND);
}

enum err_code
store_webhook_delete(struct store *store, int64_t id)
{
	struct query query = db_query(store, SQL_WEBHOOK_DELETE);
	db_int(&query, ":id", id);
	return db_run_one(&query, ERR_NOT_FOUND);
}

enum err_code
store_webhook_works(struct store *store, int64_t id)
{
	return db_run_id(store, SQL_WEBHOOK_WORKS, id);
}

enum err_code
store_webhook_fails(struct store *store, const struct delivery *delivery, int64_t *ret_failing_since)
{
	int64_t since = 0;
	struct query query = db_query(store, SQL_WEBHOOK_FAILS);
	db_int(&query, ":id", delivery->webhook_id);
	db_text(&query, ":url", delivery->url);
	db_int(&query, ":now", delivery->tried_at);
	bool found = db_step(&query);
	if (found)
		since = db_column_int(&query, 0);
	enum err_code err = db_end_found(&query, found);
	if (err != ERR_OK)
		return err;
	*ret_failing_since = since;
	return ERR_OK;
}

enum err_code
store_webhook_disable(struct store *store, int64_t id, const char *note)
{
	struct query query = db_query(store, SQL_WEBHOOK_DISABLE);
	db_int(&query, ":id", id);
	db_text(&query, ":note", note);
	return db_run(&query);
}
