/* A task as OpenAI's object Video. Their clients' types are strict where they are generated for Java or C#: a
 * member that is a string there is one here, empty where the upstream has had the choice. */
#include "api/openai_video.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "api/openai_envelope.h"
#include "base/err.h"
#include "domain/task/remix.h"
#include "web/reply.h"
#include "web/request.h"

/* How long a client is asked to rest between two looks: as long as a task rests that was just submitted. One
 * of them keeps to the first number that it is told. */
#define POLL_AFTER_MS "2000"

/* Only these four are known to their clients: to some, any other would be the end of the job. */
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

/* The sentence for a task's error code, where it is one of ours. */
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

/* Our id of the task that this one is a remix of, or NULL. */
static const char *
source_of(struct arena *arena, const struct task *task)
{
	const struct json *metadata;
	if (task->parent_id == 0 ||
	    json_parse(arena, task->metadata, strlen(task->metadata), &metadata) != ERR_OK)
		return NULL;
	return json_string(json_get(metadata, "remix_from"));
}

static void
write_members(struct jsonw *w, struct arena *arena, const struct task *task)
{
	char seconds[24] = "";
	int64_t whole =
	    remix_whole_seconds(arena, task); /* of an extension it is the whole here, not the part */
	if (whole != 0)
		snprintf(seconds, sizeof(seconds), "%" PRId64, whole);
	jsonw_string(w, "id", task->video_id);
	jsonw_string(w, "object", "video");
	jsonw_string(w, "status", words[task_state_status(task->state)]);
	jsonw_int(w, "progress", task->progress);
	jsonw_string(w, "model", task->model != NULL ? task->model : "");
	jsonw_string(w, "prompt", task->prompt);
	jsonw_string(w, "seconds", seconds);
	jsonw_string(w, "size", task->size != NULL ? task->size : "");
	write_time(w, "created_at", task->created_at);
	write_time(w, "completed_at", task->completed_at);
	jsonw_null(w, "expires_at"); /* an upstream does not say */
	write_error(w, task);
	jsonw_string(w, "remixed_from_video_id", source_of(arena, task));
}

void
openai_video(struct jsonw *w, struct arena *arena, const struct task *task)
{
	jsonw_object(w, NULL);
	write_members(w, arena, task);
	jsonw_object_end(w);
}

void
openai_video_answer(const struct request *request, struct reply *reply, const struct task *task)
{
	struct jsonw w;
	openai_begin(&w, reply);
	write_members(&w, request->arena, task);
	if (!task_state_terminal(task->state))
		reply_header(reply, "openai-poll-after-ms", POLL_AFTER_MS);
	openai_end(&w, request, reply);
}
