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

enum { TRIES = 6 };

static enum err_code
compose(const struct followup *followup, struct http_request *ret_request)
{
	return compose_cancel(followup->channel, &followup->task, followup->arena, ret_request);
}

static enum err_code
conclude_cancel(const struct domain_env *env, struct followup *followup, const struct http_response *response)
{
	struct task *task = &followup->task;
	int64_t due_at = 0, tries = ++task->tries;
	/* Another key does not know the job: its answer is no verdict. */
	if (answer_cancel(response) && (response->status < 300 || channel_is_of(followup->channel, task)))
		log_info("cancelled upstream: task=%s answer=%d", task->video_id, response->status);
	else if (tries < TRIES)
		due_at = clock_wall_ms() + followup_wait(env, tries, response);
	else
		log_warn("cannot be cancelled upstream: task=%s answer=%d", task->video_id, response->status);
	return lease_return(env->store, task, due_at);
}

const struct followup_kind followup_cancel = {.compose = compose, .conclude = conclude_cancel};
