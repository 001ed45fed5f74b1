/* One pass over what is due. A claim takes the lease of each task, so that no other poller has it at the same
 * time; what a task then needs is told by its state alone:
 *  - READY: to be submitted; nothing of it has gone upstream.
 *  - SENDING: its holder has died, nobody knows whether the upstream took it; it becomes UNSURE.
 *  - UNSURE: to be submitted again, looked up or given up, as its channel allows.
 *  - RUNNING: to be polled.
 *  - FAILED: timed out, and still looked at for a while; a late video is delivered.
 *  - CANCELLED: to be called off upstream, and before that to be found there where nobody knows of it. */
#include "due.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/config.h"
#include "base/kill_point.h"
#include "base/log.h"
#include "domain/channel/channels.h"
#include "domain/env.h"
#include "domain/task/followup.h"
#include "domain/channel/queue.h"
#include "domain/lease.h"
#include "domain/task/poll.h"
#include "domain/task/submit_outcome.h"
#include "domain/task/submit.h"
#include "store/claim.h"
#include "store/clock.h"
#include "store/store.h"

enum {
	SLOTS = 4,        /* of a channel for each connection: what waits for one is claimed already */
	PASS_MOST = 10000 /* tasks */
};

struct slots {
	const struct queues *queues;
	int64_t width;
};

/* How many connections new submissions may have: all that polls leave, but for a quarter, so that polls go on
 * while submissions hang; and half of them where polls have taken all. */
static int64_t
share_of_submissions(int64_t width, int64_t polls)
{
	int64_t most = width - (width + 3) / 4, left = width - polls;
	int64_t share = left > most ? most : left < width / 2 ? width / 2 : left;
	return share > 1 ? share : 1;
}

/* How many more tasks of a channel there are hands for: each channel has its own, so that one that is slow
 * holds nobody else up. New submissions are in state SENDING while they stand in line: no more are claimed
 * than will go as soon as the polls that go have ended, before any lease does. */
static int64_t
room_for(void *cookie, const char *channel, bool ready)
{
	const struct slots *slots = cookie;
	int64_t others = (int64_t)queues_count(slots->queues, channel, false);
	int64_t room = ready ? share_of_submissions(slots->width, others) -
	                           (int64_t)queues_count(slots->queues, channel, true)
	                     : slots->width * SLOTS - others;
	return room > 0 ? room : 0;
}

static enum err_code
claim(const struct due *due, int64_t due_by, struct task **ret_tasks, size_t *ret_count)
{
	struct store *store = due->env->store;
	struct slots slots = {due->env->queues, due->env->config->channel_connections};
	struct task_claim wanted = {
	    .owner = due->env->owner,
	    .now = due_by,
	    .until = clock_wall_ms() + lease_poll(due->env->config),
	    .limit = PASS_MOST,
	    .room = room_for,
	    .cookie = &slots,
	};
	*ret_count = 0;
	enum err_code err = store_begin(store, STORE_RELAXED);
	if (err == ERR_OK)
		err = store_task_claim(store, due->arena, &wanted, ret_tasks, ret_count);
	err = store_end(store, err);
	if (*ret_count > 0)
		kill_point("due.claimed");
	return err;
}

/* The next step of a task. */
enum step {
	STEP_NONE, /* somebody else has moved it on, or it has come to its end */
	STEP_SUBMIT,
	STEP_REPEAT,
	STEP_LOSE,
	STEP_GIVE_UP,
	STEP_LOOK_UP,
	STEP_REFRESH,
	STEP_RECALL
};

static enum step
step_of(const struct due *due, const struct task *task)
{
	static const enum step ways[] = {
	    [UNSURE_REPEAT] = STEP_REPEAT, [UNSURE_FIND] = STEP_LOOK_UP, [UNSURE_GIVE_UP] = STEP_GIVE_UP};
	switch (task->state) {
	case TASK_STATE_READY:
		return STEP_SUBMIT;
	case TASK_STATE_SENDING:
		return STEP_LOSE;
	case TASK_STATE_UNSURE:
		return ways[unsure_next_step(due->env, task)];
	case TASK_STATE_RUNNING:
	case TASK_STATE_FAILED:
		return STEP_REFRESH;
	case TASK_STATE_CANCELLED:
		return task->external_id != NULL ? STEP_RECALL : STEP_LOOK_UP;
	case TASK_STATE_COMPLETED: /* nothing is due of it */
	case TASK_STATE__MAX:
		break;
	}
	return STEP_NONE;
}

/* Makes the move that must be durable before anything else happens. Afterwards the step is what is left to be
 * done: a submission, or nothing. */
