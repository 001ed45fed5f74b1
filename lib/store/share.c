/* Shares of the polled tasks; see share.h. */
#include "store/share.h"

#include "store/db.h"
#include "store/row.h"

enum err_code
store_share_list(struct store *store, struct arena *arena, struct share ret_shares[SHARES])
{
	int count = 0;
	struct query query = db_query(store, SQL_SHARE_LIST);
	while (db_step(&query)) {
		int64_t n = db_column_int(&query, 0);
		if (n != count || count >= SHARES)
			break;
		ret_shares[count++] = (struct share){.owner = db_column_copy(&query, arena, 1),
		                                     .looked_until = db_column_int(&query, 2)};
	}
	enum err_code err = db_end(&query);
	return err == ERR_OK && count != SHARES ? db_fail(store, ERR_CORRUPT) : err;
}

enum err_code
store_share_set(struct store *store, int n, const char *owner, int64_t looked_until)
{
	struct query query = db_query(store, SQL_SHARE_SET);
	db_int(&query, ":n", n);
	db_text(&query, ":owner", owner);
	db_int(&query, ":looked_until", looked_until);
	return db_run_one(&query, ERR_CORRUPT);
}

enum err_code
store_share_idle(struct store *store, int64_t now, bool *ret_idle)
{
	struct query query = db_query(store, SQL_SHARE_IDLE);
	db_int(&query, ":now", now);
	return db_end_known(&query, ret_idle);
}

enum err_code
store_share_lag(struct store *store, int64_t now, int64_t *ret_looked_until)
{
	struct query query = db_query(store, SQL_SHARE_LAG);
	db_int(&query, ":now", now);
	return db_end_number(&query, INT64_MAX, ret_looked_until);
}

enum err_code
store_poller_extend(struct store *store, const char *owner, int64_t until, bool stays)
{
	struct query query = db_query(store, SQL_SHARE_POLLER_PUT);
	db_text(&query, ":owner", owner);
	db_int(&query, ":until", until);
	db_int(&query, ":stays", stays);
	return db_run(&query);
}

enum err_code
store_poller_known(struct store *store, const char *owner, bool *ret_known)
{
	struct query query = db_query(store, SQL_SHARE_POLLER_KNOWN);
	db_text(&query, ":owner", owner);
	return db_end_known(&query, ret_known);
}

enum err_code
store_poller_purge(struct store *store, int64_t now)
{
	struct query query = db_query(store, SQL_SHARE_POLLER_PURGE);
	db_int(&query, ":now", now);
	enum err_code err = db_run(&query);
	if (err != ERR_OK)
		return err;
	query = db_query(store, SQL_SHARE_FREE);
	return db_run(&query);
}

enum err_code
store_poller_remove(struct store *store, const char *owner)
{
	struct query query = db_query(store, SQL_SHARE_POLLER_REMOVE);
	db_text(&query, ":owner", owner);
	return db_run(&query);
}

enum err_code
store_poller_count(struct store *store, const char *owner, int64_t *ret_count)
{
	struct query query = db_query(store, SQL_SHARE_POLLER_COUNT);
	db_text(&query, ":owner", owner);
	return db_end_number(&query, 0, ret_count);
}

/* ---- their tasks ---- */

static enum err_code
each_task(struct store *store, enum sql_query name, uint64_t shares, share_task_fn *fn, void *cookie)
{
	struct query query = db_query(store, name);
	db_int(&query, ":shares", (int64_t)shares);
	while (db_step(&query)) {
		struct task task;
		row_polled(&query, &task);
		if (query.err != ERR_OK)
			break;
		fn(cookie, &task);
	}
	return db_end(&query);
}

enum err_code
store_share_tasks(struct store *store, uint64_t shares, share_task_fn *fn, void *cookie)
{
	enum err_code err = each_task(store, SQL_SHARE_RUNNING, shares, fn, cookie);
	return err == ERR_OK ? each_task(store, SQL_SHARE_LATE, shares, fn, cookie) : err;
}

enum err_code
store_share_task(struct store *store, struct arena *arena, int64_t id, struct task *ret_task)
{
	struct query query = db_query(store, SQL_SHARE_TASK);
	db_int(&query, ":id", id);
	return row_one(&query, arena, ret_task);
}

static void
read_change(struct query *query, struct arena *arena, void *ret_change)
{
	(void)arena;
	*(struct share_change *)ret_change = (struct share_change){
	    .id = db_column_int(query, 0),
	    .rev = db_column_int(query, 1),
	    .polled = db_column_bool(query, 2),
	};
}

enum err_code
store_share_changes(struct store *store, struct arena *arena, int64_t rev, int64_t most,
                    struct share_change **ret_changes, size_t *ret_count)
{
	struct query query = db_query(store, SQL_SHARE_CHANGES);
	db_int(&query, ":rev", rev);
	db_int(&query, ":most", most);
	return db_end_list(&query, arena, read_change, sizeof(**ret_changes), ret_changes, ret_count);
}

static void
read_asked(struct query *query, struct arena *arena, void *ret_asked)
{
	(void)arena;
	*(struct share_asked *)ret_asked =
	    (struct share_asked){.id = db_column_int(query, 0), .due_at = db_column_int(query, 1)};
}

enum err_code
store_share_asked(struct store *store, struct arena *arena, int64_t after, int64_t most,
                  struct share_asked **ret_asked, size_t *ret_count)
{
	struct query query = db_query(store, SQL_SHARE_ASKED);
	db_int(&query, ":after", after);
	db_int(&query, ":most", most);
	return db_end_list(&query, arena, read_asked, sizeof(**ret_asked), ret_asked, ret_count);
}

enum err_code
store_share_due(struct store *store, int64_t id, int64_t *ret_due_at)
{
	struct query query = db_query(store, SQL_SHARE_DUE);
	db_int(&query, ":id", id);
	return db_end_number(&query, 0, ret_due_at);
}
