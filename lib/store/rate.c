/* Rate buckets. */
#include "store/rate.h"

#include "store/db.h"

enum { MINUTE_US = 60000000 };

/* Returns the cost of one, in microseconds: ms would make 7 a minute 8.57. */
static int64_t
cost(int64_t per_minute)
{
	return per_minute < MINUTE_US ? MINUTE_US / per_minute : 1;
}

static enum err_code
read_tat(struct store *store, const char *name, int64_t *ret_tat)
{
	struct query query = db_query(store, SQL_RATE_GET);
	db_text(&query, ":bucket", name);
	return db_end_number(&query, 0, ret_tat);
}

enum err_code
store_rate_take(struct store *store, const char *name, int64_t per_minute, int64_t now, int64_t *ret_wait_ms)
{
	return store_rate_take_several(store, name, per_minute, 1, now, ret_wait_ms);
}

struct weight {
	int64_t tat, wait_ms;
};

/* Reads what taking `count` would make of the bucket; ERR_RATE_LIMITED where it does not hold as many. */
static enum err_code
weigh(struct store *store, const char *name, int64_t per_minute, int64_t count, int64_t now,
      struct weight *ret_weight)
{
	int64_t now_us = now * 1000, one = cost(per_minute), all = one * per_minute, tat = 0;
	enum err_code err = read_tat(store, name, &tat);
	if (err != ERR_OK)
		return err;
	/* A time further ahead than that of an empty bucket comes from a clock that was set back, or from
	 * another process that has waited less for the lock. After the former it may be far ahead, and
	 * nothing would get in until then: the bucket begins anew. */
	if (tat < now_us || tat > now_us + 2 * all)
		tat = now_us;
	else if (tat > now_us + all)
		tat = now_us + all;
	tat += one * count;
	if (tat > now_us + all) {
		ret_weight->wait_ms = (tat - now_us - all + 999) / 1000;
		return ERR_RATE_LIMITED;
	}
	ret_weight->tat = tat;
	return ERR_OK;
}

enum err_code
store_rate_check(struct store *store, const char *name, int64_t per_minute, int64_t count, int64_t now,
                 int64_t *ret_wait_ms)
{
	struct weight weight = {0};
	enum err_code err = per_minute > 0 ? weigh(store, name, per_minute, count, now, &weight) : ERR_OK;
	if (err == ERR_OK || err == ERR_RATE_LIMITED)
		*ret_wait_ms = weight.wait_ms;
	return err;
}

enum err_code
store_rate_take_several(struct store *store, const char *name, int64_t per_minute, int64_t count, int64_t now,
                        int64_t *ret_wait_ms)
{
	struct weight weight = {0};
	enum err_code err = per_minute > 0 ? weigh(store, name, per_minute, count, now, &weight) : ERR_OK;
	if (err == ERR_OK || err == ERR_RATE_LIMITED)
		*ret_wait_ms = weight.wait_ms;
	if (err != ERR_OK || per_minute <= 0)
		return err;
	struct query query = db_query(store, SQL_RATE_SET);
	db_text(&query, ":bucket", name);
	db_int(&query, ":tat", weight.tat);
	return db_run(&query);
}

enum err_code
store_rate_count(struct store *store, const char *least, const char *end, int64_t now, int64_t most,
                 int64_t *ret_count)
{
	struct query query = db_query(store, SQL_RATE_COUNT);
	db_text(&query, ":least", least);
	db_text(&query, ":end", end);
	db_int(&query, ":now", now * 1000);
	db_int(&query, ":most", most);
	return db_end_number(&query, 0, ret_count);
}

enum err_code
store_rate_refund(struct store *store, const char *name, int64_t per_minute)
{
	if (per_minute <= 0)
		return ERR_OK;
	struct query query = db_query(store, SQL_RATE_REFUND);
	db_text(&query, ":bucket", name);
	db_int(&query, ":interval", cost(per_minute));
	return db_run(&query);
}

enum err_code
store_rate_purge(struct store *store, int64_t now, int64_t most, int64_t *ret_count)
{
	int64_t full = 0, ahead = 0;
	enum err_code err = db_purge(store, SQL_RATE_PURGE, now * 1000, most, &full);
	if (err == ERR_OK)
		err = db_purge(store, SQL_RATE_PURGE_AHEAD, now * 1000 + 2 * MINUTE_US, most - full, &ahead);
	if (err == ERR_OK)
		*ret_count = full + ahead;
	return err;
}
