/* A database for one test, and rows to put into it. Every function fails the test rather than return an
 * error. */
#ifndef SUPPORT_STORES_H
#define SUPPORT_STORES_H

#include <stdint.h>

#include "base/arena.h"
#include "store/task.h"

struct stores {
	char *dir;
	struct store *store; /* opened with STORE_MIGRATE */
	struct arena *arena;
	int64_t user; /* a user "ada" */
};

/* Makes a directory with a new database. */
struct stores *stores_new(void);

/* Closes and removes everything. */
void stores_free(struct stores *stores);

/* Adds a user of that name. */
int64_t stores_user(struct store *store, const char *name);

/* A READY task of `user` with the video id `video_id`, made at time 1000, due at once, not yet in the
 * database. */
struct task stores_task(int64_t user, const char *video_id);

/* Adds it in a transaction of its own, and gives its id. */
int64_t stores_add(struct store *store, const struct task *task);

/* A move of the task `id` that expects no owner and changes nothing but the state. */
struct task_move stores_move(int64_t id, enum task_state from, enum task_state to);

/* Makes the move, of the first attempt unless it says otherwise, in a transaction of its own, and gives the
 * revision that it got; 0 = none. */
int64_t stores_make(struct store *store, const struct task_move *move);

/* Takes the lease of a video of the archive that is due at `now`, until `until`, inside the caller's
 * transaction: of those that failed least the one due last. */
enum err_code stores_claim_video(struct stores *stores, const char *owner, int64_t now, int64_t until,
                                 struct task *ret_task, int64_t *ret_tries);

/* The task with that video id, of any user. */
struct task stores_get(struct stores *stores, const char *video_id);

#endif
