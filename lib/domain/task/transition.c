/* One step along an edge of the table: the row and the task in memory together. */
#include "domain/task/transition.h"
#include "store/task.h"

#include <stddef.h>

enum err_code
move_along(struct store *store, enum state_edge edge, struct task_move move, struct task *task)
{
	move.id = task->id;
	move.attempt = task->attempt;
	move.from = state_edge(edge)->from;
	move.to = state_edge(edge)->to;
	move.owner = task->owner;
	move.progress = -1;
	enum err_code err = store_task_move(store, &move, &task->rev);
	if (err != ERR_OK)
		return err;
	task->state = move.to;
	task->owner = move.new_owner;
	task->due_at = move.due_at;
	task->completed_at = move.completed_at;
	task->external_id = move.external_id != NULL ? move.external_id : task->external_id;
	task->error_code = move.to == TASK_STATE_FAILED ? move.error_code : NULL;
	task->error_message = move.to == TASK_STATE_FAILED ? move.error_message : NULL;
	return ERR_OK;
}

enum err_code
move_rest(struct store *store, const struct task *task, int64_t due_at)
{
	const struct task_rest rest = {.id = task->id,
	                               .attempt = task->attempt,
	                               .state = task->state,
	                               .owner = task->owner,
	                               .due_at = due_at,
	                               .polls = task->polls,
	                               .misses = task->misses};
	return store_task_rest(store, &rest);
}
