/* Running errands: see errand.h. What an errand is about stands in lookup.c and recall.c. */
#include "domain/errand.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/config.h"
#include "base/log.h"
#include "domain/channel.h"
#include "domain/env.h"
#include "domain/lane.h"
#include "domain/move.h"
#include "store/channel.h"
#include "store/store.h"
#include "upstream/http.h"

enum { NEVER = 0 /* as a due_at */ };

struct run {
	struct errands *errands;
	const struct errand_kind *kind;
	struct errand errand;
	struct http_request request;
	struct lane_place place;
	int64_t since; /* when our lease began */
};

struct errands {
	struct domain_env env;
	size_t active;
	bool abandoned;
};

static void
run_free(struct run *run)
{
	if (run == NULL)
		return;
	channel_done(run->errand.channel);
	arena_free(run->errand.arena);
	free(run);
}

/* Writes what has come of it: `response`, or that the task must wait until `due_at`. */
static void
write_out(struct run *run, const struct http_response *response, int64_t due_at)
{
	const struct domain_env *env = &run->errands->env;
	struct errand *errand = &run->errand;
	enum err_code err = store_begin(env->store, response != NULL ? STORE_DURABLE : STORE_RELAXED);
	if (err == ERR_OK)
		err = response != NULL ? run->kind->settle(env, errand, response)
		                       : move_rest(env->store, &errand->task, due_at);
	err = store_end(env->store, err);
	if (err != ERR_OK && err != ERR_CONFLICT)
		log_error("an errand cannot be written, and will be run again: task=%s: %s",
		          errand->task.video_id, err_word(err));
	run->errands->active--;
	run_free(run);
}

static void
on_response(void *cookie, const struct http_response *response)
{
	struct run *run = cookie;
	lane_leave(&run->place);
	channels_note(run->errands->env.channels, run->errand.channel->name, response);
	write_out(run, run->errands->abandoned ? NULL : response, clock_wall_ms());
}

/* It is its turn, unless it has stood in line for so long that the lease could run out before the answer is
 * written. */
static void
on_turn(void *cookie)
{
	struct run *run = cookie;
	const struct config *config = run->errands->env.config;
	int64_t now = clock_wall_ms();
	bool late = now - run->since > config->lease_margin / 2 || now < run->since;
	struct http *http = run->errands->abandoned || late ? NULL : lane_http(&run->place);
	if (http != NULL && http_start(http, &run->request, on_response, run))
		return;
	lane_leave(&run->place);
	write_out(run, NULL, run->errands->abandoned || late ? now : now + config->poll_interval_max);
}

/* Until when the channel rests; 0 = it does not. */
static int64_t
rest_until(const struct domain_env *env, const struct task *task, int64_t now)
{
	struct channel_health health;
	if (store_channel_health(env->store, task->channel, &health) != ERR_OK)
		return 0;
	return health.cooldown_until > now ? health.cooldown_until : 0;
}

void
errands_start(struct errands *errands, const struct errand_kind *kind, const struct task *task)
{
	const struct domain_env *env = &errands->env;
	struct run *run = calloc(1, sizeof(*run));
	if (run == NULL)
		return;
	run->errands = errands;
	run->kind = kind;
	run->errand.channel = channels_of(env->channels, task);
	run->errand.arena = arena_new();
	if (run->errand.arena == NULL || !task_copy(run->errand.arena, task, &run->errand.task)) {
		run_free(run);
		return;
	}
	errands->active++;
	int64_t now = clock_wall_ms();
	int64_t until = rest_until(env, task, now);
	bool awaited = channels_awaited(env->channels, run->errand.channel, task);
	enum err_code err = awaited ? ERR_NO_CHANNEL : run->errand.channel != NULL ? ERR_OK : ERR_NOT_FOUND;
	if (err == ERR_OK)
		err = kind->compose(&run->errand, &run->request);
	struct lane *lane = err == ERR_OK && until == 0 ? lanes_named(env->lanes, task->channel) : NULL;
	if (lane != NULL) {
		run->request.timeout_ms = env->config->poll_timeout;
		run->since = now;
		run->place = (struct lane_place){.go = on_turn, .cookie = run};
		lane_enter(lane, &run->place);
		return;
	}
	if (awaited && now >= task->deadline_at)
		err = ERR_NOT_FOUND; /* long enough */
	if (err == ERR_NOT_FOUND && task_state_terminal(task->state))
		until = NEVER; /* there is nobody to ask, and nothing depends on it */
	else if (until == 0)
		until = now + env->config->poll_interval_max;
	if (!task_state_terminal(task->state) && until > task->deadline_at)
		until = task->deadline_at;
	write_out(run, NULL, until);
}

struct errands *
errands_new(const struct domain_env *env)
{
	struct errands *errands = calloc(1, sizeof(*errands));
	if (errands != NULL)
		errands->env = *env;
	return errands;
}

void
errands_free(struct errands *errands)
{
	free(errands);
}

void
errands_abandon(struct errands *errands)
{
	errands->abandoned = true;
}

size_t
errands_active(const struct errands *errands)
{
	return errands->active;
}
