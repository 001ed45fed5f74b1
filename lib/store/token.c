/* Tokens and rate buckets: what comes, counts and is forgotten again. */
#include "base/limits.h"
#include "store/db.h"

enum { MINUTE_US = 60000000 };

enum err_code
store_token_add(struct store *store, const uint8_t hash[CRYPTO_HASH_SIZE], int64_t user_id, const char *block,
                int64_t now, int64_t expires_at)
{
	struct query query;
	db_query(store, SQL_TOKEN_ADD, &query);
	db_hash(&query, ":hash", hash);
	db_int(&query, ":user_id", user_id);
	db_int(&query, ":created_at", now);
	db_int(&query, ":expires_at", expires_at);
	db_natural(&query, ":key_id", -1);
	db_text(&query, ":block", block);
	return db_run(&query);
}

enum err_code
store_token_revoke(struct store *store, const uint8_t hash[CRYPTO_HASH_SIZE])
{
	struct query query;
	db_query(store, SQL_TOKEN_REVOKE, &query);
	db_hash(&query, ":hash", hash);
	enum err_code err = db_run(&query);
	if (err == ERR_OK && db_changes(store) == 0)
		err = ERR_NOT_FOUND;
	return err;
}

/* Ends a purge: how many rows are gone. */
static enum err_code
purge(struct store *store, enum sql_query name, int64_t now, int64_t most, int64_t *ret_count)
{
	struct query query;
	db_query(store, name, &query);
	db_int(&query, ":now", now);
	db_int(&query, ":most", most);
	enum err_code err = db_run(&query);
	if (err == ERR_OK)
		*ret_count = db_changes(store);
	return err;
}

enum err_code
store_purge(struct store *store, int64_t now, int64_t most, int64_t *ret_count)
{
	int64_t tokens = 0, buckets = 0, ahead = 0, places = 0;
	enum err_code err = purge(store, SQL_TOKEN_PURGE, now, most, &tokens);
	if (err == ERR_OK)
		err = purge(store, SQL_RATE_PURGE, now * 1000, most - tokens, &buckets);
	if (err == ERR_OK)
		err = purge(store, SQL_RATE_PURGE_AHEAD, now * 1000 + 2 * MINUTE_US, most - tokens - buckets,
		            &ahead);
	if (err == ERR_OK)
		err = purge(store, SQL_PLACE_PURGE, now - LIMIT_PLACE_MS, most - tokens - buckets - ahead,
		            &places);
	if (err == ERR_OK)
		*ret_count = tokens + buckets + ahead + places;
	return err;
}

/* What one costs, in microseconds: ms would make 7 a minute 8.57. */
static int64_t
cost(int64_t per_minute)
{
	return per_minute < MINUTE_US ? MINUTE_US / per_minute : 1;
}

static enum err_code
read_tat(struct store *store, const char *name, int64_t *ret_tat)
{
	struct query query;
	int64_t tat = 0;
	db_query(store, SQL_RATE_GET, &query);
	db_text(&query, ":bucket", name);
	if (db_step(&query))
		tat = db_column_int(&query, 0);
	enum err_code err = db_end(&query);
	if (err == ERR_OK)
		*ret_tat = tat;
	return err;
}

enum err_code
store_rate_take(struct store *store, const char *name, int64_t per_minute, int64_t now, int64_t *ret_wait_ms)
{
	if (per_minute <= 0) {
		*ret_wait_ms = 0;
		return ERR_OK;
	}
	int64_t now_us = now * 1000, one = cost(per_minute), all = one * per_minute, tat = 0;
	enum err_code err = read_tat(store, name, &tat);
	if (err != ERR_OK)
		return err;
	/* Further ahead than that of an empty bucket it can be only after the clock was set back, or where
	 * another has waited less for the lock. By the clock it may be far, and nothing would get in until
	 * that time has come again: the bucket begins anew. */
	if (tat < now_us || tat > now_us + 2 * all)
		tat = now_us;
	else if (tat > now_us + all)
		tat = now_us + all;
	tat += one;
	if (tat > now_us + all) {
		*ret_wait_ms = (tat - now_us - all + 999) / 1000;
		return ERR_RATE_LIMITED;
	}
	struct query query;
	db_query(store, SQL_RATE_SET, &query);
	db_text(&query, ":bucket", name);
	db_int(&query, ":tat", tat);
	err = db_run(&query);
	if (err == ERR_OK)
		*ret_wait_ms = 0;
	return err;
}

enum err_code
store_rate_refund(struct store *store, const char *name, int64_t per_minute)
{
	if (per_minute <= 0)
		return ERR_OK;
	struct query query;
	db_query(store, SQL_RATE_REFUND, &query);
	db_text(&query, ":bucket", name);
	db_int(&query, ":interval", cost(per_minute));
	return db_run(&query);
}
