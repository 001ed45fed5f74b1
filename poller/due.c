/* One pass over the tasks that are due. Takes the lease of each, so that no other poller has it at the same
 * time; the task's state alone tells the next step:
 *  - READY: submit it; nothing has been sent.
 *  - SENDING: the process that sent it has died, and the outcome is not known; it becomes UNSURE.
 *  - UNSURE: submit it again, find its job, or give up, as its channel allows.
 *  - CANCELLED: cancel its job at the upstream, and find the job before that where its id is not known.
 * RUNNING tasks, and FAILED ones that have timed out, are polled without a lease of their own: shares.h. */
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
#include "domain/task/open_tasks.h"
#include "domain/task/poll.h"
#include "domain/task/shares.h"
#include "domain/task/submit_outcome.h"
#include "domain/task/submit.h"
#include "store/claim.h"
#include "store/clock.h"
#include "store/store.h"
#include "store/turn.h"

enum {
	SLOTS =
	    4, /* tasks claimed at most for each connection of a channel: the next ones wait in its queue */
	PASS_MOST = 10000 /* tasks */
};

struct slots {
	const struct queues *queues;
	int64_t width;
};

/* The connections that new submissions may have: those that polls leave, but a quarter is kept for polls, so
 * that they go on while submissions hang; at least half, however many polls there are. */
static int64_t
submission_share(int64_t width, int64_t polls)
{
	int64_t most = width - (width + 3) / 4, left = width - polls;
	int64_t share = left > most ? most : left < width / 2 ? width / 2 : left;
	return share > 1 ? share : 1;
}

/* The slots of a channel that are free, for tasks in state READY or for the others. Each channel has its own,
 * so that a slow one delays no other. A new submission is in state SENDING while it waits in the queue: no
 * more are claimed than start once the polls that are started have ended, before any lease does. */
static int64_t
free_slots(void *cookie, const char *channel, bool ready)
{
	const struct slots *slots = cookie;
	int64_t others = (int64_t)queues_count(slots->queues, channel, false);
	int64_t count = ready ? submission_share(slots->width, others) -
	                            (int64_t)queues_count(slots->queues, channel, true)
	                      : slots->width * SLOTS - others;
	return count > 0 ? count : 0;
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
	    .room = free_slots,
	    .cookie = &slots,
	};
	int64_t step = 0;
	*ret_count = 0;
	enum err_code err = store_begin(store, STORE_RELAXED);
	if (err == ERR_OK)
		err = store_clock_owed(store, &step);
	/* By a clock that was set since the last look at it, the leases of others seem to be over. */
	if (err == ERR_OK && step == 0)
		err = store_task_claim(store, due->arena, &wanted, ret_tasks, ret_count);
	err = store_end(store, err);
	if (*ret_count > 0)
		kill_point("due.claimed");
	return err;
}

/* The next step of a task. */
enum step {
	STEP_NONE, /* another process has moved the task, or it has ended */
	/* Begins with a move in the database, */
	STEP_SUBMIT,
	STEP_SUBMIT_AGAIN,
	STEP_LOSE,
	STEP_GIVE_UP,
	/* or with a request. */
	STEP_FIND,
	STEP_CANCEL,
	/* Or it waits: its user has the next turn. */
	STEP_TURN_BACK
};

static enum step
step_of(const struct due *due, const struct task *task)
{
	static const enum step unsure[] = {
	    [UNSURE_REPEAT] = STEP_SUBMIT_AGAIN, [UNSURE_FIND] = STEP_FIND, [UNSURE_GIVE_UP] = STEP_GIVE_UP};
	switch (task->state) {
	case TASK_STATE_READY:
		return STEP_SUBMIT;
	case TASK_STATE_SENDING:
		return STEP_LOSE;
	case TASK_STATE_UNSURE:
		return unsure[unsure_next_step(due->env, task)];
	case TASK_STATE_CANCELLED:
		return task->external_id != NULL ? STEP_CANCEL : STEP_FIND;
	case TASK_STATE_RUNNING: /* these are polled */
	case TASK_STATE_FAILED:
	case TASK_STATE_COMPLETED: /* is never due */
	case TASK_STATE__MAX:
		break;
	}
	return STEP_NONE;
}

/* Makes the move that must be durable before anything is sent. Leaves in `step` what remains to do: a
 * submission, or nothing. */
static enum err_code
move_one(const struct due *due, int64_t until, struct task *task, enum step *step)
{
	const char *unknown = err_text(ERR_SUBMISSION_UNKNOWN, "en");
	struct submit_answer lost = {.verdict = SUBMIT_UNKNOWN, .message = unknown};
	enum err_code err = ERR_OK;
	bool back = false;
	if (*step == STEP_SUBMIT)
		err = submit_claim_turn(due->env, due->arena, until, task, &back);
	else if (*step == STEP_SUBMIT_AGAIN)
		err = submit_repeat(due->env, until, task);
	else if (*step == STEP_LOSE)
		err = submit_lose(due->env, &lost, task);
	else
		err = submit_give_up(due->env, unknown, task);
	if (err == ERR_CONFLICT || task->state != TASK_STATE_SENDING || task->owner == NULL)
		*step = back ? STEP_TURN_BACK : STEP_NONE;
	return err == ERR_CONFLICT ? ERR_OK : err;
}

static bool
begins_with_move(enum step step)
{
	return step != STEP_NONE && step < STEP_FIND;
}

