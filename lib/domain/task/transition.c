/* Moves: the row first, whose comparison decides, then money, then the task in memory. */
#include "domain/task/transition.h"

#include <stddef.h>

#include "domain/env.h"
#include "domain/money/hold.h"
#include "domain/money/quote.h"
#include "store/share.h"
#include "store/task.h"
#include "store/task_match.h"

/* Makes the charge where the table says so. */
static enum err_code
hold(const struct domain_env *env, enum money money, const struct quote *quote, struct task *task)
{
	return money == MONEY_HOLD ? hold_add(env, quote, task) : ERR_OK;
}

enum err_code
transition_create(const struct domain_env *env, const struct quote *quote, struct task *task)
{
	enum money money = state_event(STATE_EVENT_CREATE)->money;
	/* The row says from the beginning that it has a charge. */
	task->charge.state = money == MONEY_HOLD && quote->billed ? CHARGE_HELD : CHARGE_NONE;
	enum err_code err = store_task_add(env->store, task, &task->id, &task->rev);
	return err == ERR_OK ? hold(env, money, quote, task) : err;
}

static void
learn(const struct job_facts *news, struct job_facts *facts)
{
	facts->model = news->model != NULL ? news->model : facts->model;
	facts->size = news->size != NULL ? news->size : facts->size;
	facts->seconds = news->seconds > 0 ? news->seconds : facts->seconds;
	facts->expires_at = news->expires_at > 0 ? news->expires_at : facts->expires_at;
	facts->cost = news->cost > 0 ? news->cost : facts->cost;
}

enum err_code
transition(struct store *store, enum state_edge edge, const struct transition *change, struct task *task)
{
	const struct state_move *move = state_edge(edge);
	const struct task_move row = {
	    .id = task->id,
	    .channel = task->channel,
	    .from = move->from,
	    .to = move->to,
	    .attempt = task->attempt,
	    .owner = task->owner,
	    .new_owner = change->new_owner,
	    .now = change->now,
	    .due_at = change->due_at,
	    .plain = change->plain,
	    .external_id = change->external_id,
	    .progress = change->progress > 0 ? change->progress : -1,
	    .video_url = change->video_url,
	    .image_url = change->image_url,
	    .job = change->job,
	    .facts = change->facts,
	    .error_code = change->error_code,
	    .error_message = change->error_message,
	    .cancelled_by = change->cancelled_by,
	    .completed_at = change->completed_at,
	    .accepted_at = change->accepted_at,
	    .tries = change->tries,
	    .not_found_count = change->not_found_count,
	};
	struct task moved = *task;
	enum err_code err = store_task_move(store, &row, &moved.rev);
	if (err != ERR_OK)
		return err;
	bool failed = move->to == TASK_STATE_FAILED;
	moved.state = move->to;
	moved.owner = change->new_owner;
	if (!change->plain)
		moved.due_at = change->due_at;
	moved.completed_at = change->completed_at;
	moved.accepted_at = change->accepted_at > 0 ? change->accepted_at : task->accepted_at;
	moved.external_id = change->external_id != NULL ? change->external_id : task->external_id;
	moved.progress = change->progress > task->progress ? change->progress : task->progress;
	moved.video_url = change->video_url != NULL ? change->video_url : task->video_url;
	moved.image_url = change->image_url != NULL ? change->image_url : task->image_url;
	moved.job = change->job != NULL ? change->job : task->job;
	learn(&change->facts, &moved.facts);
	moved.error_code = failed ? change->error_code : NULL;
	moved.error_message = failed ? change->error_message : NULL;
	if (move->from != move->to)
		moved.cancelled_by = change->cancelled_by;
	const struct hold_event event = {move->money, move->name, change->now};
	if (move->money != MONEY_KEEP)
		err = hold_follow(store, &event, &moved, NULL);
	if (err == ERR_OK)
		*task = moved;
	return err;
}

enum err_code
transition_keep_asked(struct store *store, const struct task *task, struct transition *change)
{
	int64_t due_at = 0;
	enum err_code err =
	    !change->plain && change->due_at > 0 ? store_share_due(store, task->id, &due_at) : ERR_OK;
	if (err == ERR_OK && task_looks_now(due_at) && due_at != task->due_at)
		change->due_at = due_at;
	return err;
}

enum err_code
transition_event(struct store *store, enum state_event happened, int64_t now, struct task *task)
{
	const struct state_happening *what = state_event(happened);
	const struct hold_event event = {what->money, what->name, now};
	bool changed = false;
	enum err_code err = hold_follow(store, &event, task, &changed);
	return err == ERR_OK && changed && !task->deleted
	           ? store_task_revise(store, task->id, now, &task->rev)
	           : err;
}

enum err_code
transition_let_go(struct store *store, int64_t now, struct task *task)
{
	const struct state_happening *what = state_event(STATE_EVENT_RETRY);
	const struct hold_event event = {what->money, what->name, now};
	return hold_follow(store, &event, task, NULL);
}

enum err_code
transition_retry(const struct domain_env *env, const struct transition_again *again,
                 const struct quote *quote, struct task *task)
{
	const struct state_move *move = state_edge(again->edge);
	const struct task_retry row = {
	    .id = task->id,
	    .from = move->from,
	    .to = move->to,
	    .owner = again->new_owner,
	    .now = again->now,
	    .due_at = again->due_at,
	    .deadline_at = again->deadline_at,
	    .api_key = again->api_key,
	};
	enum err_code err = store_task_retry(env->store, &row, &task->rev);
	if (err != ERR_OK)
		return err;
	task->state = row.to;
	task->owner = row.owner;
	task->due_at = row.due_at;
	task->deadline_at = row.deadline_at;
	task->api_key = row.api_key;
	task->attempt++;
	task->progress = 0;
	task->external_id = task->error_code = task->error_message = task->video_url = task->image_url = NULL;
	task->job = task->turned_away = task->cancelled_by = NULL;
	task->facts = (struct job_facts){0};
	task->charge = (struct charge_shown){0};
	task->accepted_at = task->completed_at = task->tries = task->not_found_count = 0;
	return hold(env, move->money, quote, task);
}

enum err_code
lease_return(struct store *store, const struct task *task, int64_t due_at)
{
	const struct task_return row = {.id = task->id,
	                                .attempt = task->attempt,
	                                .state = task->state,
	                                .owner = task->owner,
	                                .due_at = due_at,
	                                .tries = task->tries,
	                                .not_found_count = task->not_found_count};
	enum err_code err = store_lease_return(store, &row);
	bool known = task->state == TASK_STATE_CANCELLED && due_at == 0 && task->external_id != NULL;
	return err == ERR_OK && known ? store_prompt_forget(store, task) : err;
}
