/* The feed: what has changed after a revision. One statement is one snapshot: a page never skips a change
 * that is committed while it is read. */
#include "store/feed.h"

#include <string.h>

#include "store/db.h"
#include "store/row.h"

enum err_code
store_feed_head(struct store *store, struct arena *arena, const char **ret_epoch, int64_t *ret_rev)
{
	const char *epoch = NULL;
	int64_t rev = 0;
	struct query query = db_query(store, SQL_DATABASE_HEAD);
	if (db_step(&query)) {
		epoch = db_column_copy(&query, arena, 0);
		rev = db_column_int(&query, 1);
	}
	enum err_code err = db_end(&query);
	if (err == ERR_OK && epoch == NULL)
		err = db_fail(store, ERR_CORRUPT);
	if (err != ERR_OK)
		return err;
	*ret_epoch = epoch;
	*ret_rev = rev;
	return ERR_OK;
}

enum err_code
store_feed_since(struct store *store, struct arena *arena, const struct feed_window *window,
                 struct task **ret_tasks, size_t *ret_count, bool *ret_more)
{
	struct db_list list = {0};
	int64_t size = 0;
	bool more = false;
	struct query query = db_query(store, SQL_FEED_SINCE);
	db_int(&query, ":user_id", window->user_id);
	db_int(&query, ":rev", window->rev);
	db_int(&query, ":most", window->limit + 1);
	while (db_step(&query)) {
		more = list.count > 0 && (list.count >= (size_t)window->limit || size >= window->bytes);
		if (more)
			break;
		struct task *task = db_append(&query, arena, &list, sizeof(*task));
		if (task == NULL)
			break;
		row_shown(&query, arena, task);
		if (query.err != ERR_OK)
			break;
		size += (int64_t)(strlen(task->prompt) + strlen(task->metadata));
	}
	enum err_code err = db_end(&query);
	if (err != ERR_OK)
		return err;
	*ret_tasks = list.items;
	*ret_count = list.count;
	*ret_more = more;
	return ERR_OK;
}

static void
read_change(struct query *query, struct arena *arena, void *ret_change)
{
	(void)arena;
	*(struct feed_change *)ret_change = (struct feed_change){
	    .user_id = db_column_int(query, 0),
	    .rev = db_column_int(query, 1),
	};
}

enum err_code
store_feed_changes(struct store *store, struct arena *arena, int64_t rev, struct feed_change **ret_changes,
                   size_t *ret_count)
{
	struct query query = db_query(store, SQL_FEED_CHANGES);
	db_int(&query, ":rev", rev);
	return db_end_list(&query, arena, read_change, sizeof(**ret_changes), ret_changes, ret_count);
}