static enum err_code
move_all(const struct due *due, struct task *tasks, enum step *steps, size_t count)
{
	struct store *store = due->env->store;
	/* A submission may have to wait for a poll to end. */
	int64_t until = clock_wall_ms() + lease_turn(due->env->config);
	enum err_code err = store_begin(store, STORE_DURABLE);
	if (err == ERR_OK) /* inside the transaction: the channels' rows do not change before the commit */
		channels_refresh(due->env->channels, store);
	for (size_t i = 0; i < count && err == ERR_OK; i++)
		if (begins_with_move(steps[i]))
			err = move_one(due, until, &tasks[i], &steps[i]);
	/* Each goes to the front of its line: from the last to the first, so that their order stays. */
	for (size_t i = count; i > 0 && err == ERR_OK; i--)
		if (steps[i - 1] == STEP_TURN_BACK)
			err = store_turn_give_back(store, &tasks[i - 1]);
	err = store_end(store, err);
	kill_point("due.settled");
	return err;
}

/* Starts the request of the step. */
static void
start_step(const struct due *due, const struct task *task, enum step step)
{
	if (step == STEP_SUBMIT)
		submit_unwatched(due->submitter, task);
	else if (step == STEP_SUBMIT_AGAIN)
		submit_again(due->submitter, task);
	else if (step == STEP_FIND)
		followups_start(due->followups, &followup_find, task);
	else if (step == STEP_CANCEL)
		followups_start(due->followups, &followup_cancel, task);
}

/* Has due tasks polled. */
static enum err_code
poll_tasks(const struct due *due, int64_t due_by, bool on)
{
	enum err_code err = shares_pass(due->shares);
	if (err == ERR_OK)
		open_tasks_look(shares_tasks(due->shares), due_by, on);
	return err;
}

/* Finds the step of each task, and marks the tasks as leased to us. ret_any_move: true where a step begins
 * with a move. NULL when memory is short. */
static enum step *
find_steps(const struct due *due, struct task *tasks, size_t count, bool *ret_any_move)
{
	enum step *steps = arena_alloc(due->arena, (count + 1) * sizeof(*steps));
	*ret_any_move = false;
	for (size_t i = 0; i < count && steps != NULL; i++) {
		steps[i] = step_of(due, &tasks[i]);
		tasks[i].owner = due->env->owner;
		*ret_any_move = *ret_any_move || begins_with_move(steps[i]);
		if (steps[i] == STEP_LOSE)
			log_warn("a submission was left behind: task=%s", tasks[i].video_id);
	}
	return steps;
}

enum err_code
due_pass(const struct due *due, int64_t due_by, bool on, size_t *ret_claimed)
{
	struct task *tasks = NULL;
	size_t count = 0;
	bool any_move;
	channels_refresh(due->env->channels, due->env->store);
	enum err_code polls = poll_tasks(due, due_by, on);
	enum err_code err = claim(due, due_by, &tasks, &count);
	enum step *steps = find_steps(due, tasks, count, &any_move);
	if (err == ERR_OK && steps == NULL)
		err = ERR_NO_MEMORY;
	/* Each reads the health of its channel: from one snapshot of the database. */
	store_snapshot(due->env->store);
	for (size_t i = 0; i < count && err == ERR_OK; i++)
		if (!begins_with_move(steps[i]))
			start_step(due, &tasks[i], steps[i]);
	store_snapshot_end(due->env->store);
	if (err == ERR_OK && any_move)
		err = move_all(due, tasks, steps, count);
	for (size_t i = 0; i < count && err == ERR_OK && any_move; i++)
		if (steps[i] == STEP_SUBMIT || steps[i] == STEP_SUBMIT_AGAIN)
			start_step(due, &tasks[i], steps[i]);
	arena_reset(due->arena);
	*ret_claimed = count;
	return err == ERR_OK ? polls : err;
}

enum err_code
due_clock_set(const struct due *due, bool back, int64_t *ret_step)
{
	struct store *store = due->env->store;
	int64_t now = clock_wall_ms(), step = 0;
	bool known = false;
	enum err_code err = store_begin(store, STORE_RELAXED);
	if (err == ERR_OK)
		err = store_clock_step(store, &step);
	if (err == ERR_OK)
		err = store_clock_known(store, &known);
	if (step > -CLOCK_STEP_MS && step < CLOCK_STEP_MS)
		step = 0;
	if (err == ERR_OK)
		err = store_clock_shift(store, step);
	if (err == ERR_OK && (back || step < 0))
		err = store_clock_back(store, now, now + lease_submit(due->env->config),
		                       now + lease_fetch(due->env->config), known);
	err = store_end(store, err);
	if (err != ERR_OK)
		return err;
	shares_forget(due->shares);
	poll_driver_clock(open_tasks_driver(shares_tasks(due->shares)), clock_wall_ms() - clock_boot_ms());
	*ret_step = step;
	return ERR_OK;
}

enum err_code
due_clock_set_again(const struct due *due)
{
	int64_t now = clock_wall_ms();
	enum err_code err = store_begin(due->env->store, STORE_RELAXED);
	if (err == ERR_OK)
		err = store_clock_back_again(due->env->store, now, now + lease_submit(due->env->config));
	err = store_end(due->env->store, err);
	if (err == ERR_OK)
		shares_forget(due->shares);
	return err;
}

size_t
due_active(const struct due *due)
{
	return submit_active(due->submitter) +
	       poll_driver_active(open_tasks_driver(shares_tasks(due->shares))) +
	       followups_active(due->followups);
}

bool
due_polls(const struct due *due, int64_t due_by)
{
	return open_tasks_busy_until(shares_tasks(due->shares), due_by);
}