static enum err_code
settle_one(const struct due *due, int64_t until, struct task *task, enum step *step)
{
	const char *unknown = err_text(ERR_SUBMISSION_UNKNOWN, "en");
	struct submit_answer lost = {.verdict = SUBMIT_UNKNOWN, .message = unknown};
	enum err_code err = ERR_OK;
	if (*step == STEP_SUBMIT)
		err = submit_claim(due->env, due->arena, until, task);
	else if (*step == STEP_REPEAT)
		err = submit_repeat(due->env, until, task);
	else if (*step == STEP_LOSE)
		err = submit_lose(due->env, &lost, task);
	else
		err = submit_give_up(due->env, unknown, task);
	if (err == ERR_CONFLICT || task->state != TASK_STATE_SENDING || task->owner == NULL)
		*step = STEP_NONE;
	return err == ERR_CONFLICT ? ERR_OK : err;
}

static bool
settles(enum step step)
{
	return step != STEP_NONE && step < STEP_LOOK_UP;
}

static enum err_code
settle_all(const struct due *due, struct task *tasks, enum step *steps, size_t count)
{
	struct store *store = due->env->store;
	/* A submission may have to wait for a poll to end. */
	int64_t until = clock_wall_ms() + lease_turn(due->env->config);
	enum err_code err = store_begin(store, STORE_DURABLE);
	if (err == ERR_OK) /* what is written down of the channels now is so until the commit */
		channels_refresh(due->env->channels, store);
	for (size_t i = 0; i < count && err == ERR_OK; i++)
		if (settles(steps[i]))
			err = settle_one(due, until, &tasks[i], &steps[i]);
	err = store_end(store, err);
	kill_point("due.settled");
	return err;
}

/* Starts what is to be done outside the database. */
static void
start(const struct due *due, const struct task *task, enum step step)
{
	if (step == STEP_SUBMIT)
		submit_unwatched(due->submitter, task);
	else if (step == STEP_REPEAT)
		submit_again(due->submitter, task);
	else if (step == STEP_LOOK_UP)
		followups_start(due->followups, &followup_find, task);
	else if (step == STEP_RECALL)
		followups_start(due->followups, &followup_cancel, task);
	else if (step == STEP_REFRESH)
		poll_driver_start(due->poll_driver, task);
}

/* The steps of the tasks, which bear our lease from now on; NULL when memory is short. Writes whether any of
 * them is a move in the database. */
static enum step *
take_over(const struct due *due, struct task *tasks, size_t count, bool *ret_settle)
{
	enum step *steps = arena_alloc(due->arena, (count + 1) * sizeof(*steps));
	*ret_settle = false;
	for (size_t i = 0; i < count && steps != NULL; i++) {
		steps[i] = step_of(due, &tasks[i]);
		tasks[i].owner = due->env->owner;
		*ret_settle = *ret_settle || settles(steps[i]);
		if (steps[i] == STEP_LOSE)
			log_warn("a submission was left behind: task=%s", tasks[i].video_id);
	}
	return steps;
}

enum err_code
due_pass(const struct due *due, int64_t due_by, size_t *ret_claimed)
{
	struct task *tasks = NULL;
	size_t count = 0;
	bool settle;
	channels_refresh(due->env->channels, due->env->store);
	enum err_code err = claim(due, due_by, &tasks, &count);
	enum step *steps = take_over(due, tasks, count, &settle);
	if (err == ERR_OK && steps == NULL)
		err = ERR_NO_MEMORY;
	/* Each looks at the health of its channel: one look at the database for all of them. */
	store_snapshot(due->env->store);
	for (size_t i = 0; i < count && err == ERR_OK; i++)
		if (!settles(steps[i]))
			start(due, &tasks[i], steps[i]);
	store_snapshot_end(due->env->store);
	if (err == ERR_OK && settle)
		err = settle_all(due, tasks, steps, count);
	for (size_t i = 0; i < count && err == ERR_OK && settle; i++)
		if (steps[i] == STEP_SUBMIT || steps[i] == STEP_REPEAT)
			start(due, &tasks[i], steps[i]);
	arena_reset(due->arena);
	*ret_claimed = count;
	return err;
}

enum err_code
due_clock_set(const struct due *due, bool back, int64_t *ret_step)
{
	struct store *store = due->env->store;
	int64_t now = clock_wall_ms(), step = 0;
	enum err_code err = store_begin(store, STORE_RELAXED);
	if (err == ERR_OK)
		err = store_clock_step(store, &step);
	if (step > -DUE_CLOCK_STEP_MS && step < DUE_CLOCK_STEP_MS)
		step = 0;
	if (err == ERR_OK)
		err = store_clock_shift(store, step);
	if (err == ERR_OK && (back || step < 0))
		err = store_clock_back(store, now, now + lease_submit(due->env->config),
		                       now + lease_fetch(due->env->config));
	err = store_end(store, err);
	if (err == ERR_OK)
		*ret_step = step;
	return err;
}

size_t
due_active(const struct due *due)
{
	return submit_active(due->submitter) + poll_driver_active(due->poll_driver) +
	       followups_active(due->followups);
}
