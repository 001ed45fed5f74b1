/* Lists and counts. Each combination of what a filter and a page ask for is a statement of its own, made by
 * embed.awk of the fixed pieces in list.sql, and prepared when first asked for. */
#include "store/list.h"

#include "store/list_query.h"
#include "store/row.h"

/* What the filter asks for. */
static unsigned
shape_of(const struct task_filter *filter)
{
	return (filter->user_id != 0 ? LIST_PAGE_USER : 0) |
	       (filter->status != TASK_STATUS__MAX ? LIST_PAGE_STATUS : 0) |
	       (filter->model != NULL ? LIST_PAGE_MODEL : 0) |
	       (filter->media_type != NULL ? LIST_PAGE_MEDIA_TYPE : 0);
}

static void
bind_filter(struct query *query, const struct task_filter *filter)
{
	if (filter->user_id != 0)
		db_int(query, ":user_id", filter->user_id);
	if (filter->status != TASK_STATUS__MAX)
		db_text(query, ":status", task_status_word(filter->status));
	if (filter->model != NULL)
		db_text(query, ":model", filter->model);
	if (filter->media_type != NULL)
		db_text(query, ":media_type", filter->media_type);
}

struct query
list_query(struct store *store, const struct task_filter *filter, const struct task_page *page)
{
	unsigned shape = shape_of(filter) | (page->order == TASK_BY_UPDATED ? LIST_PAGE_UPDATED : 0) |
	                 (page->ascending ? LIST_PAGE_ASCENDING : 0);
	int64_t start_at = page->ascending ? 0 : INT64_MAX;

	struct query query = db_query(store, SQL_LIST_PAGE + shape);
	bind_filter(&query, filter);
	db_int(&query, ":after", page->after != 0 ? page->after : start_at);
	db_int(&query, ":limit", page->limit);
	db_int(&query, ":offset", page->offset);
	return query;
}

enum err_code
store_task_list(struct store *store, struct arena *arena, const struct task_filter *filter,
                const struct task_page *page, struct task **ret_tasks, size_t *ret_count)
{
	struct query query = list_query(store, filter, page);
	return row_list_shown(&query, arena, ret_tasks, ret_count);
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
	struct query query = db_query(store, SQL_LIST_TALLY + (filter->user_id != 0 ? LIST_TALLY_USER : 0));
	if (filter->user_id != 0)
		db_int(&query, ":user_id", filter->user_id);
	db_text(&query, ":model", filter->model);
	db_text(&query, ":media_type", filter->media_type);
	db_text(&query, ":status", any ? NULL : task_status_word(filter->status));
	return db_end_number(&query, 0, ret_count);
}
