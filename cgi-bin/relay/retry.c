/* POST /api/video/tasks/:videoId/retry
 *
 * Tries a FAILED or CANCELLED task again with the same inputs, the image included: the same videoId, another
 * attempt. Answers as a creation does. Errors: task_not_found, not_ended, no_channel, channel_unavailable,
 * model_not_found, unsupported_field, busy, model_not_allowed, too_many_open,
 * rate_limited, upstream_rejected, submission_unknown. Writes
 * through domain/change and domain/submit. */
#include "api/call.h"
#include "api/create_input.h"
#include "domain/task/change.h"
#include "handlers.h"
#include "handoff.h"

struct err
relay_retry(struct call *call)
{
	struct domain_env env = driver_env(call->program, call->store);
	struct change_target target = {call_scope(call), call->request->params[0], call->user->key_id};
	struct creation creation = {0};
	struct task *task = &creation.order.task;
	struct change_refusal refusal;
	struct err err = err_of(change_retry(&env, call->arena, &target, task, &refusal));
	if (err.code == ERR_UNSUPPORTED_FIELD)
		err = create_input_unsupported(&refusal.unsaid, NULL, call->arena);
	err.retry_after_ms = refusal.wait_ms;
	if (err.code != ERR_OK)
		return err;
	call_log(call, "retried", task->video_id);
	creation.submit = task->state == TASK_STATE_SENDING;
	return handoff_creation(call, &creation);
}
