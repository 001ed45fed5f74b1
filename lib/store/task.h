/* Tasks one by one: adding, finding, moving from state to state. As in store.h. */
#ifndef STORE_TASK_H
#define STORE_TASK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "model/task.h"

struct arena;
struct store;

/* Adds a task (id, rev, deleted ignored; state READY or SENDING) and writes its id and revision. ERR_CONFLICT
 * where (user, client_request_id) or video_id exists, ERR_NOT_FOUND where there is no such user. */
enum err_code store_task_add(struct store *store, const struct task *task, int64_t *ret_id, int64_t *ret_rev);

/* A task by our id; of any user with user_id 0. ERR_TASK_NOT_FOUND, for another user's and a deleted one too.
 */
enum err_code store_task_get(struct store *store, struct arena *arena, int64_t user_id, const char *video_id,
                             struct task *ret_task);

/* The same, deleted or not (ret_task->deleted). */
enum err_code store_task_find(struct store *store, struct arena *arena, int64_t user_id, const char *video_id,
                              struct task *ret_task);

/* A task by the client's own id, deleted or not. ERR_NOT_FOUND. */
enum err_code store_task_by_request(struct store *store, struct arena *arena, int64_t user_id,
                                    const char *client_request_id, struct task *ret_task);

/* A transition, as a comparison and a write in one. What is NULL (or -1 for numbers) stays as it is. */
struct task_move {
	int64_t id;
	enum task_state from, to;
	int64_t attempt;       /* that the row must be at: what is heard of an earlier one moves nothing */
	const char *owner;     /* the lease that the row must bear; NULL = it must bear none */
	const char *new_owner; /* the lease that it bears afterwards; NULL = none */
	int64_t now;           /* becomes updated_at where something visible changes */
	int64_t due_at;        /* 0 = never */
	const char *external_id;
	int progress; /* -1 = stays; never lowers */
	const char *video_url;
	const char *image_url;
	const char *error_code; /* set to NULL by any move to a state but FAILED */
	const char *error_message;
	int64_t completed_at; /* 0 = it has not ended */
	int64_t tries, not_found_count;
};

/* Makes the move, or ERR_CONFLICT where the row is no longer as expected (another state, another owner).
 * Where a client can see it (another status, or anything given of external_id, progress, URLs and errors) the
 * task gets a new revision and updated_at, and `ret_rev` is written; else it keeps them. */
enum err_code store_task_move(struct store *store, const struct task_move *move, int64_t *ret_rev);

struct task_return {
	int64_t id;
	int64_t attempt;       /* as in struct task_move */
	enum task_state state; /* that the row must be in, and stays in */
	const char *owner;     /* the lease that the row must bear, and bears no more */
	int64_t due_at;
	int64_t tries, not_found_count;
};

/* Gives a lease back and sets due_at and the counts, without a revision: nothing visible has changed.
 * ERR_CONFLICT where the row bears another owner, or is at another attempt or in another state. */
enum err_code store_lease_return(struct store *store, const struct task_return *rest);

/* Notes by which key of its channel the attempt is sent (task.key_id), and whether under a key by which the
 * upstream knows a repetition, without a revision. */
enum err_code store_task_set_key(struct store *store, int64_t id, bool sent_with_key, const char *key_id);

/* Prolongs the lease of `owner` on the attempt to `due_at`. ERR_CONFLICT where the row is no longer SENDING
 * under it. */
enum err_code
store_lease_extend(struct store *store, int64_t id, int64_t attempt, const char *owner, int64_t due_at);

/* Writes the upstream's id of an earlier attempt that had none yet. ERR_CONFLICT where there is no such
 * attempt, or it has one. */
enum err_code store_attempt_learn(struct store *store, int64_t id, int64_t attempt, const char *external_id);

struct task_retry {
	int64_t id;
	enum task_state from, to;
	const char *owner; /* the holder of its lease afterwards, or NULL */
	int64_t now, due_at, deadline_at;
};

/* Starts another attempt of a task that has ended: what became of the last one is kept aside, what was known
 * of it goes from the task, attempt grows. ERR_CONFLICT where the row is in another state, under a lease,
 * or deleted. */
enum err_code store_task_retry(struct store *store, const struct task_retry *again, int64_t *ret_rev);

/* Deletes a task for everybody: prompt, metadata, links and the name of its image go; the row stays, and the
 * feed tells that it is gone. ERR_NOT_FOUND where it is deleted already. */
enum err_code store_task_delete(struct store *store, int64_t id, int64_t now, int64_t *ret_rev);

#endif
