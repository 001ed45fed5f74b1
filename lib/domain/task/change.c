/* What users do to their tasks. The row is read inside the transaction that changes it, so that nothing moves
 * in between. */
#include "domain/task/change.h"

#include <stddef.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/config.h"
#include "domain/channel/channels.h"
#include "domain/channel/route.h"
#include "domain/env.h"
#include "domain/lease.h"
#include "domain/task/admit.h"
#include "domain/task/submit_outcome.h"
#include "domain/task/transition.h"
#include "domain/upload.h"
#include "domain/video/path.h"
#include "model/channel.h"
#include "store/image.h"
#include "store/store.h"
#include "store/task.h"
#include "store/task_match.h"
#include "upstream/dialect/dialect.h"

static enum err_code
begin(const struct domain_env *env, struct arena *arena, const struct change_target *target,
      struct task *ret_task)
{
	enum err_code err = store_begin(env->store, STORE_DURABLE);
	if (err == ERR_OK)
		err = store_task_get(env->store, arena, target->user_id, target->video_id, ret_task);
	return err;
}

/* ---- cancel ---- */

static enum err_code
cancel(struct store *store, int64_t asker, struct task *task)
{
	static const enum state_edge edges[TASK_STATE__MAX] = {
	    [TASK_STATE_READY] = STATE_EDGE_CANCEL_READY,
	    [TASK_STATE_SENDING] = STATE_EDGE_CANCEL_SENDING,
	    [TASK_STATE_UNSURE] = STATE_EDGE_CANCEL_UNSURE,
	    [TASK_STATE_RUNNING] = STATE_EDGE_CANCEL_RUNNING,
	};
	int64_t now = clock_wall_ms();
	/* Where the upstream has the job, or may have it, the poller cancels it there; a submission under way
	 * may still bring the job's id, and is waited for. */
	bool sent = task->state != TASK_STATE_READY;
	int64_t due_at = task->state == TASK_STATE_SENDING ? task->due_at : sent ? now : 0;
	const struct transition change = {.now = now,
	                                  .completed_at = now,
	                                  .due_at = due_at,
	                                  .cancelled_by = asker == task->user_id ? "user" : "operator"};
	if (task->state == TASK_STATE_CANCELLED)
		return ERR_OK;
	if (task_state_terminal(task->state))
		return ERR_NOT_OPEN;
	task->updated_at = now > task->updated_at ? now : task->updated_at;
	return transition(store, edges[task->state], &change, task);
}

enum err_code
change_cancel(const struct domain_env *env, struct arena *arena, const struct change_target *target,
              struct task *ret_task)
{
	enum err_code err = begin(env, arena, target, ret_task);
	if (err == ERR_OK)
		err = cancel(env->store, target->asker, ret_task);
	return store_end(env->store, err);
}

/* ---- delete ---- */

enum err_code
change_delete(const struct domain_env *env, struct arena *arena, const struct change_target *target)
{
	struct task task;
	int64_t rev;
	const char *video = NULL;
	enum err_code err = begin(env, arena, target, &task);
	if (err == ERR_OK)
		video = archive_path(arena, env->config->data, task.video_id);
	if (err == ERR_OK && !task_state_terminal(task.state))
		err = cancel(env->store, target->asker, &task);
	if (err == ERR_OK && task.state == TASK_STATE_FAILED)
		err = transition_event(env->store, STATE_EVENT_DELETE, clock_wall_ms(), &task);
	if (err == ERR_OK)
		err = store_task_delete(env->store, task.id, clock_wall_ms(), &rev);
	if (err == ERR_OK)
		err = store_prompt_keep(env->store, &task);
	err = store_end(env->store, err);
	if (err == ERR_OK && task.input_file != NULL)
		upload_remove(env->config->data, task.input_file);
	if (err == ERR_OK)
		upload_remove_listed(env->config->data, task.images);
	if (err == ERR_OK && video != NULL)
		unlink(video);
	return err;
}

/* ---- retry ---- */

/* True where the job is still to be cancelled upstream, or may be once its id is known: another attempt would
 * forget it. */
static bool
cancel_is_pending(const struct domain_env *env, const struct task *task)
{
	if (task->state != TASK_STATE_CANCELLED || task->due_at == 0)
		return false;
	const struct channel *channel = channels_for_task(env->channels, task);
	bool can = channel != NULL ? dialect_can_cancel(channel->dialect)
	                           : channels_must_wait(env->channels, NULL, task);
	channel_release(channel);
	return can;
}

