/* Tasks by what they were made of, and by what their upstream shows of them. As in store.h. */
#ifndef STORE_TASK_MATCH_H
#define STORE_TASK_MATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/crypto.h"
#include "base/err.h"
#include "model/task.h"

struct arena;
struct store;

struct task_content {
	int64_t user_id;
	int64_t api_key;            /* with which it was created; 0 = by a login */
	const uint8_t *fingerprint; /* CRYPTO_HASH_SIZE bytes */
	int64_t since;              /* created from then on */
	int64_t least, most;        /* repeated by its client at least so often, and less often than that */
};

/* The user's latest task of that content that was created without an id of the client's own, deleted or not.
 * ERR_NOT_FOUND. */
enum err_code store_task_by_content(struct store *store, struct arena *arena,
                                    const struct task_content *content, struct task *ret_task);

/* Notes how often its client has repeated the request that made it, without a revision. */
enum err_code store_task_repeated(struct store *store, int64_t id, int64_t client_retries);

/* Whether a task at the place where `task` was sent, of whichever channel, or an earlier attempt of any task
 * bears this id of its upstream. */
enum err_code
store_external_known(struct store *store, const struct task *task, const char *external_id, bool *ret_known);

struct task_rivals {
	int64_t sending; /* tasks in state SENDING */
	int64_t others;  /* of another user or of another content: UNSURE, or ended since `since` without an
	                    upstream  id, earlier attempts included */
};

/* How many other tasks at the same place, of whichever channel, with the prompt of `task`, may have a job
 * upstream that is not known: it looks like this one's. Deleted ones count whatever they were. */
enum err_code store_task_rivals(struct store *store, const struct task *task, int64_t since,
                                struct task_rivals *ret_rivals);

#endif
