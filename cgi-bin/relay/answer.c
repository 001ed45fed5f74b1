/* What a creation answers: {videoId, externalTaskId, clientRequestId, status, progress, message}. */
#include "answer.h"

#include <string.h>

#include "api/envelope.h"
#include "base/err.h"
#include "base/json.h"
#include "domain/submit.h"
#include "model/task.h"
#include "web/reply.h"

/* The words of this answer, which existing clients know in lower case. */
static const struct {
	const char *word, *en, *zh;
} states[] = {
    [TASK_QUEUED] = {"queued", "The upstream cannot be reached right now; the task will be submitted later.",
                     "上游暂时不可用，任务稍后提交"},
    [TASK_PROCESSING] = {"processing", "The task has been submitted.", "任务已提交"},
    [TASK_COMPLETED] = {"completed", "The task has been completed.", "任务已完成"},
    [TASK_FAILED] = {"failed", "The task has failed.", "任务失败"},
    [TASK_CANCELLED] = {"cancelled", "The task was cancelled.", "任务已取消"},
};

void
answer_task(const struct request *request, struct reply *reply, const struct task *task, bool replayed,
            const char *lang)
{
	enum task_status status = task_state_status(task->state);
	struct jsonw w;
	envelope_begin(&w, reply);
	jsonw_object(&w, "data");
	jsonw_string(&w, "videoId", task->video_id);
	jsonw_string(&w, "externalTaskId", task->external_id);
	jsonw_string(&w, "clientRequestId", task->client_request_id);
	jsonw_string(&w, "status", states[status].word);
	jsonw_int(&w, "progress", task->progress);
	jsonw_string(&w, "message", strcmp(lang, "zh") == 0 ? states[status].zh : states[status].en);
	jsonw_object_end(&w);
	if (replayed)
		reply_header(reply, "Idempotent-Replayed", "true");
	envelope_end(&w, request, reply, status == TASK_QUEUED && !replayed ? 202 : 200);
}

void
answer_end(const struct request *request, struct reply *reply, const struct submit_end *end, const char *lang)
{
	if (end->err == ERR_OK && task_state_status(end->task->state) != TASK_FAILED) {
		answer_task(request, reply, end->task, false, lang);
		return;
	}
	struct err err = err_of(end->err);
	if (end->err == ERR_OK) {
		bool refused = strcmp(end->task->error_code, err_word(ERR_UPSTREAM_REJECTED)) == 0;
		err = err_of(refused ? ERR_UPSTREAM_REJECTED : ERR_SUBMISSION_UNKNOWN);
		if (refused && end->task->error_message != NULL)
			err = err_say(ERR_UPSTREAM_REJECTED, NULL, "%s", end->task->error_message);
	}
	envelope_error(request, reply, &err, lang);
}
