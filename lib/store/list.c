/* Lists and counts. Each combination of what a filter and a page ask for is a statement of its own, composed
 * of the fixed pieces below and never of a client's words; it is prepared when first asked for, and kept. The
 * index is named, so that neither statistics nor another SQLite can choose a slow one. */
#include <assert.h>
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "store/db.h"
#include "store/list.h"
#include "store/row.h"

enum { TEXT_MAX = 1024 };

static_assert(LIST__MAX == (int)DB_LISTS && LIST_TEXT == (int)DB_COUNTS, "a place for each statement");

static unsigned
shape_of(const struct task_filter *filter)
{
	return (filter->user_id != 0 ? LIST_USER : 0) |
	       (filter->status != TASK_STATUS__MAX ? LIST_STATUS : 0) |
	       (filter->model != NULL ? LIST_MODEL : 0) | (filter->media_type != NULL ? LIST_MEDIA_TYPE : 0) |
	       (filter->text != NULL ? LIST_TEXT : 0);
}

/* The index that leads straight to the tasks in their order. Where model and status are both asked for,
 * status is the narrower one wherever it matters: few tasks are open or have failed. */
static const char *
index_of(unsigned shape)
{
	if (shape & LIST_UPDATED) {
		if ((shape & LIST_USER) == 0)
			return "INDEXED BY task_rev";
		return shape & LIST_STATUS ? "INDEXED BY task_user_status_rev" : "INDEXED BY task_user_rev";
	}
	if ((shape & LIST_USER) == 0)
		return shape & LIST_STATUS ? "INDEXED BY task_status" : "NOT INDEXED";
	if (shape & LIST_STATUS)
		return "INDEXED BY task_user_status";
	return shape & LIST_MODEL ? "INDEXED BY task_user_model" : "INDEXED BY task_user";
}

static void
compose_where(struct buf *sql, unsigned shape)
{
	buf_addf(sql, " FROM task %s WHERE", index_of(shape));
	buf_adds(sql, shape & LIST_UPDATED ? " rev" : " id");
	buf_adds(sql, shape & LIST_ASCENDING ? " > :after" : " < :after");
	buf_adds(sql, " AND deleted = 0");
	if (shape & LIST_USER)
		buf_adds(sql, " AND user_id = :user_id");
	if (shape & LIST_STATUS)
		buf_adds(sql, " AND status = :status");
	if (shape & LIST_MODEL)
		buf_adds(sql, " AND model = :model");
	if (shape & LIST_MEDIA_TYPE)
		buf_adds(sql, " AND media_type = :media_type");
	if (shape & LIST_TEXT)
		buf_adds(sql, " AND instr(lower(prompt), lower(:text)) > 0"); /* LIKE takes far longer */
}

bool
list_compose(unsigned shape, bool count, struct buf *sql)
{
	buf_adds(sql, count ? "SELECT count(*)" : "SELECT *");
	compose_where(sql, shape);
	if (!count)
		buf_addf(sql, " ORDER BY %s %s LIMIT :limit OFFSET :offset",
		         shape & LIST_UPDATED ? "rev" : "id", shape & LIST_ASCENDING ? "ASC" : "DESC");
	return !sql->failed;
}

/* Starts the statement of `shape`; it is composed only where it is not there yet. */
static void
start(struct store *store, unsigned shape, bool count, struct query *ret_query)
{
	/* Only what can differ counts: a count is made with a text, in ascending order of ids. */
	void **cache = count ? &store->counts[shape & (DB_COUNTS - 1)] : &store->lists[shape];
	struct buf sql;
	buf_init(&sql, TEXT_MAX);
	bool ok = *cache != NULL || list_compose(shape, count, &sql);
	db_query_text(store, cache, ok ? buf_str(&sql) : NULL, ret_query);
	buf_free(&sql);
}

static void
bind_filter(struct query *query, unsigned shape, const struct task_filter *filter)
{
	if (shape & LIST_USER)
		db_int(query, ":user_id", filter->user_id);
	if (shape & LIST_STATUS)
		db_text(query, ":status", task_status_word(filter->status));
	if (shape & LIST_MODEL)
		db_text(query, ":model", filter->model);
	if (shape & LIST_MEDIA_TYPE)
		db_text(query, ":media_type", filter->media_type);
	if (shape & LIST_TEXT)
		db_text(query, ":text", filter->text);
}

enum err_code
store_task_list(struct store *store, struct arena *arena, const struct task_filter *filter,
                const struct task_page *page, struct task **ret_tasks, size_t *ret_count)
{
	struct row_list list = {0};
	struct query query;
	unsigned shape = shape_of(filter) | (page->order == TASK_BY_UPDATED ? LIST_UPDATED : 0) |
	                 (page->ascending ? LIST_ASCENDING : 0);
	int64_t start_at = page->ascending ? 0 : INT64_MAX;

	start(store, shape, false, &query);
	bind_filter(&query, shape, filter);
	db_int(&query, ":after", page->after != 0 ? page->after : start_at);
	db_int(&query, ":limit", page->limit);
	db_int(&query, ":offset", page->offset);
	while (db_step(&query) && row_append(&query, arena, &list) != NULL)
		;
	enum err_code err = db_end(&query);
	if (err != ERR_OK)
		return err;
	*ret_tasks = list.tasks;
	*ret_count = list.count;
	return ERR_OK;
}

/* The count from the tally. */
static void
start_tally(struct store *store, const struct task_filter *filter, struct query *ret_query)
{
	bool any = filter->status == TASK_STATUS__MAX;
	db_query(store, filter->user_id != 0 ? SQL_TALLY_USER : SQL_TALLY_ALL, ret_query);
	if (filter->user_id != 0)
		db_int(ret_query, ":user_id", filter->user_id);
	db_text(ret_query, ":model", filter->model);
	db_text(ret_query, ":media_type", filter->media_type);
	db_text(ret_query, ":status", any ? NULL : task_status_word(filter->status));
}

enum err_code
store_task_count(struct store *store, const struct task_filter *filter, int64_t *ret_count)
{
	struct query query;
	int64_t count = 0;
	if (filter->text == NULL) {
		start_tally(store, filter, &query);
	} else {
		unsigned shape = shape_of(filter) | LIST_ASCENDING;
		start(store, shape, true, &query);
		bind_filter(&query, shape, filter);
		db_int(&query, ":after", 0);
	}
	if (db_step(&query))
		count = db_column_int(&query, 0);
	enum err_code err = db_end(&query);
	if (err == ERR_OK)
		*ret_count = count;
	return err;
}
