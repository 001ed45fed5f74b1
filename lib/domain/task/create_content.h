/* What a client asks for when it creates a task, and what tells one request from another. Pure, thread-safe.
 */
#ifndef DOMAIN_TASK_CREATE_CONTENT_H
#define DOMAIN_TASK_CREATE_CONTENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/crypto.h"
#include "domain/money/check.h"
#include "model/job_kind.h"
#include "model/task.h"

struct arena;

/* The ids of a set's tasks are the client's own with "#1", "#2" and so on behind it. */
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
	const char *set_id;            /* of a set with ids: the client's own, of which they are made */
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
	struct price_cap cap;      /* what it may cost, all of the set together */
	enum job_kind job;         /* what is made of the source: DIALECT_REMIX, _EDIT or _EXTEND */
};

/* Copies an input, its source and all, into `arena`. False when memory is short. */
bool create_input_copy(struct arena *arena, const struct create_input *input, struct create_input *ret_input);

/* Returns the task's options: those that are asked for, of a set's with how many there are. NULL when memory
 * is short. */
const char *create_options(struct arena *arena, const struct create_input *input);

/* True for a task of a set. */
bool create_is_of_set(struct arena *arena, const struct task *task);

/* Computes a digest of all that is asked for, but not of what it may cost. False when memory is short. */
bool create_fingerprint(const struct create_input *input, uint8_t ret_hash[CRYPTO_HASH_SIZE]);

#endif
