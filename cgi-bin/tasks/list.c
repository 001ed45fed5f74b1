/* GET /api/video/tasks?status=&model=&mediaType=&q=&page=&pageSize=&cursor=&orderBy=&order=&scope=
 *
 * {tasks, total, page, pageSize, nextCursor}. Either page or cursor; a cursor belongs to its orderBy and
 * order. scope=all is for administrators. Errors: bad_field, bad_cursor, forbidden. Reads task_list and
 * task_count. */
#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/call.h"
#include "api/task_view.h"
#include "base/clock.h"
#include "base/limits.h"
#include "domain/task/waiting.h"
#include "handlers.h"
#include "store/list.h"
#include "web/field.h"

enum { PAGE_SIZE_PRESET = 20, PAGE_MOST = 1000000, CURSOR_MAX = 32 };

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
    {"cursor", FIELD_LINE, offsetof(struct query, cursor), .min = 1, .max = CURSOR_MAX},
    {"orderBy", FIELD_WORD, offsetof(struct query, order_by), .words = orders_by},
    {"order", FIELD_WORD, offsetof(struct query, order), .words = orders},
    {"scope", FIELD_WORD, offsetof(struct query, scope), .words = scopes},
};

/* A cursor is a letter for its order and the id or revision of the last task: "c123" (created, newest first),
 * "C" (oldest first), "u", "U" (updated). */
static char
cursor_letter(const struct task_page *page)
{
	if (page->order == TASK_BY_CREATED)
		return page->ascending ? 'C' : 'c';
	return page->ascending ? 'U' : 'u';
}

static bool
read_cursor(const char *cursor, struct task_page *page)
{
	size_t digits = strspn(cursor + 1, "0123456789");
	if (cursor[0] != cursor_letter(page) || digits == 0 || cursor[1 + digits] != '\0')
		return false;
	errno = 0;
	page->after = strtoll(cursor + 1, NULL, 10);
	return errno == 0 && page->after > 0;
}

static struct err
read_query(struct call *call, struct task_filter *filter, struct task_page *page, int64_t *number)
{
	struct query query = {0};
	struct err err = field_read_query(fields, sizeof(fields) / sizeof(fields[0]), call->request, &query);
	if (err.code != ERR_OK)
		return err;
	bool all = query.scope != NULL && strcmp(query.scope, "all") == 0;
	if (all && !call->user->admin)
		return err_of(ERR_FORBIDDEN);
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
	if (query.cursor != NULL && !read_cursor(query.cursor, page))
		return err_say(ERR_BAD_CURSOR, "cursor", "%s", "");
	return err_of(ERR_OK);
}

struct err
tasks_list(struct call *call)
{
	struct task_filter filter;
	struct task_page page;
	struct task *tasks;
	size_t count;
	int64_t total, number = 1;
	struct err bad = read_query(call, &filter, &page, &number);
	if (bad.code != ERR_OK)
		return bad;
	int64_t limit = page.limit++; /* one more than is shown tells whether there is another page */
	enum err_code err = store_task_list(call->store, call->arena, &filter, &page, &tasks, &count);
	if (err == ERR_OK)
		err = store_task_count(call->store, &filter, &total);
	if (err != ERR_OK)
		return err_of(err);
	bool more = count > (size_t)limit;
	count = more ? (size_t)limit : count;

	char cursor[CURSOR_MAX];
	if (more)
		snprintf(cursor, sizeof(cursor), "%c%" PRId64, cursor_letter(&page),
		         page.order == TASK_BY_CREATED ? tasks[count - 1].id : tasks[count - 1].rev);
	struct waiting_look look = {.store = call->store, .now = clock_wall_ms()};
	struct jsonw w = call_answer_begin(call);
	jsonw_array(&w, "tasks");
	for (size_t i = 0; i < count; i++)
		task_view(&w, NULL, &tasks[i], call->links, &look);
	jsonw_array_end(&w);
	jsonw_int(&w, "total", total);
	jsonw_int(&w, "page", number);
	jsonw_int(&w, "pageSize", limit);
	jsonw_string(&w, "nextCursor", more ? cursor : NULL);
	return call_answer_end(call, &w, 200);
}
