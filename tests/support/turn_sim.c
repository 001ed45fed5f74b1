/* See turn_sim.h. */
#include "support/turn_sim.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "domain/channel/channels.h"
#include "domain/task/submit_outcome.h"
#include "domain/task/transition.h"
#include "store/channel.h"
#include "store/channel_model.h"
#include "store/claim.h"
#include "store/store.h"
#include "store/turn.h"
#include "store/turn_sleep.h"
#include "support/raw.h"

void
sim_begin(struct sim *sim)
{
	assert_int_equal(store_begin(sim->d->s->store, STORE_RELAXED), ERR_OK);
}

void
sim_commit(struct sim *sim)
{
	assert_int_equal(store_commit(sim->d->s->store), ERR_OK);
}

void
sim_channel(struct sim *sim, const char *name, int64_t concurrency)
{
	const struct channel_row row = {.name = name,
	                                .base = "http://127.0.0.1:1",
	                                .dialect = "sora",
	                                .models = "",
	                                .weight = 1,
	                                .concurrency = concurrency,
	                                .enabled = true};
	sim_begin(sim);
	assert_int_equal(store_channel_put(sim->d->s->store, &row), ERR_OK);
	sim_commit(sim);
	channels_refresh(sim->d->channels, sim->d->s->store);
}

/* Nothing goes to the channel. */
void
sim_rest(struct sim *sim, const char *name)
{
	const struct channel_health health = {.failures = 1, .cooldown_until = clock_wall_ms() + DAY};
	sim_begin(sim);
	assert_int_equal(store_channel_set_health(sim->d->s->store, name, &health), ERR_OK);
	sim_commit(sim);
}

int
sim_setup(void **state)
{
	struct sim *sim = calloc(1, sizeof(*sim));
	assert_non_null(sim);
	sim->d = domains_new(NULL, 0);
	sim_channel(sim, "c", CONCURRENCY);
	sim_rest(sim, "default");
	raw_run(sim->d->s->store,
	        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000) "
	        "INSERT INTO user (id, username, password_hash, admin, disabled, created_at) "
	        "SELECT 1000 + i, 'u' || i, '', 0, 0, 1 FROM n");
	*state = sim;
	return 0;
}

int
sim_teardown(void **state)
{
	struct sim *sim = *state;
	domains_free(sim->d);
	free(sim);
	return 0;
}

/* The number of a user, from 0. */
int64_t
sim_user(int64_t i)
{
	return 1001 + i;
}

/* Adds a waiting task of the user and the model, as old as those before it. */
struct task
sim_queue_of(struct sim *sim, int64_t user_id, const char *model)
{
	char name[32];
	int64_t rev;
	snprintf(name, sizeof(name), "v%" PRId64, ++sim->created);
	struct task task = stores_task(user_id, name);
	task.channel = "c";
	task.model = model;
	task.created_at = task.due_at = 1000;
	task.deadline_at = clock_wall_ms() + DAY;
	sim_begin(sim);
	assert_int_equal(store_task_add(sim->d->s->store, &task, &task.id, &rev), ERR_OK);
	sim_commit(sim);
	task.video_id = NULL;
	return task;
}

struct task
sim_queue(struct sim *sim, int64_t user_id)
{
	return sim_queue_of(sim, user_id, NULL);
}

static void
set_model(struct sim *sim, const char *model, bool cools, int64_t user_id)
{
	const struct model_health health = {.failures = cools ? 2 : 0,
	                                    .until = cools ? clock_wall_ms() + DAY : 0,
	                                    .failed_at = 1,
	                                    .user = user_id};
	sim_begin(sim);
	assert_int_equal(store_channel_set_model(sim->d->s->store, "c", model, &health, clock_wall_ms()),
	                 ERR_OK);
	sim_commit(sim);
}

void
sim_cool(struct sim *sim, const char *model, bool cools)
{
	set_model(sim, model, cools, 0);
}

void
sim_cool_for(struct sim *sim, const char *model, int64_t user_id)
{
	set_model(sim, model, true, user_id);
}

