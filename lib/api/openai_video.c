/* A task as OpenAI's object Video. Generated clients (Java, C#) have strict types: a string of theirs is
 * always a string here, empty where the upstream chose the value and has not said it. */
#include "api/openai_video.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/envelope.h"
#include "api/payment.h"
#include "base/err.h"
#include "domain/task/remix.h"
#include "web/reply.h"
#include "web/request.h"

/* The time between two polls of a client: as between submission and first poll upstream. One client never
 * changes the first number that it gets. */
#define POLL_AFTER_MS "2000"

/* Their clients know these four only; to some, any other would be the end of the job. */
static const char *const words[] = {
    [TASK_QUEUED] = "queued", [TASK_PROCESSING] = "in_progress", [TASK_COMPLETED] = "completed",
    [TASK_FAILED] = "failed", [TASK_CANCELLED] = "failed",
};

static void
write_time(struct jsonw *w, const char *name, int64_t ms)
{
	if (ms != 0)
		jsonw_int(w, name, ms / 1000);
	else
		jsonw_null(w, name);
}

/* The sentence of a task's error code; of generation_failed for an unknown one. */
static const char *
sentence_of(const char *code)
{
	for (int i = 1; i < ERR__MAX; i++)
		if (strcmp(code, err_word((enum err_code)i)) == 0)
			return err_text((enum err_code)i, "en");
	return err_text(ERR_GENERATION_FAILED, "en");
}

static void
write_error(struct jsonw *w, const struct task *task)
{
	enum task_status status = task_state_status(task->state);
	if (status != TASK_FAILED && status != TASK_CANCELLED) {
		jsonw_null(w, "error");
		return;
	}
	bool cancelled = status == TASK_CANCELLED;
	const char *code = task->error_code != NULL ? task->error_code : err_word(ERR_GENERATION_FAILED);
	const char *message = task->error_message != NULL ? task->error_message : sentence_of(code);
	jsonw_object(w, "error");
	jsonw_string(w, "code", cancelled ? "cancelled" : code);
	jsonw_string(w, "message", cancelled ? "The task was cancelled." : message);
	jsonw_object_end(w);
}

/* The id of the task that this one is a remix of, or NULL. */
static const char *
source_of(struct arena *arena, const struct task *task)
{
	const struct json *metadata;
	if (task->parent_id == 0 ||
	    json_parse(arena, task->metadata, strlen(task->metadata), &metadata) != ERR_OK)
		return NULL;
	return json_string(json_get(metadata, "remix_from"));
}

/* The size. It has four values in OpenAI's schema, and none for "not known": then it is the one that they use
 * where nothing is asked for, or the one of the aspect ratio. */
static const char *
size_of(const struct task *task)
{
	const char *ratio = task->aspect_ratio, *height = ratio != NULL ? strchr(ratio, ':') : NULL;
	if (task_shown_size(task) != NULL)
		return task_shown_size(task);
	bool wide = height != NULL && strtol(ratio, NULL, 10) > strtol(height + 1, NULL, 10);
	return wide ? "1280x720" : "720x1280";
}

static void
write_members(struct jsonw *w, struct arena *arena, const struct task *task, const char *currency)
{
	char seconds[24] = "";
	const char *model = task_shown_model(task);
	int64_t whole = remix_whole_seconds(arena, task); /* of an extension: the whole video, not the part */
	if (whole != 0)
		snprintf(seconds, sizeof(seconds), "%" PRId64, whole);
	jsonw_string(w, "id", task->video_id);
	jsonw_string(w, "object", "video");
	jsonw_string(w, "status", words[task_state_status(task->state)]);
	jsonw_int(w, "progress", task->progress);
	jsonw_string(w, "model", model != NULL ? model : "");
	jsonw_string(w, "prompt", task->prompt);
	jsonw_string(w, "seconds", seconds);
	jsonw_string(w, "size", size_of(task));
	write_time(w, "created_at", task->created_at);
	write_time(w, "completed_at", task->completed_at);
	write_time(w, "expires_at",
	           task->facts.expires_at); /* as far as the upstream says it, and not kept here */
	write_error(w, task);
	jsonw_string(w, "remixed_from_video_id", source_of(arena, task));
	payment_usage(w, task, currency);
}

void
openai_video(struct jsonw *w, struct arena *arena, const struct task *task, const char *currency)
{
	jsonw_object(w, NULL);
	write_members(w, arena, task, currency);
	jsonw_object_end(w);
}

void
openai_video_answer(const struct request *request, struct reply *reply, const struct task *task,
                    const char *currency)
{
	struct jsonw w = openai_begin(reply);
	write_members(&w, request->arena, task, currency);
	if (!task_state_terminal(task->state))
		reply_header(reply, "openai-poll-after-ms", POLL_AFTER_MS);
	openai_end(&w, request, reply);
}
