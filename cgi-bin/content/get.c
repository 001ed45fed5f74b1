/* GET /api/video/tasks/:videoId/content[?download=1]
 *
 * 200 or 206 with the video's bytes; 304 for a known ETag. The video of a completed task never changes, so
 * its tag is its id. Errors: task_not_found, not_completed (409), content_gone (410), range_not_satisfiable,
 * upstream_failed. Reads task_get; the bytes come through domain/content. A transfer that breaks in the
 * middle ends short of its Content-Length: a client can tell, and never keeps half a video for a whole one.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "api/call.h"
#include "api/envelope.h"
#include "base/arena.h"
#include "base/log.h"
#include "domain/content.h"
#include "handlers.h"
#include "store/store.h"
#include "web/etag.h"
#include "web/field.h"

struct query {
	struct field_bool download;
};

static const struct field fields[] = {
    {"download", FIELD_BOOL, offsetof(struct query, download)},
};

struct passing {
	struct call *call;
	const struct task *task;
	bool download;
	bool gone; /* the client */
};

static void
write_headers(struct passing *passing, const struct content_head *head)
{
	struct call *call = passing->call;
	bool video = strncasecmp(head->type, "video/", 6) == 0;
	call->reply->status = head->status;
	reply_header(call->reply, "Content-Type", video ? head->type : "video/mp4");
	reply_headerf(call->reply, "Content-Disposition", "%s; filename=\"%s.mp4\"",
	              passing->download ? "attachment" : "inline", passing->task->video_id);
	reply_header(call->reply, "Accept-Ranges", "bytes");
	if (head->range[0] != '\0')
		reply_header(call->reply, "Content-Range", head->range);
	if (head->length >= 0)
		reply_headerf(call->reply, "Content-Length", "%" PRId64, head->length);
	envelope_headers(call->request->id, call->reply);
}

static bool
on_head(void *cookie, const struct content_head *head)
{
	struct passing *passing = cookie;
	write_headers(passing, head);
	passing->gone = !reply_stream_begin(passing->call->reply, passing->call->request);
	return !passing->gone && !passing->call->request->head; /* for HEAD the headers are all */
}

static bool
on_data(void *cookie, const void *bytes, size_t len)
{
	struct passing *passing = cookie;
	passing->gone = !reply_stream(passing->call->reply, passing->call->request, bytes, len);
	return !passing->gone;
}

/* The range that is asked for, unless If-Range says that it is of something else. */
static const char *
range_of(const struct call *call, const char *etag)
{
	const char *if_range = request_header(call->request, "If-Range");
	const char *range = request_header(call->request, "Range");
	bool wanted = range != NULL && strncasecmp(range, "bytes=", 6) == 0 && strchr(range, ',') == NULL;
	return wanted && (if_range == NULL || strcmp(if_range, etag) == 0) ? range : NULL;
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
		reply_header(call->reply, "ETag", etag);
		call->reply->status = 304;
		envelope_headers(call->request->id, call->reply);
		return err_of(ERR_OK);
	}
	reply_header(call->reply, "ETag", etag);
	reply_header(call->reply, "Cache-Control", "private, max-age=86400");
	struct passing passing = {.call = call, .task = &task, .download = query.download.value};
	const struct content_sink sink = {on_head, on_data, &passing};
	err = content_fetch(call->program, call->arena, &task, range_of(call, etag), &sink);
	if (call->reply->streaming) {
		if (err != ERR_OK && !passing.gone && !call->request->head)
			log_warn("a video broke off: request=%s task=%s why=%s", call->request->id,
			         task.video_id, err_word(err));
		return err_of(ERR_OK);
	}
	reply_reset(call->reply);
	return err_of(err);
}
