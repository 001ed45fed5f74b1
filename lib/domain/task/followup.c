/* Runs followups: queues the question, sends it, has the answer written. The two kinds are followup_find.c
 * and followup_cancel.c. */
#include "domain/task/followup.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/config.h"
#include "base/crypto.h"
#include "base/log.h"
#include "domain/channel/channels.h"
#include "domain/channel/health.h"
#include "domain/channel/queue.h"
#include "domain/env.h"
#include "domain/task/deadline.h"
#include "domain/lease.h"
#include "domain/task/schedule.h"
#include "domain/task/transition.h"
#include "store/store.h"
#include "upstream/http/client.h"

enum { NEVER = 0 /* as a due_at */ };

struct run {
	struct followups *followups;
	const struct followup_kind *kind;
	struct followup followup;
	struct http_request request;
	struct queue_entry place;
	int64_t since; /* when our lease began */
};

struct followups {
	struct domain_env env;
	size_t active;
	bool abandoned;
};

static void
run_free(struct run *run)
{
	if (run == NULL)
		return;
	channel_release(run->followup.channel);
	arena_free(run->followup.arena);
	free(run);
}

/* Returns the lease until `due_at`. A job that is known, and that none is left to ask about, cannot be
 * stopped. */
static enum err_code
put_back(const struct domain_env *env, struct task *task, int64_t due_at)
{
	bool dropped = due_at == NEVER && task->state == TASK_STATE_CANCELLED && task->external_id != NULL;
	enum err_code err = lease_return(env->store, task, due_at);
	return err == ERR_OK && dropped
	           ? transition_event(env->store, STATE_EVENT_CANCEL_IN_VAIN, clock_wall_ms(), task)
	           : err;
}

/* Writes what the response means; without one, returns the lease until `due_at`. */
static void
write_out(struct run *run, const struct http_response *response, int64_t due_at)
{
	const struct domain_env *env = &run->followups->env;
	struct followup *followup = &run->followup;
	enum err_code err =
	    store_begin(env->store, response != NULL || due_at == NEVER ? STORE_DURABLE : STORE_RELAXED);
	if (err == ERR_OK)
		err = response != NULL ? run->kind->conclude(env, followup, response)
		                       : put_back(env, &followup->task, due_at);
	err = store_end(env->store, err);
	if (err != ERR_OK && err != ERR_CONFLICT)
		log_error("a followup cannot be written, and will be run again: task=%s: %s",
		          followup->task.video_id, err_word(err));
	run->followups->active--;
	run_free(run);
}

static void
on_response(void *cookie, const struct http_response *response)
{
	struct run *run = cookie;
	queue_leave(&run->place);
	channels_note(run->followups->env.channels, run->followup.channel->name, response);
	write_out(run, run->followups->abandoned ? NULL : response, clock_wall_ms());
}

/* Sends the question, unless it was queued for so long that the lease could run out before the answer is
 * written. */
static void
on_turn(void *cookie)
{
	struct run *run = cookie;
	const struct config *config = run->followups->env.config;
	int64_t now = clock_wall_ms();
	bool late = lease_is_stale(config, run->since, now);
	struct http *http = run->followups->abandoned || late ? NULL : queue_http(&run->place);
	if (http != NULL && http_start(http, &run->request, on_response, run))
		return;
	queue_leave(&run->place);
	write_out(run, NULL, run->followups->abandoned || late ? now : now + config->poll_interval_max);
}

int64_t
followup_wait(const struct domain_env *env, int64_t tries, const struct http_response *response)
{
	int64_t wait = schedule_poll_failed(env->config, 0, tries, crypto_dice());
	return wait > response->retry_after_ms ? wait : response->retry_after_ms;
}

/* What is to be done about a task now. */
struct next_step {
	enum { ASK, WAIT, DROP } step;
	int64_t until; /* WAIT: when to look again */
};

/* Decides: `may_ask` is ERR_OK where the question can be sent, ERR_NOT_FOUND where there is no upstream to
 * ask, or it has no such call, ERR_NO_CHANNEL where its channel must be waited for; `cooling` is the end of a
 * cooldown, 0 = none. Pure. */
static struct next_step
next_step(const struct config *config, const struct task *task, enum err_code may_ask, int64_t cooling,
          int64_t now)
{
	bool ended = task_state_terminal(task->state);
	if (may_ask == ERR_OK && cooling == 0)
		return (struct next_step){.step = ASK};
	if (may_ask == ERR_NO_CHANNEL && now >= task->deadline_at)
		may_ask = ERR_NOT_FOUND; /* waited long enough */
	if (may_ask == ERR_NOT_FOUND && ended)
		return (struct next_step){.step = DROP}; /* nothing depends on it */
	int64_t until = cooling != 0 ? cooling : now + config->poll_interval_max;
	return (struct next_step){.step = WAIT, .until = ended ? until : schedule_by_deadline(task, until)};
}

/* Queues the question. False when memory is short. */
static bool
enqueue(struct run *run, int64_t now)
{
	const struct domain_env *env = &run->followups->env;
	struct queue *queue = queues_find(env->queues, run->followup.task.channel);
	if (queue == NULL)
		return false;
	run->request.timeout_ms = env->config->poll_timeout;
	run->since = now;
	run->place = (struct queue_entry){.start = on_turn, .cookie = run};
	queue_enter(queue, &run->place);
	return true;
}

void
followups_start(struct followups *followups, const struct followup_kind *kind, const struct task *task)
{
	const struct domain_env *env = &followups->env;
	struct run *run = calloc(1, sizeof(*run));
	if (run == NULL)
		return;
	run->followups = followups;
	run->kind = kind;
	run->followup.channel = channels_for_task(env->channels, task);
	run->followup.arena = arena_new();
	if (run->followup.arena == NULL || !task_copy(run->followup.arena, task, &run->followup.task)) {
		run_free(run);
		return;
	}
	followups->active++;
	int64_t now = clock_wall_ms(), cooling = 0;
	health_until(env->store, task->channel, HEALTH_FOLLOWUP, NULL, now, &cooling); /* not known: ask */
	enum err_code may_ask = run->followup.channel != NULL ? ERR_OK : ERR_NOT_FOUND;
	if (channels_must_wait(env->channels, run->followup.channel, task))
		may_ask = ERR_NO_CHANNEL;
	if (may_ask == ERR_OK)
		may_ask = kind->compose(&run->followup, &run->request);
	deadline_passed(env->store, &run->followup.task, now); /* as it is by now */
	struct next_step next = next_step(env->config, &run->followup.task, may_ask, cooling, now);
	if (next.step == ASK && enqueue(run, now))
		return;
	if (next.step == ASK)
		next.until = now + env->config->poll_interval_max;
	write_out(run, NULL, next.step == DROP ? NEVER : next.until);
}

struct followups *
followups_new(const struct domain_env *env)
{
	struct followups *followups = calloc(1, sizeof(*followups));
	if (followups != NULL)
		followups->env = *env;
	return followups;
}

void
followups_free(struct followups *followups)
{
	free(followups);
}

void
followups_abandon(struct followups *followups)
{
	followups->abandoned = true;
}

size_t
followups_active(const struct followups *followups)
{
	return followups->active;
}
