/* Moves: the row first, whose comparison decides, then the task in memory. */
#include "domain/task/transition.h"

#include <stddef.h>

#include "store/task.h"
#include "store/task_match.h"

static void
learn(const struct job_facts *news, struct job_facts *facts)
{
	facts->model = news->model != NULL ? news->model : facts->model;
	facts->size = news->size != NULL ? news->size : facts->size;
	facts->seconds = news->seconds > 0 ? news->seconds : facts->seconds;
	facts->expires_at = news->expires_at > 0 ? news->expires_at : facts->expires_at;
}

enum err_code
transition(struct store *store, enum state_edge edge, const struct transition *change, struct task *task)
{
	const struct state_move *move = state_edge(edge);
	const struct task_move row = {
	    .id = task->id,
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
	    .completed_at = change->completed_at,
	    .accepted_at = change->accepted_at,
	    .tries = change->tries,
	    .not_found_count = change->not_found_count,
	};
	enum err_code err = store_task_move(store, &row, &task->rev);
	if (err != ERR_OK)
		return err;
	bool failed = move->to == TASK_STATE_FAILED;
	task->state = move->to;
	task->owner = change->new_owner;
	if (!change->plain)
		task->due_at = change->due_at;
	task->completed_at = change->completed_at;
	task->accepted_at = change->accepted_at > 0 ? change->accepted_at : task->accepted_at;
	task->external_id = change->external_id != NULL ? change->external_id : task->external_id;
	task->progress = change->progress > task->progress ? change->progress : task->progress;
	task->video_url = change->video_url != NULL ? change->video_url : task->video_url;
	task->image_url = change->image_url != NULL ? change->image_url : task->image_url;
	task->job = change->job != NULL ? change->job : task->job;
	learn(&change->facts, &task->facts);
	task->error_code = failed ? change->error_code : NULL;
	task->error_message = failed ? change->error_message : NULL;
	return ERR_OK;
}

enum err_code
transition_retry(struct store *store, enum state_edge edge, const struct transition *change,
                 int64_t deadline_at, struct task *task)
{
	const struct task_retry row = {
	    .id = task->id,
	    .from = state_edge(edge)->from,
	    .to = state_edge(edge)->to,
	    .owner = change->new_owner,
	    .now = change->now,
	    .due_at = change->due_at,
	    .deadline_at = deadline_at,
	};
	enum err_code err = store_task_retry(store, &row, &task->rev);
	if (err != ERR_OK)
		return err;
	task->state = row.to;
	task->owner = row.owner;
	task->due_at = row.due_at;
	task->deadline_at = deadline_at;
	task->attempt++;
	task->progress = 0;
	task->external_id = task->error_code = task->error_message = task->video_url = task->image_url = NULL;
	task->job = task->turned_away = NULL;
	task->facts = (struct job_facts){0};
	task->accepted_at = task->completed_at = task->tries = task->not_found_count = 0;
	return ERR_OK;
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
