/* Lists and counts. Each combination of what a filter and a page ask for is a statement of its own, made by
 * embed.awk of the fixed pieces in list.sql, and prepared when first asked for. */
#include "store/list.h"

#include <string.h>

#include "store/row.h"
#include "store/walk.h"

enum { KINDS = 20000 /* rows of the tally that are added up */ };

/* True where an index has what is asked for, and nothing else. */
static bool
is_exact(const struct task_filter *filter, const struct task_page *page)
{
	bool both = filter->status != TASK_STATUS__MAX && filter->model != NULL;
	return filter->text == NULL && filter->user_id != 0 && !both && filter->media_type == NULL &&
	       page->order == TASK_BY_CREATED;
}

static enum err_code
list_exactly(struct store *store, struct arena *arena, const struct task_filter *filter,
             const struct task_page *page, struct task_found *ret_found)
{
	unsigned shape = (filter->status != TASK_STATUS__MAX ? LIST_PAGE_STATUS : 0) |
	                 (filter->model != NULL ? LIST_PAGE_MODEL : 0) |
	                 (page->ascending ? LIST_PAGE_ASCENDING : 0);
	struct query query = db_query(store, SQL_LIST_PAGE + shape);
	db_int(&query, ":user_id", filter->user_id);
	if (filter->status != TASK_STATUS__MAX)
		db_text(&query, ":status", task_status_word(filter->status));
	if (filter->model != NULL)
		db_text(&query, ":model", filter->model);
	db_int(&query, ":after", page->after != 0 ? page->after : page->ascending ? 0 : INT64_MAX);
	db_int(&query, ":limit", page->limit);
	db_int(&query, ":offset", page->offset);
	return row_list_shown(&query, arena, &ret_found->tasks, &ret_found->count);
}

/* Takes the media type out of the filter where all tasks are of it: no index has it. */
static enum err_code
simplify(struct store *store, struct task_filter *filter, int64_t total)
{
	struct task_filter any = *filter;
	int64_t all = -1;
	any.media_type = NULL;
	enum err_code err = filter->media_type != NULL ? store_task_count(store, &any, &all) : ERR_OK;
	if (err == ERR_OK && total >= 0 && all == total)
		filter->media_type = NULL;
	return err;
}

enum err_code
store_task_list(struct store *store, struct arena *arena, const struct task_filter *filter,
                const struct task_page *page, struct task_found *ret_found)
{
	struct task_filter simple = *filter;
	struct task_found found = {0};
	int64_t total = -1;
	enum err_code err = store_task_count(store, filter, &total);
	if (err == ERR_OK)
		err = simplify(store, &simple, total);
	if (err != ERR_OK)
		return err;
	found.total = filter->text == NULL ? total : -1;
	bool none = total == 0 || (total > 0 && page->after == 0 && page->offset >= total);
	if (!none && page->offset > LIST_OFFSET)
		found.stopped = INT64_MAX;
	else if (!none && is_exact(&simple, page))
		err = list_exactly(store, arena, &simple, page, &found);
	else if (!none)
		err = walk_tasks(store, arena, &simple, page, total, &found);
	if (err == ERR_OK)
		*ret_found = found;
	return err;
}

enum err_code
store_task_shown(struct store *store, struct arena *arena, int64_t user_id, const char *video_id,
                 struct task *ret_task)
{
	struct query query = db_query(store, SQL_LIST_ONE);
	db_int(&query, ":user_id", user_id);
	db_text(&query, ":video_id", video_id);
	enum err_code err = db_end_one(&query, arena, row_shown, sizeof(*ret_task), ret_task);
	return err == ERR_NOT_FOUND ? ERR_TASK_NOT_FOUND : err;
}

enum err_code
store_task_requested(struct store *store, struct arena *arena, int64_t user_id, const char *client_request_id,
                     struct task *ret_task)
{
	struct query query = db_query(store, SQL_LIST_REQUESTED);
	db_int(&query, ":user_id", user_id);
	db_text(&query, ":client_request_id", client_request_id);
	return db_end_one(&query, arena, row_shown, sizeof(*ret_task), ret_task);
}

enum err_code
store_task_count(struct store *store, const struct task_filter *filter, int64_t *ret_count)
{
	bool any = filter->status == TASK_STATUS__MAX;
	int64_t count = 0, kinds = 0;
	struct query query = db_query(store, SQL_LIST_TALLY + (filter->user_id != 0 ? LIST_TALLY_USER : 0));
	if (filter->user_id != 0)
		db_int(&query, ":user_id", filter->user_id);
	db_text(&query, ":model", filter->model);
	db_text(&query, ":media_type", filter->media_type);
	db_text(&query, ":status", any ? NULL : task_status_word(filter->status));
	db_int(&query, ":most", KINDS);
	if (db_step(&query)) {
		count = db_column_int(&query, 0);
		kinds = db_column_int(&query, 1);
	}
	*ret_count = kinds < KINDS ? count : -1;
	return db_end(&query);
}
