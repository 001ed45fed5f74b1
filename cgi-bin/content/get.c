/* GET /api/video/tasks/:videoId/content[?download=1]
 *
 * 200 or 206 with the video's bytes; 304 for a known ETag. The video of a completed task never changes, so
 * its tag is its id. Errors: task_not_found, not_completed (409), content_gone (410), range_not_satisfiable,
 * upstream_failed, no_space. Reads task_get; the bytes come through domain/content. */
#include <stddef.h>

#include "api/call.h"
#include "api/envelope.h"
#include "base/arena.h"
#include "handlers.h"
#include "pass.h"
#include "store/store.h"
#include "web/etag.h"
#include "web/field.h"
#include "web/range.h"

struct query {
	struct field_bool download;
};

static const struct field fields[] = {
    {"download", FIELD_BOOL, offsetof(struct query, download)},
};

/* The range that is asked for, where it is one and of this very video. The upstream knows the size. */
static const char *
range_of(const struct call *call, const char *etag)
{
	struct range parsed;
	const char *range = request_header(call->request, "Range");
	const char *if_range = request_header(call->request, "If-Range");
	return range_read(range, if_range, etag, INT64_MAX, &parsed) != RANGE_WHOLE ? range : NULL;
}

struct err
content_get(struct call *call)
{
	struct query query = {0};
	struct task task;
	struct err bad = field_read_query(fields, 1, call->request, &query);
	if (bad.code != ERR_OK)
		return bad;
	enum err_code err =
	    store_task_get(call->store, call->arena, call_scope(call), call->request->params[0], &task);
	if (err != ERR_OK)
		return err_of(err == ERR_NOT_FOUND ? ERR_TASK_NOT_FOUND : err);
	if (task.state != TASK_STATE_COMPLETED)
		return err_of(ERR_NOT_COMPLETED);

	const char *etag = arena_printf(call->arena, "\"%s\"", task.video_id);
	if (etag == NULL)
		return err_of(ERR_NO_MEMORY);
	if (etag_matches(request_header(call->request, "If-None-Match"), etag)) {
		pass_tag(call, etag);
		call->reply->status = 304;
		envelope_headers(call->request->id, call->reply);
		return err_of(ERR_OK);
	}
	const struct pass pass = {&task, etag, range_of(call, etag), query.download.value};
	return err_of(pass_video(call, &pass));
}
