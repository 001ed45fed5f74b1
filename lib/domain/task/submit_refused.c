/* Refusals of submissions: see submit_refused.h. */
#include "domain/task/submit_refused.h"

#include <stddef.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "domain/channel/health.h"
#include "domain/channel/route.h"
#include "domain/channel/turned_away.h"
#include "domain/env.h"
#include "domain/task/deadline.h"
#include "domain/task/failure.h"
#include "domain/task/schedule.h"
#include "domain/task/state.h"
#include "domain/task/transition.h"
#include "store/channel.h"
#include "store/task.h"

enum {
	ACCOUNT_WORKED_MS =
	    10 * 60 * 1000 /* for so long after it took a task a channel's account is in order */
};

/* True where our own words for an end are also the upstream's for its error: they must not be mistaken. */
static bool
is_reserved(const char *code)
{
	static const enum err_code ours[] = {ERR_SUBMISSION_UNKNOWN, ERR_TIMEOUT, ERR_INPUT_LOST,
	                                     ERR_UPSTREAM_LOST};
	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		if (strcmp(code, err_word(ours[i])) == 0)
			return true;
	return false;
}

/* The upstream refused the task: its code and its sentence are the task's. */
static enum err_code
refused(const struct domain_env *env, const struct submit_answer *answer, struct task *task)
{
	int64_t now = clock_wall_ms();
	struct transition end = {.now = now,
	                         .completed_at = now,
	                         .error_code = err_word(ERR_UPSTREAM_REJECTED),
	                         .error_message = answer->message};
	if (end.error_message == NULL) /* it quoted the key */
		end.error_message = err_text(ERR_UPSTREAM_REJECTED, "en");
	if (answer->input_lost)
		end.error_code = err_word(ERR_INPUT_LOST);
	else if (answer->code != NULL && !is_reserved(answer->code))
		end.error_code = answer->code;
	enum err_code err = health_note_over(env->store, task);
	if (err == ERR_OK)
		err = transition(env->store, STATE_EDGE_REFUSE, &end, task);
	if (err != ERR_OK)
		return err;
	task->upstream_status = answer->status;
	log_warn("a task is refused: task=%s channel=%s status=%d code=%s reason=%s", task->video_id,
	         task->channel, answer->status, answer->code != NULL ? answer->code : "-",
	         answer->message != NULL ? answer->message : "-");
	return ERR_OK;
}

/* The deadline passed while the account was not in order. */
static enum err_code
expire(const struct domain_env *env, struct task *task)
{
	int64_t now = clock_wall_ms();
	const struct transition end = {.now = now,
	                               .completed_at = now,
	                               .error_code = err_word(ERR_TIMEOUT),
	                               .error_message = failure_account_text};
	return transition(env->store, STATE_EDGE_EXPIRE, &end, task);
}

/* The task waits in READY, in order of creation, and remembers that its channel could not make it for a
 * reason of its own. */
static enum err_code
put_back(const struct domain_env *env, struct arena *arena, enum turned_away why, struct task *task)
{
	int64_t now = clock_wall_ms();
	const struct transition change = {
	    .now = now, .due_at = schedule_at_once(task, now), .tries = task->tries + 1};
	const char *turned_away = turned_away_add(arena, task->turned_away, why, task->channel);
	if (turned_away == NULL)
		return ERR_NO_MEMORY;
	enum err_code err = transition(env->store, STATE_EDGE_POSTPONE, &change, task);
	if (err == ERR_OK)
		err = store_task_set_turned_away(env->store, task->id, turned_away);
	if (err == ERR_OK)
		task->turned_away = turned_away;
	return err;
}

/* The operator's key or balance: the task waits, or goes to another channel. A channel that took a task
 * lately and says this of one task twice means the task. The user is not told what the upstream says of the
 * account.
 */
static enum err_code
no_account(const struct domain_env *env, struct arena *arena, const struct submit_answer *answer,
           struct task *task)
{
	struct channel_health health;
	int64_t now = clock_wall_ms();
	enum err_code err = store_channel_health(env->store, task->channel, &health);
	if (err != ERR_OK)
		return err;
	/* A time in the future is of before the clock was set back, and says nothing. */
	bool worked = health.accepted_at <= now && now - health.accepted_at < ACCOUNT_WORKED_MS;
	if (worked && turned_away_by(task->turned_away, TURNED_AWAY_ACCOUNT, task->channel)) {
		const struct submit_answer plain = {.verdict = SUBMIT_REFUSED,
		                                    .message = err_text(ERR_UPSTREAM_REJECTED, "en")};
		return refused(env, &plain, task);
	}
	err = health_note_account(env->store, task, answer);
	if (err == ERR_OK)
		err = put_back(env, arena, TURNED_AWAY_ACCOUNT, task);
	if (err == ERR_OK && deadline_passed(env->store, task, now))
		return expire(env, task);
	bool moved = false;
	if (err == ERR_OK)
		err = route_reassign(env, arena, task, &moved);
	task->account_waits = !moved;
	return err;
}

/* The upstream does not have the model: another channel that lists it makes the task. Where each of them has
 * been asked, it is the user's to know. */
static enum err_code
no_model(const struct domain_env *env, struct arena *arena, const struct submit_answer *answer,
         struct task *task)
{
	const char *name = NULL;
	enum err_code err = ERR_OK;
	if (task->model != NULL && task->source_external_id == NULL)
		err = route_other_with_model(env, arena, task, &name);
	if (err != ERR_OK)
		return err;
	if (name == NULL)
		return refused(env, answer, task);
	log_warn("a channel does not have a model: channel=%s model=%s status=%d code=%s reason=%s",
	         task->channel, task->model, answer->status, answer->code != NULL ? answer->code : "-",
	         answer->message != NULL ? answer->message : "-");
	err = health_note_over(env->store, task);
	if (err == ERR_OK)
		err = store_channel_lacks(env->store, task->channel, task->model, clock_wall_ms());
	if (err == ERR_OK)
		err = put_back(env, arena, TURNED_AWAY_MODEL, task);
	if (err == ERR_OK)
		err = store_channel_reassign(env->store, task, name);
	if (err == ERR_OK)
		task->channel = name;
	return err;
}

enum err_code
submit_refused(const struct domain_env *env, struct arena *arena, const struct submit_answer *answer,
               struct task *task)
{
	if (answer->verdict == SUBMIT_NO_ACCOUNT)
		return no_account(env, arena, answer, task);
	return answer->no_model ? no_model(env, arena, answer, task) : refused(env, answer, task);
}