/* Adds `each` waiting tasks of each of the first `users`, past the verbs, which would take long. */
void
sim_crowd(struct sim *sim, int64_t users, int64_t each)
{
	char sql[1024];
	snprintf(
	    sql, sizeof(sql),
	    "WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < %" PRId64 ") "
	    "INSERT INTO task (user_id, video_id, fingerprint, channel, state, progress, prompt, seconds, "
	    "media_type, options, metadata, attempt, created_at, updated_at, completed_at, deadline_at, "
	    "rev, due_at, polls, misses) SELECT 1001 + i %% %" PRId64 ", 'v' || (i + %" PRId64
	    "), zeroblob(32), 'c', 'ready', 0, '', 0, 'VIDEO', '{}', '{}', 1, 1000, 1, 0, %" PRId64
	    ", 1, 1000, 0, 0 FROM n",
	    users * each - 1, users, sim->created + 1, clock_wall_ms() + DAY);
	sim->created += users * each;
	raw_run(sim->d->s->store, sql);
	raw_run(sim->d->s->store,
	        "INSERT INTO turn SELECT channel, user_id, min(id), CASE count(*) WHEN 1 THEN min(id) ELSE 0 "
	        "END, 0 FROM task WHERE state = 'ready' AND due_at > 0 GROUP BY channel, user_id "
	        "ON CONFLICT DO NOTHING");
	raw_run(sim->d->s->store,
	        "INSERT INTO line SELECT channel, max(place), 0 FROM turn WHERE true GROUP BY channel "
	        "ON CONFLICT DO UPDATE SET last = max(last, excluded.last)");
}

/* Claims what the channel takes, and sends it. */
static void
send_all(struct sim *sim)
{
	struct domains *d = sim->d;
	struct task *tasks;
	size_t count, slot = 0;
	const struct task_claim claim = {
	    .owner = d->env.owner, .now = clock_wall_ms(), .until = clock_wall_ms() + DAY, .limit = 100};
	sim_begin(sim);
	assert_int_equal(store_task_claim(d->s->store, d->s->arena, &claim, &tasks, &count), ERR_OK);
	for (size_t i = 0; i < count; i++) {
		tasks[i].owner = d->env.owner;
		assert_int_equal(submit_claim(&d->env, d->s->arena, claim.until, &tasks[i]), ERR_OK);
		assert_int_equal(tasks[i].state, TASK_STATE_SENDING);
		while (sim->jobs[slot].id != 0)
			assert_true(++slot < CONCURRENCY);
		sim->jobs[slot] = tasks[i];
		sim->jobs[slot].channel = NULL; /* as all strings, it goes with the arena */
		assert_true(sim->sent < SENT_MOST);
		sim->models[sim->sent] = tasks[i].model != NULL ? tasks[i].model[0] : 0;
		sim->order[sim->sent++] = tasks[i];
	}
	sim_commit(sim);
	arena_reset(d->s->arena);
}

/* Ends one of the jobs under way. */
static void
end_one(struct sim *sim)
{
	size_t slot = crypto_dice() < 0.5;
	struct task *job = &sim->jobs[sim->jobs[slot].id != 0 ? slot : 1 - slot];
	if (job->id == 0)
		return;
	const struct transition change = {.now = 2000, .completed_at = 2000, .error_code = "refused"};
	sim_begin(sim);
	assert_int_equal(transition(sim->d->s->store, STATE_EDGE_REFUSE, &change, job), ERR_OK);
	sim_commit(sim);
	job->id = 0;
}

/* Users in the line. */
int64_t
sim_in_line(struct sim *sim)
{
	return raw_number(sim->d->s->store, "SELECT count(*) FROM turn WHERE due_at = 0");
}

/* Goes on until so many submissions more, or until there is nothing to do. */
void
sim_go_on(struct sim *sim, size_t submissions)
{
	for (size_t end = sim->sent + submissions; sim->sent < end; end_one(sim)) {
		size_t before = sim->sent;
		send_all(sim);
		if (sim->sent == before && sim->jobs[0].id == 0 && sim->jobs[1].id == 0 &&
		    sim_in_line(sim) == 0)
			return;
	}
}

/* How many submissions it took until the task was sent, counted from `since`; 0 = it was not. */
size_t
sim_wait_of(struct sim *sim, const struct task *task, size_t since)
{
	for (size_t i = since; i < sim->sent; i++)
		if (sim->order[i].id == task->id)
			return i - since + 1;
	return 0;
}

void
sim_claim_one(void *cookie)
{
	struct sim *sim = cookie;
	struct store *store = sim->d->s->store;
	struct turn_line line = {.channel = "c", .now = clock_wall_ms(), .most = 1};
	int64_t id = 0;
	assert_int_equal(store_begin(store, STORE_RELAXED), ERR_OK);
	assert_int_equal(turn_wake(store, &line), ERR_OK);
	assert_int_equal(turn_next(store, &line, &id), ERR_OK);
	assert_int_equal(turn_count(store, &line), ERR_OK);
	assert_true(id > 0);
	store_rollback(store);
}
