/* Tasks one by one: adds, finds, moves, retries and deletes them. Threads and errors as in store.h. */
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

/* Finds a task by our id; user_id 0 = of any user. ERR_TASK_NOT_FOUND, for another user's and a deleted one
 * too.
 */
enum err_code store_task_get(struct store *store, struct arena *arena, int64_t user_id, const char *video_id,
                             struct task *ret_task);

/* Finds a task by our id, deleted or not (ret_task->deleted). */
enum err_code store_task_find(struct store *store, struct arena *arena, int64_t user_id, const char *video_id,
                              struct task *ret_task);

/* Finds a task by the client's id, deleted or not. ERR_NOT_FOUND. */
enum err_code store_task_by_request(struct store *store, struct arena *arena, int64_t user_id,
                                    const char *client_request_id, struct task *ret_task);

/* A move: a comparison with the row and a write in one. NULL (-1 for numbers) leaves a column as it is. */
struct task_move {
	int64_t id;
	const char *channel; /* for whose hour it counts (channel_hour.h); NULL = for none's */
	enum task_state from, to;
	int64_t attempt;       /* of the row: news of an earlier attempt moves nothing */
	const char *owner;     /* holds the lease of the row; NULL = none */
	const char *new_owner; /* holds it afterwards; NULL = none */
	int64_t now;           /* becomes updated_at where something visible changes */
	int64_t due_at;        /* 0 = never */
	bool plain; /* of a RUNNING task that stays so, under no lease: due_at and the counts are left as
	               they are, and there is news of progress and facts alone */
	const char *external_id;
	int progress; /* -1 = stays; never lowers */
	const char *video_url;
	const char *image_url;
	const char *job;
	struct job_facts facts; /* NULL and 0 leave a column as it is */
	int64_t accepted_at;    /* likewise; only with a move to another state */
	const char *error_code; /* set to NULL by any move to a state but FAILED */
	const char *error_message;
	const char *cancelled_by; /* likewise by any move to a state but CANCELLED */
	int64_t completed_at;     /* 0 = it has not ended */
	int64_t tries, not_found_count;
};

/* Makes the move, with all that follows from it (effect.h). ERR_CONFLICT where the row is no longer as
 * expected (state, attempt, owner). Where a client can see the move (another status, or any of external_id,
 * progress, URLs, facts and errors) the task gets a new revision and updated_at, and `ret_rev` is written. */
enum err_code store_task_move(struct store *store, const struct task_move *move, int64_t *ret_rev);

struct task_return {
	int64_t id;
	int64_t attempt;       /* as in struct task_move */
	enum task_state state; /* of the row; it stays */
	const char *owner;     /* holds the lease of the row, and returns it */
	int64_t due_at;
	int64_t tries, not_found_count;
};

/* Returns a lease and sets due_at and the counts, without a revision, as a client sees no change.
 * ERR_CONFLICT where owner, attempt or state of the row differ. */
enum err_code store_lease_return(struct store *store, const struct task_return *rest);

/* Notes the channel's key that the attempt is sent with (task.key_id), and whether it has an idempotency key;
 * without a revision. */
enum err_code store_task_set_key(struct store *store, int64_t id, bool sent_with_key, const char *key_id);

/* Notes the channels that turned the task's attempt away (domain/channel/turned_away.h), without a revision.
 */
enum err_code store_task_set_turned_away(struct store *store, int64_t id, const char *turned_away);

/* Reads when the task's attempt was taken to be sent; 0 = it was not, or the row is gone. */
enum err_code store_task_sent_at(struct store *store, int64_t id, int64_t *ret_sent_at);

/* Notes that the upstream has surely not accepted the attempt: it can have no job there. */
enum err_code store_task_set_unsent(struct store *store, int64_t id);

/* Keeps what the upstream said to the task's submission, whose outcome is not known. */
enum err_code store_task_set_said(struct store *store, int64_t id, const char *said);

/* Makes what was kept, if anything, the sentence of the task's error. */
enum err_code store_task_say(struct store *store, int64_t id);

/* Extends the lease of `owner` on the attempt to `due_at`. ERR_CONFLICT where the row is no longer SENDING
 * under that lease. */
enum err_code
store_lease_extend(struct store *store, int64_t id, int64_t attempt, const char *owner, int64_t due_at);

/* Writes the upstream's id of an earlier attempt that has none. ERR_CONFLICT where there is no such attempt,
 * or it has one. */
enum err_code store_attempt_learn(struct store *store, int64_t id, int64_t attempt, const char *external_id);

/* Notes the size and the seconds that the task asks for. */
enum err_code store_task_set_shape(struct store *store, const struct task *task);

/* Gives the task a new revision: a client sees another charge of it. ERR_NOT_FOUND where it is deleted. */
enum err_code store_task_revise(struct store *store, int64_t id, int64_t now, int64_t *ret_rev);

/* Finds a task by its row, deleted or not. ERR_NOT_FOUND. */
enum err_code store_task_by_id(struct store *store, struct arena *arena, int64_t id, struct task *ret_task);

struct task_retry {
	int64_t id;
	enum task_state from, to;
	const char *owner; /* holds its lease afterwards; NULL = none */
	int64_t now, due_at, deadline_at;
	int64_t api_key; /* that it is made with; 0 = a login */
};

/* Starts another attempt of a task that has ended: keeps the outcome of the last one aside, clears its
 * columns, and raises `attempt`. ERR_CONFLICT where the row is in another state, under a lease, or deleted.
 */
enum err_code store_task_retry(struct store *store, const struct task_retry *again, int64_t *ret_rev);

/* Deletes a task: clears prompt, metadata, links and the names of its images. The row stays, and the feed
 * tells that the task is gone. ERR_NOT_FOUND where it is deleted already. */
enum err_code store_task_delete(struct store *store, int64_t id, int64_t now, int64_t *ret_rev);

#endif
