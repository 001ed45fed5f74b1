/* A new task from a client's words: the same request gives the same task. */
#ifndef DOMAIN_TASK_CREATE_H
#define DOMAIN_TASK_CREATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "model/job_kind.h"
#include "model/task.h"

struct arena;
struct domain_env;

struct create_input {
	int64_t user_id;
	int64_t api_key;               /* with which the user came; 0 = a login */
	const char *client_request_id; /* NULL = none */
	int64_t repeats; /* the client says that it repeats the request by itself, for the how-manieth time */
	int64_t received_at; /* wall ms, when the request came */
	const char *prompt;
	const char *model; /* NULL where not given, as all that follows */
	const char *size;
	int64_t seconds; /* 0 = not given */
	const char *aspect_ratio;
	const char *options;    /* JSON object; never NULL */
	const char *metadata;   /* JSON object; never NULL */
	const char *input_file; /* name in DATA/uploads of the image, synced already */
	const char *input_type;
	const uint8_t *input_sha256; /* of the image, or NULL */
	const struct task *source;   /* what this is made from, or NULL; the caller may see it */
	enum job_kind job;           /* what is made of the source: DIALECT_REMIX, _EDIT or _EXTEND */
};

struct create_result {
	struct task task;
	bool replayed;   /* it existed: same user, same content, and the same client_request_id, or none, the
	                    same API key and retried; nothing was written */
	int64_t wait_ms; /* with ERR_RATE_LIMITED */
	bool twin; /* with an error: a task with the same content is there, or may be, made without an id
	              of the client's, too; were this request repeated it would pass for that one's
	              repetition */
};

/* One of several that are written down together. */
struct create_order {
	const struct create_input *input;
	struct arena *arena; /* for what the result needs */
	struct create_result result;
	enum err_code err; /* as of create_task() */
	bool settled;      /* by looking only */
};

/* Writes tasks down in one durable transaction: all that can be written are, or none where the store fails,
 * and then each bears its error. The task of an order is in state SENDING under our lease, and then the
 * caller must drive it with submit_start(); or in state READY, where its channel rests, and then the poller
 * will submit it. Where there is a source, its channel makes the remix too, and its size, seconds, aspect
 * ratio (and model, unless given) are taken over; ERR_NO_EXTERNAL_ID, ERR_NOT_COMPLETED, ERR_UNSUPPORTED.
 * ERR_REQUEST_ID_REUSED where the id exists with other content; ERR_NO_CHANNEL; ERR_RATE_LIMITED (a
 * repetition never counts); ERR_TASK_DELETED for a repetition of what was deleted since; ERR_UNCERTAIN (the
 * row may be there); the store's errors. */
void create_tasks(const struct domain_env *env, struct create_order *orders, size_t count);

/* The same for one. ret_result is written in every case. */
enum err_code create_task(const struct domain_env *env, struct arena *arena, const struct create_input *input,
                          struct create_result *ret_result);

/* Counts a submission of the user's against rate_create, inside the caller's transaction. ERR_RATE_LIMITED,
 * with the wait until one more is allowed; the store's errors. */
enum err_code create_count(const struct domain_env *env, int64_t user_id, int64_t now, int64_t *ret_wait_ms);

/* Copies an input, its source and all, into `arena`. False when memory is short. */
bool create_input_copy(struct arena *arena, const struct create_input *input, struct create_input *ret_input);

#endif
