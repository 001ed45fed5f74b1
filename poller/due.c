/* One pass over what is due. A claim takes the lease of each task, so that no other poller has it at the same
 * time; what a task then needs is told by its state alone:
 *  - READY: to be submitted; nothing of it has gone upstream.
 *  - SENDING, UNSURE: its holder has died, nobody knows whether the upstream took it; it is given up.
 *  - RUNNING: to be polled.
 *  - FAILED: timed out, and still looked at for a while; a late video is delivered. */
#include "due.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/config.h"
#include "base/fault.h"
#include "base/log.h"
#include "domain/env.h"
#include "domain/lease.h"
#include "domain/refresh.h"
#include "domain/settle.h"
#include "domain/submit.h"
#include "store/store.h"

static enum err_code
claim(const struct due *due, int64_t due_by, struct task **ret_tasks, size_t *ret_count)
{
	struct store *store = due->env->store;
	size_t active = due_active(due);
	int64_t room = active < due->most ? (int64_t)(due->most - active) : 0;
	struct task_claim wanted = {
	    .owner = due->env->owner,
	    .now = due_by,
	    .until = clock_wall_ms() + lease_poll(due->env->config),
	    .limit = room,
	};
	*ret_count = 0;
	if (room == 0)
		return ERR_OK;
	enum err_code err = store_begin(store, STORE_RELAXED);
	if (err == ERR_OK)
		err = store_task_claim(store, due->arena, &wanted, ret_tasks, ret_count);
	if (err == ERR_OK)
		err = store_commit(store);
	store_rollback(store);
	fault_point("due.claimed");
	return err;
}

/* The moves that must be durable before anything else happens. Tasks that somebody else has moved on
 * meanwhile are marked by a NULL owner. */
static enum err_code
settle_all(const struct due *due, struct task *tasks, size_t count)
{
	struct store *store = due->env->store;
	int64_t until = clock_wall_ms() + lease_submit(due->env->config);
	enum err_code err = store_begin(store, STORE_DURABLE);
	for (size_t i = 0; i < count && err == ERR_OK; i++) {
		if (tasks[i].state == TASK_STATE_READY)
			err = settle_claimed(due->env, until, &tasks[i]);
		else if (tasks[i].state == TASK_STATE_SENDING || tasks[i].state == TASK_STATE_UNSURE)
			err = settle_unknown(due->env, err_text(ERR_SUBMISSION_UNKNOWN, "en"), &tasks[i]);
		if (err == ERR_CONFLICT) {
			tasks[i].owner = NULL;
			err = ERR_OK;
		}
	}
	if (err == ERR_OK)
		err = store_commit(store);
	store_rollback(store);
	fault_point("due.settled");
	return err;
}

/* True where the task's next step is a move in the database. */
static bool
to_settle(const struct task *task)
{
	return task->state == TASK_STATE_READY || task->state == TASK_STATE_SENDING ||
	       task->state == TASK_STATE_UNSURE;
}

enum err_code
due_pass(const struct due *due, int64_t due_by, size_t *ret_claimed)
{
	struct task *tasks = NULL;
	size_t count = 0;
	bool settle = false;
	enum err_code err = claim(due, due_by, &tasks, &count);
	for (size_t i = 0; i < count; i++) {
		tasks[i].owner = due->env->owner;
		settle = settle || to_settle(&tasks[i]);
		if (to_settle(&tasks[i]) && tasks[i].state != TASK_STATE_READY)
			log_warn("a submission was left behind, and given up: task=%s", tasks[i].video_id);
	}
	/* Polls are told from the rest before the moves: a task that is given up becomes FAILED, and is not
	 * to be polled. */
	for (size_t i = 0; i < count && err == ERR_OK; i++)
		if (!to_settle(&tasks[i]))
			refresh_start(due->refresher, &tasks[i]);
	if (err == ERR_OK && settle)
		err = settle_all(due, tasks, count);
	for (size_t i = 0; i < count && err == ERR_OK && settle; i++)
		if (tasks[i].owner != NULL && tasks[i].state == TASK_STATE_SENDING)
			submit_start(due->submitter, &tasks[i], NULL, NULL);
	arena_reset(due->arena);
	*ret_claimed = count;
	return err;
}

size_t
due_active(const struct due *due)
{
	return submit_active(due->submitter) + refresh_active(due->refresher);
}
