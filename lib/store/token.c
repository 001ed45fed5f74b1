/* Tokens, of logins and of API keys. */
#include "store/token.h"

#include "base/limits.h"
#include "store/db.h"
#include "store/rate.h"
#include "store/task_match.h"

enum err_code
store_token_add(struct store *store, const uint8_t hash[CRYPTO_HASH_SIZE], int64_t user_id, const char *block,
                int64_t now, int64_t expires_at)
{
	struct query query = db_query(store, SQL_TOKEN_ADD);
	db_hash(&query, ":hash", hash);
	db_int(&query, ":user_id", user_id);
	db_int(&query, ":created_at", now);
	db_int(&query, ":used_at", now);
	db_int(&query, ":expires_at", expires_at);
	db_natural(&query, ":key_id", -1);
	db_text(&query, ":block", block);
	return db_run(&query);
}

enum err_code
store_token_revoke(struct store *store, const uint8_t hash[CRYPTO_HASH_SIZE])
{
	struct query query = db_query(store, SQL_TOKEN_REVOKE);
	db_hash(&query, ":hash", hash);
	return db_run_one(&query, ERR_NOT_FOUND);
}

enum err_code
store_purge(struct store *store, int64_t now, int64_t most, int64_t *ret_count)
{
	int64_t tokens = 0, buckets = 0, places = 0, hashes = 0;
	struct query query = db_query(store, SQL_WEBHOOK_END_EXPIRED);
	db_int(&query, ":now", now);
	enum err_code err = db_run(&query);
	if (err == ERR_OK)
		err = db_purge(store, SQL_TOKEN_PURGE, now, most, &tokens);
	if (err == ERR_OK)
		err = store_rate_purge(store, now, most - tokens, &buckets);
	if (err == ERR_OK)
		err =
		    db_purge(store, SQL_PLACE_PURGE, now - LIMIT_PLACE_MS, most - tokens - buckets, &places);
	if (err == ERR_OK)
		err = store_prompts_forget(store, now - LIMIT_PROMPT_HASH_MS, most, &hashes);
	if (err == ERR_OK)
		*ret_count = tokens + buckets + places + hashes;
	return err;
}
