/* The outcome of a submission: the edges of model/state.def that lead to SENDING, and that leave SENDING and
 * UNSURE. */
#include "domain/task/submit_outcome.h"

#include <stddef.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/config.h"
#include "base/crypto.h"
#include "base/log.h"
#include "domain/channel/channels.h"
#include "domain/channel/health.h"
#include "domain/channel/route.h"
#include "domain/channel/turned_away.h"
#include "domain/env.h"
#include "domain/task/deadline.h"
#include "domain/task/facts.h"
#include "domain/task/schedule.h"
#include "domain/task/state.h"
#include "domain/task/submit_refused.h"
#include "domain/task/transition.h"
#include "store/channel.h"
#include "store/task.h"
#include "store/task_match.h"
#include "upstream/dialect/dialect.h"

enum { FULL_MS = 1000 /* the wait until a channel that is at its limits is looked at again */ };

static enum err_code
fail(struct store *store, enum state_edge edge, enum err_code why, const char *message, struct task *task)
{
	int64_t now = clock_wall_ms();
	const struct transition end = {
	    .now = now, .completed_at = now, .error_code = err_word(why), .error_message = message};
	return transition(store, edge, &end, task);
}

/* ---- verdicts ---- */

static struct transition
running(const struct domain_env *env, const struct submit_answer *answer, const struct task *task)
{
	int64_t now = clock_wall_ms();
	return (struct transition){
	    .now = now,
	    .accepted_at = now,
	    .external_id = answer->external_id,
	    .facts = facts_news(task, &answer->facts),
	    .job = answer->job,
	    .due_at = schedule_first(env->config, task, now),
	};
}

/* The upstream's id is known: the task is under way. */
static enum err_code
start_running(const struct domain_env *env, enum state_edge edge, const struct submit_answer *answer,
              struct task *task)
{
	const struct transition change = running(env, answer, task);
	return transition(env->store, edge, &change, task);
}

/* Finds the edge on which the upstream's id can still be written after another process has taken the row
 * over; false where there is none. That process has not submitted anew: that would be another attempt. */
static bool
edge_for_late_id(const struct task *row, int64_t attempt, enum state_edge *ret_edge)
{
	if (row->external_id != NULL || row->attempt != attempt)
		return false;
	if (row->state == TASK_STATE_SENDING)
		*ret_edge = STATE_EDGE_ACCEPT; /* about to be given up */
	else if (row->state == TASK_STATE_UNSURE)
		*ret_edge = STATE_EDGE_FIND;
	else if (row->state == TASK_STATE_CANCELLED)
		*ret_edge = STATE_EDGE_LATE_ID;
	else if (row->state == TASK_STATE_FAILED && row->error_code != NULL &&
	         strcmp(row->error_code, err_word(ERR_SUBMISSION_UNKNOWN)) == 0)
		*ret_edge = STATE_EDGE_REVIVE;
	else
		return false;
	return true;
}

/* Writes the id along the edge that is left. Where the user has cancelled the task, its job is then due to be
 * cancelled upstream. */
static enum err_code
accept_by_edge(const struct domain_env *env, enum state_edge edge, const struct submit_answer *answer,
               const struct task *row, struct task *task)
{
	struct transition change = running(env, answer, row);
	if (edge == STATE_EDGE_LATE_ID) {
		change.due_at = change.now;
		change.completed_at = row->completed_at;
	}
	*task = *row;
	return transition(env->store, edge, &change, task);
}

/* What is left to do with an upstream's id whose row is no longer ours. */
enum late_id {
	LATE_WRITTEN, /* an earlier write of ours did arrive */
	LATE_EDGE,    /* write it along an edge that is left */
	LATE_ATTEMPT, /* keep it with the earlier attempt that it belongs to */
	LATE_NO_TASK  /* no task is left for it, or another that asked for just the same has it
	                 (followup_find.c) */
};

