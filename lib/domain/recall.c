/* Calling a job off upstream, after the user has cancelled its task. For the user it is over already: this
 * only saves what the upstream would spend on it, so it is tried a few times and then left alone. */
#include "base/clock.h"
#include "base/config.h"
#include "base/crypto.h"
#include "base/log.h"
#include "domain/channel.h"
#include "domain/env.h"
#include "domain/errand.h"
#include "domain/move.h"
#include "domain/schedule.h"
#include "upstream/answer.h"
#include "upstream/compose.h"
#include "upstream/message.h"

enum { TRIES = 6 };

static enum err_code
compose(const struct errand *errand, struct http_request *ret_request)
{
	return compose_cancel(errand->channel, &errand->task, errand->arena, ret_request);
}

static enum err_code
settle_recall(const struct domain_env *env, struct errand *errand, const struct http_response *response)
{
	struct task *task = &errand->task;
	int64_t due_at = 0, tries = ++task->polls;
	/* That another key does not know the job says nothing. */
	if (answer_cancel(response) && (response->status < 300 || channel_is_of(errand->channel, task)))
		log_info("called off upstream: task=%s answer=%d", task->video_id, response->status);
	else if (tries < TRIES)
		due_at = clock_wall_ms() + schedule_poll_failed(env->config, 0, tries, crypto_dice());
	else
		log_warn("cannot be called off upstream: task=%s answer=%d", task->video_id,
		         response->status);
	return move_rest(env->store, task, due_at);
}

const struct errand_kind errand_recall = {.compose = compose, .settle = settle_recall};
