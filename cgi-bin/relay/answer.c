/* The answers of creations: {videoId, externalTaskId, clientRequestId, status, progress, message}, or
 * OpenAI's object. */
#include "answer.h"

#include <string.h>

#include "api/create_input.h"
#include "api/envelope.h"
#include "api/openai_video.h"
#include "api/payment.h"
#include "web/reply.h"
#include "web/request.h"

/* The words of this answer, which existing clients know in lower case. */
static const struct {
	const char *word, *en, *zh, *remix_zh;
} states[] = {
    [TASK_QUEUED] = {"queued", "The upstream cannot be reached right now; the task will be submitted later.",
                     "上游暂时不可用，任务稍后提交", "上游暂时不可用，Remix 任务稍后提交"},
    [TASK_PROCESSING] = {"processing", "The task has been submitted.", "任务已提交", "Remix 任务已提交"},
    [TASK_COMPLETED] = {"completed", "The task has been completed.", "任务已完成", "Remix 任务已完成"},
    [TASK_FAILED] = {"failed", "The task has failed.", "任务失败", "Remix 任务失败"},
    [TASK_CANCELLED] = {"cancelled", "The task was cancelled.", "任务已取消", "Remix 任务已取消"},
};

/* In place of the words of TASK_QUEUED for a task of unknown outcome. */
static const char unsure_en[] = "The upstream gave no answer; longreel finds out what became of the task.";
static const char unsure_zh[] = "上游没有应答，正在确认任务状态";

/* … and for one whose channel cannot work because of its key or its balance. */
static const char account_en[] =
    "The provider's account needs its operator; the task will be submitted later.";
static const char account_zh[] = "服务商账户需要管理员处理，任务稍后提交";

static const char *
message(const struct task *task, const char *lang)
{
	enum task_status status = task_state_status(task->state);
	bool zh = strcmp(lang, "zh") == 0, remix = task->parent_id != 0;
	if (task->state == TASK_STATE_READY && task->account_waits)
		return zh ? account_zh : account_en;
	if (task->state == TASK_STATE_UNSURE)
		return zh ? unsure_zh : unsure_en;
	return !zh ? states[status].en : remix ? states[status].remix_zh : states[status].zh;
}

void
answer_members(struct jsonw *w, struct arena *arena, const struct task *task, const char *lang)
{
	enum task_status status = task_state_status(task->state);
	bool remix = task->parent_id != 0;
	const struct json *metadata = NULL;
	jsonw_string(w, "videoId", task->video_id);
	jsonw_string(w, "externalTaskId", task->external_id);
	jsonw_string(w, "clientRequestId", task->client_request_id);
	jsonw_string(w, "status", states[status].word);
	jsonw_int(w, "progress", task->progress);
	jsonw_string(w, "message", message(task, lang));
	if (remix && json_parse(arena, task->metadata, strlen(task->metadata), &metadata) == ERR_OK)
		jsonw_string(w, "remixed_from", json_string(json_get(metadata, "remix_from")));
}

struct err
answer_error(const struct create_order *order)
{
	const struct task *task = &order->task;
	if (order->err == ERR_UNSUPPORTED_FIELD)
		return create_input_unsupported(
		    &order->unsaid, order->input != NULL ? order->input->names : NULL, order->arena);
	if (payment_is_wrong(order->err, &order->quote))
		return payment_error(order->err, &order->quote, &order->refusal, order->arena);
	if (order->err != ERR_OK || order->replayed || task->state != TASK_STATE_FAILED)
		return err_of(order->err);
	static const enum err_code plain[] = {ERR_TIMEOUT, ERR_INPUT_LOST};
	for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
		if (strcmp(task->error_code, err_word(plain[i])) == 0)
			return err_of(plain[i]);
	bool unknown = strcmp(task->error_code, err_word(ERR_SUBMISSION_UNKNOWN)) == 0;
	enum err_code code = unknown ? ERR_SUBMISSION_UNKNOWN : ERR_UPSTREAM_REJECTED;
	struct err err =
	    task->error_message != NULL ? err_say(code, NULL, "%s", task->error_message) : err_of(code);
	if (!unknown) {
		err.upstream_status = task->upstream_status;
		err.upstream_code = strcmp(task->error_code, err_word(code)) != 0 ? task->error_code : NULL;
	}
	return err;
}

/* The first creation without an error; the first of all where each has one. */
static const struct creation *
best_of(const struct creation *creations, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (answer_error(&creations[i].order).code == ERR_OK)
			return &creations[i];
	return creations;
}

/* Writes what became of each task of a set. */
static void
write_set(struct jsonw *w, struct arena *arena, const struct creation *creations, size_t count,
          const char *lang)
{
	jsonw_array(w, "tasks");
	for (size_t i = 0; i < count; i++) {
		struct err err = answer_error(&creations[i].order);
		jsonw_object(w, NULL);
		answer_members(w, arena, &creations[i].order.task, lang);
		if (err.code != ERR_OK) {
			jsonw_string(w, "error",
			             err.detail[0] != '\0' ? err.detail : err_text(err.code, lang));
			jsonw_string(w, "code", err_word(err.code));
		}
		jsonw_object_end(w);
	}
	jsonw_array_end(w);
}

/* True where a task that was created now waits for the upstream. */
static bool
any_waits(const struct creation *creations, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct create_order *order = &creations[i].order;
		if (!order->replayed && task_state_status(order->task.state) == TASK_QUEUED)
			return true;
	}
	return false;
}

enum err_code
answer_one(const struct request *request, struct reply *reply, const struct creation *creations, size_t count,
           const char *lang)
{
	const struct create_order *order = &best_of(creations, count)->order;
	struct err err = answer_error(order);
	if (err.code != ERR_OK) {
		err.retry_after_ms = order->wait_ms;
		envelope_error(request, reply, &err, lang);
		return err.code;
	}
	struct jsonw w = envelope_begin(reply);
	jsonw_object(&w, "data");
	answer_members(&w, request->arena, &order->task, lang);
	if (count > 1)
		write_set(&w, request->arena, creations, count, lang);
	jsonw_object_end(&w);
	if (order->replayed)
		reply_header(reply, "Idempotent-Replayed", "true");
	envelope_end(&w, request, reply, any_waits(creations, count) ? 202 : 200);
	return ERR_OK;
}

enum err_code
answer_video(const struct request *request, struct reply *reply, const struct creation *creations,
             size_t count, const char *lang)
{
	const struct create_order *order = &creations->order;
	(void)count;
	struct err err = answer_error(order);
	bool there = order->err == ERR_OK && err_status(err.code) >= 500;
	if (err.code != ERR_OK && !there) {
		err.retry_after_ms = order->wait_ms;
		err.no_auto_retry = err.no_auto_retry || order->retry_ambiguous;
		envelope_error(request, reply, &err, lang);
		return err.code;
	}
	if (order->replayed)
		reply_header(reply, "Idempotent-Replayed", "true");
	openai_video_answer(request, reply, &order->task, creations->currency);
	return ERR_OK;
}
