/* Finds tasks by their content, and by what an upstream shows of their jobs. Threads and errors as in
 * store.h.
 */
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
	int64_t least, most;        /* client retries: at least, and less than */
};

/* Finds the user's latest task of that content that was created without a client's id, deleted or not.
 * ERR_NOT_FOUND. */
enum err_code store_task_by_content(struct store *store, struct arena *arena,
                                    const struct task_content *content, struct task *ret_task);

/* Notes how often the client has retried the request that made the task, without a revision. */
enum err_code store_task_repeated(struct store *store, int64_t id, int64_t client_retries);

/* True where a task at the place of `task`, of any channel, or an earlier attempt of one has this upstream
 * id.
 */
enum err_code
store_external_known(struct store *store, const struct task *task, const char *external_id, bool *ret_known);

/* Keep and forget the hash of the prompt of a task that is deleted. It is kept only where an attempt of the
 * task may have a job that is not known, and forgotten only where none may any more. With it goes what was
 * learnt of the job: no call will need it. */
enum err_code store_prompt_keep(struct store *store, const struct task *task);
enum err_code store_prompt_forget(struct store *store, const struct task *task);

/* Forgets at most `most` of the hashes that tasks which ended before `before` (ms since the epoch) have kept,
 * unless their jobs are still looked for. ret_count: how many. */
enum err_code store_prompts_forget(struct store *store, int64_t before, int64_t most, int64_t *ret_count);

/* ret_hash: the SHA-256 that is kept. ERR_NOT_FOUND where none is. */
enum err_code
store_prompt_kept(struct store *store, const struct task *task, uint8_t ret_hash[CRYPTO_HASH_SIZE]);

/* A job that a task may mean. */
struct task_meant {
	int64_t since;      /* what ended before cannot have it */
	int64_t until;      /* what was not sent by then cannot have it */
	const char *source; /* the upstream's id of what it is made from; NULL = nothing, or it is not told */
};

struct task_rivals {
	int64_t sending; /* tasks in state SENDING */
	int64_t unsure;  /* of the same user and content, and UNSURE; whatever their prompt */
	int64_t others;  /* of another user or of another content: UNSURE, or ended without an upstream id,
	                    earlier attempts included */
};

/* Counts the other tasks at the same place, of any channel, with the prompt of `task`, that were sent and
 * could have the job that is meant. Of deleted tasks the hash of the prompt is compared; those without are
 * none. */
enum err_code store_task_rivals(struct store *store, const struct task *task, const struct task_meant *meant,
                                struct task_rivals *ret_rivals);

#endif