static enum err_code
judge_late_id(struct store *store, const struct task *ours, const struct task *row, const char *external_id,
              enum late_id *ret_case, enum state_edge *ret_edge)
{
	bool known;
	if (row->external_id != NULL && strcmp(row->external_id, external_id) == 0) {
		*ret_case = LATE_WRITTEN;
		return ERR_OK;
	}
	enum err_code err = store_external_known(store, ours, external_id, &known);
	if (err != ERR_OK)
		return err;
	if (known)
		*ret_case = LATE_NO_TASK;
	else if (edge_for_late_id(row, ours->attempt, ret_edge))
		*ret_case = LATE_EDGE;
	else
		*ret_case = row->attempt != ours->attempt ? LATE_ATTEMPT : LATE_NO_TASK;
	return ERR_OK;
}

/* The row is no longer ours, and the upstream has taken the task: its id must not be lost. At worst it is in
 * the log. */
static enum err_code
accept_late(const struct domain_env *env, struct arena *arena, const struct submit_answer *answer,
            struct task *task)
{
	const char *external_id = answer->external_id;
	struct task row;
	enum late_id late = LATE_NO_TASK;
	enum state_edge edge;
	const int64_t attempt = task->attempt;
	enum err_code err = store_task_find(env->store, arena, 0, task->video_id, &row);
	if (err == ERR_OK)
		err = judge_late_id(env->store, task, &row, external_id, &late, &edge);
	if (err == ERR_OK && late == LATE_EDGE)
		return accept_by_edge(env, edge, answer, &row, task);
	if (err == ERR_OK)
		*task = row;
	if (err == ERR_OK && late == LATE_ATTEMPT)
		err = store_attempt_learn(env->store, row.id, attempt, external_id);
	bool lost = err == ERR_OK ? late == LATE_NO_TASK : err == ERR_CONFLICT || err == ERR_NOT_FOUND;
	if (lost)
		log_error("an upstream job has no task: task=%s external=%s", task->video_id, external_id);
	return err == ERR_CONFLICT ? ERR_OK : err;
}

static enum err_code
accepted(const struct domain_env *env, struct arena *arena, const struct submit_answer *answer,
         struct task *task)
{
	enum err_code err = health_note_accepted(env->store, task);
	if (err == ERR_OK)
		err = start_running(env, STATE_EDGE_ACCEPT, answer, task);
	return err == ERR_CONFLICT ? accept_late(env, arena, answer, task) : err;
}

static enum err_code
postponed(const struct domain_env *env, struct arena *arena, const struct submit_answer *answer,
          struct task *task)
{
	int64_t now = clock_wall_ms(), tries = task->tries + 1;
	bool unconnected = !answer->ours && answer->status == 0, moved = false;
	/* Without a connection it is due at once, and as old as it is: the channel's cooldown holds all back,
	 * and then they go in order of creation. What is answered may be said of this task alone: it waits by
	 * itself, and holds no other back. */
	const int64_t at_once = schedule_at_once(task, now);
	int64_t due_at = at_once;
	if (answer->ours)
		due_at = now + schedule_poll_failed(env->config, 0, tries, crypto_dice());
	else if (!unconnected)
		due_at = now + health_task_wait(tries, answer->retry_after_ms, crypto_dice());
	const struct route_later later = {answer->retry_after_ms > 0 ? now + answer->retry_after_ms : 0,
	                                  due_at};
	const struct transition change = {
	    .now = now, .due_at = at_once, .tries = tries, .not_found_count = task->not_found_count};
	enum err_code err = answer->ours ? health_note_over(env->store, task)
	                                 : health_note_not_accepted(env->store, task, tries, answer);
	if (err == ERR_OK)
		err = transition(env->store, STATE_EDGE_POSTPONE, &change, task);
	if (err == ERR_OK && deadline_passed(env->store, task, now))
		return fail(env->store, STATE_EDGE_EXPIRE, ERR_TIMEOUT, answer->message, task);
	if (err == ERR_OK && arena != NULL)
		err = unconnected || answer->ours ? route_reassign(env, arena, task, &moved)
		                                  : route_turn_away(env, arena, &later, task, &moved);
	if (err != ERR_OK || moved || due_at == at_once)
		return err;
	task->due_at = schedule_by_deadline(task, due_at);
	task->tries = tries;
	return lease_return(env->store, task, task->due_at);
}

