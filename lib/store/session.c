/* Sessions: the tokens of logins. */
#include "store/session.h"

#include "store/db.h"

static void
read_session(struct query *query, struct arena *arena, void *ret_session)
{
	struct session *session = ret_session;
	*session = (struct session){
	    .created_at = db_column_int(query, 1),
	    .used_at = db_column_int(query, 2),
	    .expires_at = db_column_int(query, 3),
	    .block = db_column_copy(query, arena, 4),
	};
	db_column_hash(query, 0, session->hash);
}

enum err_code
store_session_list(struct store *store, struct arena *arena, int64_t user_id, int64_t now,
                   struct session **ret_sessions, size_t *ret_count)
{
	struct query query = db_query(store, SQL_TOKEN_LIST);
	db_int(&query, ":user_id", user_id);
	db_int(&query, ":now", now);
	return db_end_list(&query, arena, read_session, sizeof(**ret_sessions), ret_sessions, ret_count);
}

enum err_code
store_session_trim(struct store *store, int64_t user_id, const uint8_t keep[CRYPTO_HASH_SIZE], int64_t most)
{
	struct query query = db_query(store, SQL_TOKEN_TRIM);
	db_int(&query, ":user_id", user_id);
	db_hash(&query, ":keep", keep);
	db_int(&query, ":most", most);
	return db_run(&query);
}

enum err_code
store_session_end_others(struct store *store, int64_t user_id, const uint8_t *keep, int64_t *ret_count)
{
	static const uint8_t none[CRYPTO_HASH_SIZE];
	struct query query = db_query(store, SQL_TOKEN_REVOKE_ALL);
	db_int(&query, ":user_id", user_id);
	db_hash(&query, ":keep", keep != NULL ? keep : none);
	enum err_code err = db_run(&query);
	if (err == ERR_OK)
		*ret_count = db_changes(store);
	return err;
}

enum err_code
store_session_used(struct store *store, const uint8_t hash[CRYPTO_HASH_SIZE], int64_t now)
{
	struct query query = db_query(store, SQL_TOKEN_USED);
	db_hash(&query, ":hash", hash);
	db_int(&query, ":now", now);
	return db_run(&query);
}
