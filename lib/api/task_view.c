/* A task as JSON: see task_view.h. */
#include "api/task_view.h"

#include <inttypes.h>
#include <stdio.h>

#include "api/call.h"
#include "api/create_options.h"
#include "api/envelope.h"
#include "api/task_inputs.h"
#include "base/clock.h"
#include "domain/task/failure.h"
#include "domain/video/link.h"
#include "store/task.h"
#include "web/etag.h"

void
view_time(struct jsonw *w, const char *name, int64_t time)
{
	char text[CLOCK_TEXT_SIZE];
	if (time != 0)
		clock_text(time, text);
	jsonw_string(w, name, time != 0 ? text : NULL);
}

/* The end of the link to the task's video, wall ms; 0 = no link. */
static int64_t
link_end(const struct task *task, const struct links *links)
{
	return task->state == TASK_STATE_COMPLETED ? links_end(links, clock_wall_ms()) : 0;
}

/* What errorMessage holds, in parts: no client has to know our sentences. */
static void
put_failure(struct jsonw *w, const struct task *task)
{
	char said[FAILURE_SAID_SIZE];
	failure_said(task, said);
	jsonw_string(w, "errorReason", failure_reason(task));
	jsonw_string(w, "upstreamMessage", said[0] != '\0' ? said : NULL);
}

void
task_view(struct jsonw *w, const char *name, const struct task *task, const struct links *links)
{
	char link[LINK_SIZE];
	int64_t end = link_end(task, links);
	if (end > 0)
		links_make(links, task, end, link);
	jsonw_object(w, name);
	jsonw_string(w, "videoId", task->video_id);
	jsonw_string(w, "externalTaskId", task->external_id);
	jsonw_string(w, "clientRequestId", task->client_request_id);
	jsonw_string(w, "status", task_status_word(task_state_status(task->state)));
	jsonw_int(w, "progress", task->progress);
	jsonw_string(w, "prompt", task->prompt);
	jsonw_string(w, "model", task_shown_model(task));
	jsonw_string(w, "size", task_shown_size(task));
	if (task_shown_seconds(task) != 0)
		jsonw_int(w, "seconds", task_shown_seconds(task));
	else
		jsonw_null(w, "seconds");
	jsonw_string(w, "aspectRatio", task->aspect_ratio);
	jsonw_string(w, "mediaType", task->media_type);
	jsonw_string(w, "videoUrl", end > 0 ? link : task->video_url);
	jsonw_string(w, "imageUrl", task->image_url);
	jsonw_string(w, "errorCode", task->error_code);
	jsonw_string(w, "errorMessage", task->error_message);
	if (task->state == TASK_STATE_FAILED)
		put_failure(w, task);
	jsonw_int(w, "attempt", task->attempt);
	jsonw_raw(w, "metadata", task->metadata);
	options_view(w, task);
	task_inputs_view(w, task);
	view_time(w, "createdAt", task->created_at);
	view_time(w, "updatedAt", task->updated_at);
	view_time(w, "completedAt", task->completed_at);
	view_time(w, "expiresAt", task->facts.expires_at);
	jsonw_object_end(w);
}

void
task_etag(const struct task *task, const struct links *links, char ret_etag[TASK_ETAG_SIZE])
{
	/* Each visible change has a new revision; the time distinguishes databases with the same revision. */
	snprintf(ret_etag, TASK_ETAG_SIZE, "\"%" PRIx64 "-%" PRIx64 "-%" PRIx64 "\"", (uint64_t)task->rev,
	         (uint64_t)task->updated_at, (uint64_t)link_end(task, links));
}

struct err
task_answer(const struct call *call, const struct task *task)
{
	struct jsonw w = envelope_begin(call->reply);
	task_view(&w, "data", task, call->links);
	envelope_end(&w, call->request, call->reply, 200);
	return err_of(ERR_OK);
}

struct err
task_show(struct call *call)
{
	struct task task;
	char etag[TASK_ETAG_SIZE];
	enum err_code err =
	    store_task_get(call->store, call->arena, call_scope(call), call->request->params[0], &task);
	if (err != ERR_OK)
		return err_of(err);
	task_etag(&task, call->links, etag);
	reply_header(call->reply, "ETag", etag);
	reply_header(call->reply, "Cache-Control", "private, no-cache");
	if (etag_matches(request_header(call->request, "If-None-Match"), etag)) {
		call->reply->status = 304;
		envelope_headers(call->request->id, call->reply);
		return err_of(ERR_OK);
	}
	return task_answer(call, &task);
}