/* Returns the lease of a task that cannot be sent to its channel now. */
static enum err_code
return_lease_for(const struct domain_env *env, int64_t wait, struct task *task)
{
	int64_t due_at = clock_wall_ms() + wait;
	enum err_code err = lease_return(env->store, task, schedule_by_deadline(task, due_at));
	if (err == ERR_OK)
		task->owner = NULL;
	return err;
}

/* The same where the channel takes nothing of the kind for a moment: it is due at once, and as old as it is.
 */
static enum err_code
return_lease_now(const struct domain_env *env, struct task *task)
{
	enum err_code err = lease_return(env->store, task, schedule_at_once(task, clock_wall_ms()));
	if (err == ERR_OK)
		task->owner = NULL;
	return err;
}

/* How long a channel does not take a task. */
struct wait {
	int64_t ms;  /* 0 = it takes it now */
	bool of_all; /* it takes none, or none of its model, meanwhile */
};

/* True while the task may not be sent, as far as the channel's health goes: another of those that were
 * claimed together may be the probe. Nothing is claimed of what cools down. */
static enum err_code
health_rests(const struct domain_env *env, const struct channel *channel, const struct task *task,
             bool *ret_rests)
{
	int64_t until = 0;
	enum err_code err =
	    health_until(env->store, channel->name, HEALTH_NEW_WORK, task, clock_wall_ms(), &until);
	if (err == ERR_OK)
		*ret_rests = until > 0;
	return err;
}

/* Finds out how long the channel does not take the task. A channel that gets no new work still makes what is
 * made from its own videos, and only the key that made them knows those. Limits may have been reached since
 * the task was claimed, and the model may have become another channel's. */
static enum err_code
wait_for_channel(const struct domain_env *env, struct arena *arena, const struct channel *channel,
                 const struct task *task, struct wait *ret_wait)
{
	const struct channel_limits limits = {.concurrency = channel->concurrency, .rate = channel->rate};
	int64_t now = clock_wall_ms(), room = INT64_MAX;
	int64_t asked = turned_away_until(task->turned_away, channel->name, now);
	bool rests = false, away = task->source_external_id != NULL
	                               ? channels_must_wait(env->channels, channel, task)
	                               : !channel->takes_new;
	*ret_wait = (struct wait){0};
	if (away || !route_fits(env, arena, channel, task)) {
		ret_wait->ms = env->config->poll_interval_max;
		return ERR_OK;
	}
	if (asked > 0) {
		ret_wait->ms = asked - now;
		return ERR_OK;
	}
	enum err_code err = health_rests(env, channel, task, &rests);
	if (err == ERR_OK && !rests && (limits.concurrency > 0 || limits.rate > 0))
		err = store_channel_room(env->store, channel->name, &limits, now, &room);
	if (err == ERR_OK && (rests || room == 0))
		*ret_wait = (struct wait){.ms = FULL_MS, .of_all = true};
	return err;
}

/* Notes the key that the attempt is sent by. */
static enum err_code
note_key(const struct domain_env *env, const struct channel *channel, struct arena *arena, struct task *task)
{
	bool sent_with_key = channel->idempotency_header != NULL;
	if (sent_with_key == task->sent_with_key && task->key_id != NULL &&
	    strcmp(task->key_id, channel->key_id) == 0)
		return ERR_OK;
	task->sent_with_key = sent_with_key;
	task->key_id = arena_strdup(arena, channel->key_id);
	return task->key_id != NULL ? store_task_set_key(env->store, task->id, sent_with_key, task->key_id)
	                            : ERR_NO_MEMORY;
}

/* Takes an edge to SENDING, and keeps the lease until `until`. */
static enum err_code
send_under_lease(struct store *store, enum state_edge edge, int64_t until, struct task *task)
{
	const struct transition change = {.now = clock_wall_ms(),
	                                  .new_owner = task->owner,
	                                  .due_at = until,
	                                  .tries = task->tries,
	                                  .not_found_count = task->not_found_count};
	return transition(store, edge, &change, task);
}

