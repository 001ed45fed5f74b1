/* GET /v1/videos/:videoId?wait=25
 *
 * The task as OpenAI's object Video: at once where it is final or no wait is given; else when it changes, at
 * the latest after `wait` seconds (also "Prefer: wait=25"; more than a minute is a minute). An administrator
 * gets another user's task at once. Errors: bad_field, task_not_found. Reads store_feed_head, then task_get:
 * in this order no change is lost between them (see DESIGN). */
#include <stddef.h>
#include <stdio.h>

#include "api/call.h"
#include "api/guard.h"
#include "api/openai_video.h"
#include "base/config.h"
#include "base/limits.h"
#include "handlers.h"
#include "room.h"
#include "store/feed.h"
#include "store/task.h"
#include "wait.h"
#include "web/field.h"

struct query {
	const char *wait;
};

static const struct field fields[] = {
    {"wait", FIELD_LINE, offsetof(struct query, wait), .min = 1, .max = LIMIT_WORD},
};

/* Hands the call to the waiting room. */
static struct err
enter_room(struct call *call, const struct task *task, int64_t head, int64_t ms)
{
	struct waiter waiter = {
	    .user_id = task->user_id,
	    .video = true,
	    .place = {.all = task->rev, .one = task->rev, .id = task->id},
	    .looked = head,
	    .wait_ms = (int32_t)ms,
	};
	guard_token_hash(call->request, waiter.token);
	snprintf(waiter.video_id, sizeof(waiter.video_id), "%s", task->video_id);
	return err_of(room_enter(call->program, call, &waiter) ? ERR_OK : ERR_NO_MEMORY);
}

struct err
updates_v1_show(struct call *call)
{
	struct query query = {0};
	struct task task;
	const char *epoch;
	int64_t head = 0, ms = 0;
	enum err_code err = ERR_OK;
	struct err bad = field_read_query(fields, 1, call->request, &query);
	if (bad.code == ERR_OK)
		bad = wait_read(call, query.wait, 0, &ms);
	if (bad.code != ERR_OK)
		return bad;
	if (ms > 0)
		err = store_feed_head(call->store, call->arena, &epoch, &head);
	if (err == ERR_OK)
		err = store_task_get(call->store, call->arena, call_scope(call), call->request->params[0],
		                     &task);
	if (err != ERR_OK)
		return err_of(err);
	if (ms > 0 && !task_state_terminal(task.state) && task.user_id == call->user->id)
		return enter_room(call, &task, head, ms);
	openai_video_answer(call->request, call->reply, &task, call->config->currency);
	return err_of(ERR_OK);
}
