/* GET /v1/videos?after=ID&limit=20&order=desc
 *
 * {object:"list", data, first_id, last_id, has_more}: the user's tasks as Video objects, in order of
 * creation, beginning after the task `after`, which may be deleted. Errors: bad_field,
 * task_not_found (after). With limit 0 it says only whether there are any. Reads task_find and task_list. */
#include <stddef.h>

#include "api/call.h"
#include "api/envelope.h"
#include "api/openai_video.h"
#include "base/config.h"
#include "base/ids.h"
#include "base/limits.h"
#include "handlers.h"
#include "store/list.h"
#include "store/task.h"
#include "web/field.h"

enum { LIMIT_PRESET = 20 };

struct query {
	const char *after, *order;
	struct field_int limit;
};

static const char *const orders[] = {"desc", "asc", NULL};

static const struct field fields[] = {
    {"after", FIELD_LINE, offsetof(struct query, after), .min = 1, .max = IDS_VIDEO_SIZE - 1},
    {"limit", FIELD_INT, offsetof(struct query, limit), .min = 0, .max = LIMIT_PAGE_SIZE},
    {"order", FIELD_WORD, offsetof(struct query, order), .words = orders},
};

static struct err
read_query(struct call *call, struct task_page *page)
{
	struct query query = {0};
	struct task after = {0};
	struct err bad = field_read_query(fields, sizeof(fields) / sizeof(fields[0]), call->request, &query);
	if (bad.code != ERR_OK)
		return bad;
	if (query.after != NULL) {
		enum err_code err =
		    store_task_find(call->store, call->arena, call->user->id, query.after, &after);
		if (err == ERR_NOT_FOUND)
			return err_say(ERR_TASK_NOT_FOUND, "after", "There is no such video.");
		if (err != ERR_OK)
			return err_of(err);
	}
	*page = (struct task_page){
	    .order = TASK_BY_CREATED,
	    .ascending = query.order == orders[1],
	    .limit = query.limit.set ? query.limit.value : LIMIT_PRESET,
	    .after = after.id,
	};
	return bad;
}

struct err
tasks_v1_list(struct call *call)
{
	const struct task_filter filter = {.user_id = call->user->id, .status = TASK_STATUS__MAX};
	struct task_page page;
	struct task_found found;
	struct err bad = read_query(call, &page);
	if (bad.code != ERR_OK)
		return bad;
	size_t limit = (size_t)page.limit++; /* one more shows that there are others */
	enum err_code err = store_task_list(call->store, call->arena, &filter, &page, &found);
	if (err != ERR_OK)
		return err_of(err);
	bool more = found.count > limit;
	size_t count = more ? limit : found.count;

	struct jsonw w = openai_begin(call->reply);
	jsonw_string(&w, "object", "list");
	jsonw_array(&w, "data");
	for (size_t i = 0; i < count; i++)
		openai_video(&w, call->arena, &found.tasks[i], call->config->currency);
	jsonw_array_end(&w);
	jsonw_string(&w, "first_id", count > 0 ? found.tasks[0].video_id : NULL);
	jsonw_string(&w, "last_id", count > 0 ? found.tasks[count - 1].video_id : NULL);
	jsonw_bool(&w, "has_more", more);
	openai_end(&w, call->request, call->reply);
	return err_of(ERR_OK);
}
