/* A task as JSON: see task_view.h. */
#include "api/task_view.h"

#include <inttypes.h>
#include <stdio.h>

#include "api/call.h"
#include "api/create_options.h"
#include "api/envelope.h"
#include "api/payment.h"
#include "api/task_inputs.h"
#include "api/task_owner.h"
#include "base/clock.h"
#include "domain/task/failure.h"
#include "domain/task/waiting.h"
#include "domain/video/link.h"
#include "store/list.h"
#include "web/etag.h"

enum { ETAG_SIZE = 160 };

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

/* What the task waits for. Where that cannot be read it is not known: the task is shown all the same. */
static void
write_waiting(struct jsonw *w, const struct waiting *waiting, int64_t now)
{
	if (waiting->reason == WAITING__MAX) {
		jsonw_null(w, "queue");
	} else {
		jsonw_object(w, "queue");
		if (waiting->ahead >= 0)
			jsonw_int(w, "ahead", waiting->ahead);
		else
			jsonw_null(w, "ahead");
		jsonw_string(w, "reason", waiting_code(waiting->reason));
		view_time(w, "nextTryAt", waiting->next_try_at);
		jsonw_object_end(w);
	}
	if (waiting->done_at > now)
		jsonw_int(w, "etaMs", waiting->done_at - now);
	else
		jsonw_null(w, "etaMs");
}

static struct waiting
find_waiting(struct waiting_look *look, const struct task *task, bool count)
{
	struct waiting waiting = {.reason = WAITING__MAX, .ahead = -1};
	waiting_find(look, task, count, &waiting);
	return waiting;
}

/* What of a task is not in its row. */
struct shown {
	const char *owner; /* NULL = not told */
	const struct waiting *waiting;
	int64_t now;
};

static void
write_task(struct jsonw *w, const char *name, const struct task *task, const struct links *links,
           const struct shown *shown)
{
	char link[LINK_SIZE];
	int64_t end = link_end(task, links);
	if (end > 0)
		links_make(links, task, end, link);
	jsonw_object(w, name);
	jsonw_string(w, "videoId", task->video_id);
	if (shown->owner != NULL)
		jsonw_string(w, "owner", shown->owner);
	jsonw_string(w, "externalTaskId", task->external_id);
	jsonw_string(w, "clientRequestId", task->client_request_id);
	jsonw_string(w, "status", task_status_word(task_state_status(task->state)));
	jsonw_int(w, "progress", task->progress);
	jsonw_string(w, "prompt", task->prompt);
	jsonw_string(w, "model", task_shown_model(task));
	jsonw_string(w, "requestedModel", task->model);
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
	else if (task->state == TASK_STATE_CANCELLED)
		jsonw_string(w, "cancelledBy", task->cancelled_by);
	jsonw_int(w, "attempt", task->attempt);
	jsonw_raw(w, "metadata", task->metadata);
	options_view(w, task);
	task_inputs_view(w, task);
	view_time(w, "createdAt", task->created_at);
	view_time(w, "updatedAt", task->updated_at);
	view_time(w, "completedAt", task->completed_at);
	view_time(w, "expiresAt", task->facts.expires_at);
	payment_view(w, task);
	write_waiting(w, shown->waiting, shown->now);
	jsonw_object_end(w);
}

void
task_view(struct jsonw *w, const char *name, const struct task *task, const struct links *links,
          struct waiting_look *look)
{
	task_view_owned(w, name, task, NULL, links, look);
}

void
task_view_owned(struct jsonw *w, const char *name, const struct task *task, const char *owner,
                const struct links *links, struct waiting_look *look)
{
	const struct waiting waiting = find_waiting(look, task, false);
	write_task(w, name, task, links, &(struct shown){owner, &waiting, look->now});
}

/* Writes the entity tag of a task: each visible change has a new revision, the time distinguishes databases
 * with the same revision, and what it waits for changes without one. */
static void
write_etag(const struct task *task, const struct links *links, const struct waiting *waiting,
           char ret_etag[ETAG_SIZE])
{
	int n = snprintf(ret_etag, ETAG_SIZE, "\"%" PRIx64 "-%" PRIx64 "-%" PRIx64, (uint64_t)task->rev,
	                 (uint64_t)task->updated_at, (uint64_t)link_end(task, links));
	if (waiting->reason != WAITING__MAX)
		n += snprintf(ret_etag + n, (size_t)(ETAG_SIZE - n), "-%d-%" PRIx64 "-%" PRIx64,
		              (int)waiting->reason, (uint64_t)(waiting->ahead + 1),
		              (uint64_t)waiting->next_try_at);
	else if (waiting->done_at != 0)
		n += snprintf(ret_etag + n, (size_t)(ETAG_SIZE - n), "-%" PRIx64, (uint64_t)waiting->done_at);
	snprintf(ret_etag + n, (size_t)(ETAG_SIZE - n), "\"");
}

static struct err
answer(const struct call *call, const struct task *task, const struct waiting *waiting, int64_t now)
{
	const char *owner;
	enum err_code err = task_owner(call, task, &owner);
	if (err != ERR_OK)
		return err_of(err);
	struct jsonw w = envelope_begin(call->reply);
	write_task(&w, "data", task, call->links, &(struct shown){owner, waiting, now});
	envelope_end(&w, call->request, call->reply, 200);
	return err_of(ERR_OK);
}

struct err
task_answer(const struct call *call, const struct task *task)
{
	struct waiting_look look = {.store = call->store, .now = clock_wall_ms()};
	const struct waiting waiting = find_waiting(&look, task, true);
	return answer(call, task, &waiting, look.now);
}

struct err
task_show(struct call *call)
{
	struct task task;
	char etag[ETAG_SIZE];
	struct waiting_look look = {.store = call->store, .now = clock_wall_ms()};
	enum err_code err =
	    store_task_shown(call->store, call->arena, call_scope(call), call->request->params[0], &task);
	if (err != ERR_OK)
		return err_of(err);
	const struct waiting waiting = find_waiting(&look, &task, true);
	write_etag(&task, call->links, &waiting, etag);
	reply_header(call->reply, "ETag", etag);
	reply_header(call->reply, "Cache-Control", "private, no-cache");
	if (etag_matches(request_header(call->request, "If-None-Match"), etag)) {
		call->reply->status = 304;
		envelope_headers(call->request->id, call->reply);
		return err_of(ERR_OK);
	}
	return answer(call, &task, &waiting, look.now);
}
