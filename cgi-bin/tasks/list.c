/* GET /api/video/tasks?status=&model=&mediaType=&q=&page=&pageSize=&cursor=&orderBy=&order=&scope=
 *
 * {tasks, total, page, pageSize, nextCursor}. Either page or cursor; a cursor belongs to its orderBy and
 * order. scope=all is for administrators; its tasks have an owner. With q total is null. As a list does a
 * bounded amount of work, a page may have fewer tasks than there are, and a cursor to go on; a later page
 * that the work does not reach is refused. Errors: bad_field, bad_cursor, forbidden. Reads task_list. */
#include <stddef.h>
#include <string.h>

#include "api/call.h"
#include "api/guard.h"
#include "api/task_owner.h"
#include "api/task_view.h"
#include "base/clock.h"
#include "base/limits.h"
#include "domain/task/waiting.h"
#include "handlers.h"
#include "list_cursor.h"
#include "store/list.h"
#include "store/store.h"
#include "web/field.h"

enum { PAGE_SIZE_PRESET = 20, PAGE_MOST = 1000000 };

struct query {
	const char *status, *model, *media_type, *text, *cursor, *order_by, *order, *scope;
	struct field_int page, page_size;
};

static const char *const statuses[] = {"QUEUED", "PROCESSING", "COMPLETED", "FAILED", "CANCELLED", NULL};
static const char *const media_types[] = {"VIDEO", "IMAGE", NULL};
static const char *const orders_by[] = {"createdAt", "updatedAt", NULL};
static const char *const orders[] = {"desc", "asc", NULL};
static const char *const scopes[] = {"own", "all", NULL};

static const struct field fields[] = {
    {"status", FIELD_WORD, offsetof(struct query, status), .words = statuses},
    {"model", FIELD_LINE, offsetof(struct query, model), .min = 1, .max = LIMIT_WORD},
    {"mediaType", FIELD_WORD, offsetof(struct query, media_type), .words = media_types},
    {"q", FIELD_LINE, offsetof(struct query, text), .min = 1, .max = LIMIT_SEARCH},
    {"page", FIELD_INT, offsetof(struct query, page), .min = 1, .max = PAGE_MOST},
    {"pageSize", FIELD_INT, offsetof(struct query, page_size), .min = 1, .max = LIMIT_PAGE_SIZE},
    {"cursor", FIELD_LINE, offsetof(struct query, cursor), .min = 1, .max = LIST_CURSOR_SIZE - 1},
    {"orderBy", FIELD_WORD, offsetof(struct query, order_by), .words = orders_by},
    {"order", FIELD_WORD, offsetof(struct query, order), .words = orders},
    {"scope", FIELD_WORD, offsetof(struct query, scope), .words = scopes},
};

static struct err
read_query(struct call *call, struct task_filter *filter, struct task_page *page, int64_t *number)
{
	struct query query = {0};
	struct err err = field_read_query(fields, sizeof(fields) / sizeof(fields[0]), call->request, &query);
	if (err.code != ERR_OK)
		return err;
	bool all = query.scope != NULL && strcmp(query.scope, "all") == 0;
	err.code = all ? guard_admin(call->user) : ERR_OK;
	if (err.code != ERR_OK)
		return err;
	if (query.cursor != NULL && query.page.set)
		return err_say(ERR_BAD_FIELD, "cursor", "Send cursor or page, not both.");
	*filter = (struct task_filter){
	    .user_id = all ? 0 : call->user->id,
	    .status = query.status != NULL ? task_status_of(query.status) : TASK_STATUS__MAX,
	    .model = query.model,
	    .media_type = query.media_type,
	    .text = query.text,
	};
	*number = query.page.set ? query.page.value : 1;
	*page = (struct task_page){
	    .order = query.order_by == orders_by[1] ? TASK_BY_UPDATED : TASK_BY_CREATED,
	    .ascending = query.order == orders[1],
	    .limit = query.page_size.set ? query.page_size.value : PAGE_SIZE_PRESET,
	};
	page->offset = (*number - 1) * page->limit;
	if (query.cursor != NULL && !list_cursor_read(query.cursor, page))
		return err_say(ERR_BAD_CURSOR, "cursor", "%s", "");
	return err_of(ERR_OK);
}

/* Lists what the query asks for, and one task more where there is one. */
static struct err
find(struct call *call, const struct task_filter *filter, const struct task_page *page,
     struct task_found *ret_found)
{
	enum err_code err = store_task_list(call->store, call->arena, filter, page, ret_found);
	if (err != ERR_OK)
		return err_of(err);
	bool whole = ret_found->stopped == 0 || (int64_t)ret_found->count + 1 >= page->limit;
	if (page->offset > 0 && !whole)
		return err_say(ERR_BAD_FIELD, "page",
		               "A list does not reach that far at once: go on by cursor.");
	return err_of(ERR_OK);
}

struct err
tasks_list(struct call *call)
{
	struct task_filter filter;
	struct task_page page;
	struct task_found found;
	int64_t number = 1;
	struct err bad = read_query(call, &filter, &page, &number);
	if (bad.code != ERR_OK)
		return bad;
	int64_t limit = page.limit++; /* one more than is shown tells whether there is another page */
	bad = find(call, &filter, &page, &found);
	if (bad.code != ERR_OK)
		return bad;
	int64_t after = found.stopped;
	if (found.count > (size_t)limit) {
		found.count = (size_t)limit;
		const struct task *last = &found.tasks[found.count - 1];
		after = page.order == TASK_BY_CREATED ? last->id : last->rev;
	}
	const char **owners;
	enum err_code err = task_owners(call, filter.user_id == 0, found.tasks, found.count, &owners);
	if (err != ERR_OK)
		return err_of(err);

	char cursor[LIST_CURSOR_SIZE];
	list_cursor_write(&page, after, cursor);
	struct waiting_look look = {.store = call->store, .now = clock_wall_ms()};
	struct jsonw w = call_answer_begin(call);
	jsonw_array(&w, "tasks");
	for (size_t i = 0; i < found.count; i++)
		task_view_owned(&w, NULL, &found.tasks[i], owners[i], call->links, &look);
	jsonw_array_end(&w);
	if (found.total >= 0)
		jsonw_int(&w, "total", found.total);
	else
		jsonw_null(&w, "total");
	jsonw_int(&w, "page", number);
	jsonw_int(&w, "pageSize", limit);
	jsonw_string(&w, "nextCursor", after != 0 ? cursor : NULL);
	return call_answer_end(call, &w, 200);
}
