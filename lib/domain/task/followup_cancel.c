/* Cancels a job upstream after the user has cancelled its task. For the user the task has ended: this only
 * saves what the upstream would spend on it, so it is tried a few times and then dropped. */
#include "base/clock.h"
#include "base/log.h"
#include "domain/channel/channels.h"
#include "domain/env.h"
#include "domain/task/followup.h"
#include "domain/task/transition.h"
#include "upstream/dialect/answer.h"
#include "upstream/dialect/compose.h"
#include "upstream/http/message.h"

enum { NEVER = 0 /* as a due_at */, TRIES = 6 };

static enum err_code
compose(const struct followup *followup, struct http_request *ret_request)
{
	return compose_cancel(followup->channel, &followup->task, followup->arena, ret_request);
}

static enum err_code
conclude_cancel(const struct domain_env *env, struct followup *followup, const struct http_response *response)
{
	struct task *task = &followup->task;
	const int64_t now = clock_wall_ms(), tries = ++task->tries;
	bool stopped = response->end == HTTP_ANSWERED && response->status < 300;
	/* Another key does not know the job: its answer is no verdict. */
	bool final = answer_cancel(response) && (stopped || channel_is_of(followup->channel, task));
	if (!final && tries < TRIES)
		return lease_return(env->store, task, now + followup_wait(env, tries, response));
	if (final)
		log_info("cancelled upstream: task=%s answer=%d", task->video_id, response->status);
	else
		log_warn("cannot be cancelled upstream: task=%s answer=%d", task->video_id, response->status);
	enum err_code err = lease_return(env->store, task, NEVER);
	return err == ERR_OK
	           ? transition_event(env->store,
	                              stopped ? STATE_EVENT_CONFIRM_CANCEL : STATE_EVENT_CANCEL_IN_VAIN, now,
	                              task)
	           : err;
}

const struct followup_kind followup_cancel = {.compose = compose, .conclude = conclude_cancel};