/* Takes the edge CLAIM, and notes the key and the count against the channel's rate. */
static enum err_code
claim_for(const struct domain_env *env, const struct channel *channel, int64_t until, struct arena *arena,
          struct task *task)
{
	enum err_code err = send_under_lease(env->store, STATE_EDGE_CLAIM, until, task);
	if (err == ERR_OK && channel != NULL)
		err = note_key(env, channel, arena, task);
	return err == ERR_OK ? route_count(env, task) : err;
}

enum err_code
submit_claim_turn(const struct domain_env *env, struct arena *arena, int64_t until, struct task *task,
                  bool *ret_back)
{
	int64_t now = clock_wall_ms();
	*ret_back = false;
	if (deadline_passed(env->store, task, now))
		return fail(env->store, STATE_EDGE_EXPIRE, ERR_TIMEOUT, err_text(ERR_TIMEOUT, "en"), task);
	/* A task made from a video stays with the key that made that; all others go by the key for new work.
	 */
	const struct channel *channel = task->source_external_id != NULL
	                                    ? channels_for_task(env->channels, task)
	                                    : channels_find(env->channels, task->channel);
	struct wait wait = {0};
	enum err_code err = channel != NULL ? wait_for_channel(env, arena, channel, task, &wait) : ERR_OK;
	bool moved = false;
	if (err == ERR_OK && wait.ms > 0)
		err = route_reassign(env, arena, task, &moved);
	if (err == ERR_OK && wait.ms > 0 && wait.of_all && !moved) {
		err = return_lease_now(env, task);
		*ret_back = err == ERR_OK;
	} else if (err == ERR_OK && wait.ms > 0) { /* another channel takes it at once */
		err = return_lease_for(env, moved ? 0 : wait.ms, task);
	} else if (err == ERR_OK) {
		err = claim_for(env, channel, until, arena, task);
	}
	channel_release(channel);
	return err;
}

enum err_code
submit_claim(const struct domain_env *env, struct arena *arena, int64_t until, struct task *task)
{
	bool back;
	return submit_claim_turn(env, arena, until, task, &back);
}

/* ---- unsure ---- */

enum unsure_step
unsure_next_step(const struct domain_env *env, const struct task *task)
{
	const struct channel *channel = channels_for_task(env->channels, task);
	enum unsure_step step = UNSURE_GIVE_UP;
	struct task copy = *task;
	if (deadline_passed(env->store, &copy, clock_wall_ms()))
		step = UNSURE_GIVE_UP;
	else if (channels_must_wait(env->channels, channel, task))
		step = UNSURE_FIND;
	else if (channel == NULL)
		step = UNSURE_GIVE_UP;
	else if (channel->idempotency_header != NULL && task->sent_with_key && channel_is_of(channel, task))
		step = UNSURE_REPEAT; /* under another key it would be another job */
	else if (dialect_can_list(channel->dialect))
		step = UNSURE_FIND;
	channel_release(channel);
	return step;
}

enum err_code
submit_give_up(const struct domain_env *env, const char *message, struct task *task)
{
	enum err_code err = fail(env->store, STATE_EDGE_GIVE_UP, ERR_SUBMISSION_UNKNOWN, message, task);
	return err == ERR_OK ? store_task_say(env->store, task->id) : err;
}

enum err_code
submit_lose(const struct domain_env *env, const struct submit_answer *answer, struct task *task)
{
	int64_t now = clock_wall_ms();
	enum unsure_step step = unsure_next_step(env, task);
	struct transition change = {.now = now};
	if (step == UNSURE_GIVE_UP) {
		change.new_owner = task->owner;
		change.due_at = task->due_at;
	} else {
		/* Looks into the list are counted from here; repetitions go on being counted. */
		change.tries = step == UNSURE_REPEAT ? task->tries + 1 : 0;
		int64_t wait = schedule_poll_failed(env->config, 0, change.tries, crypto_dice());
		change.due_at = schedule_by_deadline(
		    task, now + (wait > answer->retry_after_ms ? wait : answer->retry_after_ms));
	}
	enum err_code err = health_note_unknown(env->store, task, answer);
	if (err == ERR_OK)
		err = transition(env->store, STATE_EDGE_LOSE, &change, task);
	if (err == ERR_OK && step != UNSURE_GIVE_UP && answer->status != 0)
		err = store_task_set_said(env->store, task->id, answer->message);
	return err == ERR_OK && step == UNSURE_GIVE_UP ? submit_give_up(env, answer->message, task) : err;
}

