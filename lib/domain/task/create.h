/* Creates tasks from what clients ask for: the same request gives the same task. Belongs to the thread of the
 * environment's store. */
#ifndef DOMAIN_TASK_CREATE_H
#define DOMAIN_TASK_CREATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/crypto.h"
#include "base/err.h"
#include "model/job_kind.h"
#include "model/task.h"
#include "upstream/dialect/wish.h"

struct arena;
struct domain_env;

/* The client's own id of a set's second task is that of the first with "#2" behind it, and so on. */
enum { CREATE_SET_SUFFIX = 3 /* characters at most */ };

/* A field that the client calls otherwise than the contract. Both names live for ever. */
struct create_name {
	const char *field, *name;
};

enum { CREATE_NAMES = 6 /* fields that have other names, at most */ };

struct create_input {
	int64_t user_id;
	int64_t api_key;               /* the API key of the request; 0 = a login */
	const char *client_request_id; /* NULL = none */
	int64_t client_retries; /* the number of this repetition, where the client says that it repeats by
	                           itself; else 0 */
	int64_t received_at;    /* wall ms, when the request arrived */
	const char *prompt;
	const char *model; /* NULL where not given, as the strings below */
	const char *size;
	int64_t seconds; /* 0 = not given */
	const char *aspect_ratio;
	const char *options;    /* JSON object; never NULL */
	const char *metadata;   /* JSON object; never NULL */
	const char *input_file; /* name in DATA/uploads of the image, synced already */
	const char *input_type;
	const char *images;                     /* as in struct task; synced, too */
	int64_t input_bytes;                    /* of all images together */
	const uint8_t *input_sha256;            /* of the image, or NULL */
	const uint8_t *images_sha256;           /* of those in `images` and their roles, or NULL */
	struct create_name names[CREATE_NAMES]; /* of what was asked for; a field NULL ends it */
	int64_t set;   /* how many tasks the request asks for, at least 1: all are made, or none */
	int64_t place; /* this one's among them, from 0 */
	const struct task *source; /* what this is made from, or NULL; the caller may see it */
	enum job_kind job;         /* what is made of the source: DIALECT_REMIX, _EDIT or _EXTEND */
};

/* One task to be created, and what became of it. Lives where its caller puts it, from the request to the
 * answer; all but the first three members begin as zero. */
struct create_order {
	struct create_order *next; /* among those that are created together; NULL = the last */
	const struct create_input *input;
	struct arena *arena;  /* the strings of `task` live here and in the input */
	struct task task;     /* as it stands, where `err` is ERR_OK */
	enum err_code err;    /* why there is no task */
	bool replayed;        /* it existed: same user, same content, and the same client_request_id, or none,
	                         the same API key and retried; nothing was written */
	int64_t wait_ms;      /* with ERR_RATE_LIMITED, ERR_TOO_MANY_OPEN */
	struct wish unsaid;   /* with ERR_UNSUPPORTED_FIELD: what cannot be asked for */
	bool retry_ambiguous; /* with an error, without client_request_id: a task with the same content is
	                         there, or may be; a repetition of this request would pass for its own */
	/* for create_tasks() only */
	uint8_t fingerprint[CRYPTO_HASH_SIZE]; /* of the content */
	bool answered;                         /* without a transaction */
};

/* Creates the tasks of a list of orders in one durable transaction: all that can be created are, or none
 * where the store fails, and then each order bears its error. The orders of a set stand one behind the other,
 * and all of them are created, or all bear the error of one. The task of an order is in state SENDING under
 * our lease, and then the caller must drive it with submit_start(); or in state READY, where its channel
 * takes nothing now, and then the poller submits it. Where there is a source, its channel makes the remix
 * too, and its size, seconds, aspect ratio (and model, unless given) are taken over; ERR_NO_EXTERNAL_ID,
 * ERR_NOT_COMPLETED, ERR_UNSUPPORTED. ERR_UNSUPPORTED_FIELD where no channel of the model can be told all
 * that is asked for. ERR_REQUEST_ID_REUSED where the id exists with other content;
 * ERR_NO_CHANNEL; ERR_MODEL_NOT_ALLOWED, ERR_RATE_LIMITED and ERR_TOO_MANY_OPEN (admit.h; a repetition never
 * counts); ERR_TASK_DELETED for a repetition of what was deleted since; ERR_UNCERTAIN (the row may be there);
 * the store's errors. */
void create_tasks(const struct domain_env *env, struct create_order *orders);

/* Copies an input, its source and all, into `arena`. False when memory is short. */
bool create_input_copy(struct arena *arena, const struct create_input *input, struct create_input *ret_input);

#endif
