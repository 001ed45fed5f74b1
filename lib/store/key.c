/* API keys. A key is checked by its row in `token`, as a login is, so that each request costs the same; its
 * name, hint, expiry and last use are here. */
#include "store/key.h"

#include "store/db.h"

/* Binds all of a key that may change. */
static void
bind_key(struct query *query, const struct key *key)
{
	db_text(query, ":name", key->name);
	db_int(query, ":expires_at", key->expires_at);
	db_text(query, ":models", key->models != NULL ? key->models : "");
	db_text(query, ":addresses", key->addresses != NULL ? key->addresses : "");
	db_natural(query, ":max_open", key->max_open > 0 ? key->max_open : -1);
	db_natural(query, ":rate", key->rate > 0 ? key->rate : -1);
	db_text(query, ":scope", key_scope_word(key->scope));
	db_int(query, ":disabled", key->disabled);
}

/* When the key's token expires. */
static int64_t
token_expiry(const struct key *key)
{
	return key->expires_at > 0 ? key->expires_at : INT64_MAX;
}

enum err_code
store_key_add(struct store *store, int64_t user_id, const struct key *key,
              const uint8_t hash[CRYPTO_HASH_SIZE], int64_t *ret_id)
{
	struct query query = db_query(store, SQL_KEY_ADD);
	db_int(&query, ":user_id", user_id);
	db_text(&query, ":hint", key->hint);
	db_int(&query, ":created_at", key->created_at);
	bind_key(&query, key);
	enum err_code err = db_run(&query);
	if (err != ERR_OK)
		return err;
	int64_t id = db_inserted(store);
	query = db_query(store, SQL_TOKEN_ADD);
	db_hash(&query, ":hash", hash);
	db_int(&query, ":user_id", user_id);
	db_int(&query, ":created_at", key->created_at);
	db_int(&query, ":expires_at", token_expiry(key));
	db_natural(&query, ":key_id", id);
	db_int(&query, ":used_at", 0);
	db_text(&query, ":block", NULL);
	err = db_run(&query);
	if (err == ERR_OK)
		*ret_id = id;
	return err;
}

static void
read_key(struct query *query, struct arena *arena, void *ret_key)
{
	*(struct key *)ret_key = (struct key){
	    .id = db_column_int(query, 0),
	    .name = db_column_copy(query, arena, 1),
	    .hint = db_column_copy(query, arena, 2),
	    .created_at = db_column_int(query, 3),
	    .expires_at = db_column_int(query, 4),
	    .last_used_at = db_column_int(query, 5),
	    .models = db_column_copy(query, arena, 6),
	    .addresses = db_column_copy(query, arena, 7),
	    .max_open = db_column_int(query, 8),
	    .rate = db_column_int(query, 9),
	    .scope = key_scope_of(db_column_text(query, 10)),
	    .disabled = db_column_bool(query, 11),
	    .user_id = db_column_int(query, 12),
	};
}

enum err_code
store_key_list(struct store *store, struct arena *arena, int64_t user_id, struct key **ret_keys,
               size_t *ret_count)
{
	struct query query = db_query(store, SQL_KEY_LIST);
	db_int(&query, ":user_id", user_id);
	return db_end_list(&query, arena, read_key, sizeof(**ret_keys), ret_keys, ret_count);
}

enum err_code
store_key_remove(struct store *store, int64_t user_id, int64_t id)
{
	struct query query = db_query(store, SQL_KEY_OWNED);
	db_int(&query, ":id", id);
	db_int(&query, ":user_id", user_id);
	enum err_code err = db_end_found(&query, db_step(&query));
	if (err != ERR_OK)
		return err;
	err = db_run_id(store, SQL_WEBHOOK_END_KEY, id);
	if (err == ERR_OK)
		err = db_run_id(store, SQL_KEY_END, id);
	return err == ERR_OK ? db_run_id(store, SQL_KEY_REMOVE, id) : err;
}

static enum err_code
note_use(struct store *store, enum sql_query name, int64_t id, int64_t now)
{
	struct query query = db_query(store, name);
	db_int(&query, ":id", id);
	db_int(&query, ":now", now);
	return db_run(&query);
}

enum err_code
store_key_used(struct store *store, int64_t id, int64_t now)
{
	enum err_code err = note_use(store, SQL_KEY_USED, id, now);
	return err == ERR_OK ? note_use(store, SQL_KEY_USED_TOKEN, id, now) : err;
}

enum err_code
store_key_get(struct store *store, struct arena *arena, int64_t user_id, int64_t id, struct key *ret_key)
{
	struct query query = db_query(store, SQL_KEY_GET);
	db_int(&query, ":id", id);
	db_int(&query, ":user_id", user_id);
	return db_end_one(&query, arena, read_key, sizeof(*ret_key), ret_key);
}

enum err_code
store_key_set(struct store *store, const struct key *key)
{
	struct query query = db_query(store, SQL_KEY_SET);
	db_int(&query, ":id", key->id);
	bind_key(&query, key);
	enum err_code err = db_run_one(&query, ERR_NOT_FOUND);
	if (err != ERR_OK)
		return err;
	query = db_query(store, SQL_KEY_SET_TOKEN);
	db_int(&query, ":id", key->id);
	db_int(&query, ":expires_at", token_expiry(key));
	err = db_run(&query);
	return err == ERR_OK && key->disabled ? db_run_id(store, SQL_WEBHOOK_END_KEY, key->id) : err;
}

enum err_code
store_key_open(struct store *store, int64_t id, int64_t most, int64_t *ret_count)
{
	struct query query = db_query(store, SQL_KEY_OPEN);
	db_int(&query, ":id", id);
	db_int(&query, ":most", most);
	return db_end_number(&query, 0, ret_count);
}