enum err_code
submit_repeat(const struct domain_env *env, int64_t until, struct task *task)
{
	int64_t now = clock_wall_ms(), until_cool;
	enum err_code err =
	    health_until(env->store, task->channel, HEALTH_REPETITION, task, now, &until_cool);
	if (err != ERR_OK)
		return err;
	if (until_cool > 0)
		return return_lease_for(env, until_cool - now, task);
	/* The job counts already; the submission does not. */
	const struct channel *channel = channels_for_task(env->channels, task);
	const struct channel_limits limits = {.rate = channel != NULL ? channel->rate : 0};
	int64_t room;
	channel_release(channel);
	err = store_channel_room(env->store, task->channel, &limits, now, &room);
	if (err == ERR_OK && room == 0)
		return return_lease_for(env, FULL_MS, task);
	if (err == ERR_OK)
		err = send_under_lease(env->store, STATE_EDGE_REPEAT, until, task);
	return err == ERR_OK ? route_count(env, task) : err;
}

enum err_code
submit_found(const struct domain_env *env, struct arena *arena, const char *external_id, struct task *task)
{
	const struct submit_answer answer = {.verdict = SUBMIT_ACCEPTED, .external_id = external_id};
	enum err_code err = health_note_accepted(env->store, task); /* its answer alone was lost */
	if (err == ERR_OK)
		err = task->state == TASK_STATE_UNSURE ? start_running(env, STATE_EDGE_FIND, &answer, task)
		                                       : ERR_CONFLICT;
	return err == ERR_CONFLICT ? accept_late(env, arena, &answer, task) : err;
}

/* Another process has decided, or the user: nothing of ours is lost, as each verdict has noted what it says
 * of the channel before it moved the row. Where the user has cancelled our submission, and it has surely made
 * no job, none has to be looked for. */
static enum err_code
yield(struct store *store, struct arena *arena, const struct submit_answer *answer, struct task *task)
{
	const int64_t attempt = task->attempt, lease_end = task->due_at;
	enum err_code err = store_task_find(store, arena, 0, task->video_id, task);
	bool ours = err == ERR_OK && task->state == TASK_STATE_CANCELLED && task->attempt == attempt &&
	            task->owner == NULL && task->external_id == NULL && task->due_at == lease_end;
	if (!ours || answer->verdict == SUBMIT_UNKNOWN)
		return err;
	task->due_at = 0;
	err = store_task_set_unsent(store, task->id);
	if (err == ERR_OK)
		err = store_prompt_forget(store, task);
	if (err == ERR_OK)
		err = lease_return(store, task, 0);
	return err == ERR_OK
	           ? transition_event(store, STATE_EVENT_VERDICT_AFTER_CANCEL, clock_wall_ms(), task)
	           : err;
}

struct submit_answer
submit_unsent(enum err_code why)
{
	struct submit_answer answer = {
	    .verdict = SUBMIT_NOT_ACCEPTED, .ours = true, .message = err_text(why, "en")};
	if (why == ERR_UNSUPPORTED_FIELD || why == ERR_INPUT_LOST)
		answer.verdict = SUBMIT_REFUSED;
	answer.input_lost = why == ERR_INPUT_LOST;
	return answer;
}

enum err_code
submit_outcome_apply(const struct domain_env *env, struct arena *arena, const struct submit_answer *answer,
                     struct task *task)
{
	enum err_code err = ERR_INTERNAL;
	switch (answer->verdict) {
	case SUBMIT_ACCEPTED:
		return accepted(env, arena, answer, task);
	case SUBMIT_REFUSED:
	case SUBMIT_NO_ACCOUNT:
		err = submit_refused(env, arena, answer, task);
		break;
	case SUBMIT_NOT_ACCEPTED:
		err = postponed(env, arena, answer, task);
		break;
	case SUBMIT_UNKNOWN:
		err = submit_lose(env, answer, task);
		break;
	}
	if (err == ERR_CONFLICT && arena != NULL)
		err = yield(env->store, arena, answer, task);
	return err;
}