/* Checks whether the user can pay for another attempt. */
static enum err_code
check_price(const struct domain_env *env, struct arena *arena, const struct change_target *target,
            const struct budget_owner *owner, struct change_refusal *refusal)
{
	const struct check check = {.owner = *owner,
	                            .payer = &refusal->quote.payer,
	                            .amount = refusal->quote.amount,
	                            .now = refusal->quote.at,
	                            .cap = target->cap};
	return refusal->quote.billed ? check_payable(env, arena, &check, &refusal->payment) : ERR_OK;
}

/* Prices the task, so that it names all that is priced, and then chooses by what it names. Where the tariff
 * asks for what the task does not name, its row is told. */
static enum err_code
choose(const struct domain_env *env, struct arena *arena, int64_t now, struct task *task,
       struct change_refusal *refusal, struct route_next *next)
{
	const char *size = task->size;
	const int64_t seconds = task->seconds;
	struct prices prices = {.at = now};
	enum err_code err = quote_task(env, arena, &prices, task, &refusal->quote);
	if (err == ERR_OK)
		err = route_retry(env, arena, task, refusal->quote.amount, next);
	bool named = task->size == size && task->seconds == seconds;
	return err == ERR_OK && !named ? store_task_set_shape(env->store, task) : err;
}

static enum err_code
retry(const struct domain_env *env, struct arena *arena, const struct change_target *target,
      struct task *task, struct change_refusal *refusal)
{
	struct route_next next = {0};
	/* The attempt counts for the key that asks, whichever the last one was made with: else one that may
	 * have no more made would spend what another has. */
	const int64_t key = target->asker == task->user_id ? target->api_key : task->api_key;
	struct admit wanted = {.user_id = task->user_id, .api_key = key, .model = task->model, .count = 1};
	int64_t now = clock_wall_ms();
	enum state_edge edge = task->state == TASK_STATE_FAILED ? STATE_EDGE_RETRY : STATE_EDGE_RESUME;
	/* What the last attempt still holds is room for the next one. */
	enum err_code err =
	    cancel_is_pending(env, task) ? ERR_BUSY : transition_let_go(env->store, now, task);
	if (err == ERR_OK)
		err = choose(env, arena, now, task, refusal, &next);
	refusal->unsaid = next.unsaid;
	if (err == ERR_OK && next.open)
		err = route_is_free(env, next.channel, &next.open);
	if (err == ERR_OK)
		err = admit_check(env, arena, &wanted, now,
		                  &refusal->wait_ms); /* the upstream is paid for each */
	if (err == ERR_OK)
		err = check_price(env, arena, target,
		                  &(struct budget_owner){task->user_id, key, next.channel}, refusal);
	if (err == ERR_OK)
		err = admit_count(env, &wanted, now);
	if (err != ERR_OK)
		return err;
	const struct transition_again again = {.edge = edge,
	                                       .now = now,
	                                       .due_at = now,
	                                       .deadline_at = now + env->config->task_deadline,
	                                       .new_owner = next.open ? env->owner : NULL,
	                                       .api_key = key};
	err = transition_retry(env, &again, &refusal->quote, task);
	if (err != ERR_OK)
		return err == ERR_CONFLICT ? ERR_BUSY : err;
	err = route_assign(env, &next, task);
	return err == ERR_OK && next.open ? submit_claim(env, arena, now + lease_submit(env->config), task)
	                                  : err;
}

enum err_code
change_retry(const struct domain_env *env, struct arena *arena, const struct change_target *target,
             struct task *ret_task, struct change_refusal *ret_refusal)
{
	*ret_refusal = (struct change_refusal){0};
	enum err_code err = begin(env, arena, target, ret_task);
	if (err == ERR_OK)
		channels_refresh(env->channels, env->store);
	if (err == ERR_OK && ret_task->state != TASK_STATE_FAILED && ret_task->state != TASK_STATE_CANCELLED)
		err = ERR_NOT_ENDED;
	bool gone = false;
	if (err == ERR_OK)
		err = store_images_gone(env->store, ret_task->id, &gone);
	if (err == ERR_OK && gone)
		err = ERR_INPUT_LOST; /* what it would make is not what was asked for */
	if (err == ERR_OK)
		err = retry(env, arena, target, ret_task, ret_refusal);
	return store_end(env->store, err);
}
