/* A dialect's profile: what the API of one family of upstreams looks like. Read from conf/dialects/NAME.json;
 * the keys are described in conf/dialects/README.md. Immutable once loaded, thread-safe. */
#ifndef UPSTREAM_DIALECT_DIALECT_H
#define UPSTREAM_DIALECT_DIALECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "model/image.h"
#include "model/job_kind.h"

struct arena;
struct channel;
struct dialect;

/* What one of an upstream's models can make, as its profile says. Lives as long as the profile. */
struct dialect_offer {
	const char *name;         /* of the model, as the upstream calls it */
	const char *label;        /* for people; the name where there is no other */
	const char *const *sizes; /* "1280x720"; NULL-terminated, or NULL = not told */
	const int64_t *seconds;   /* lengths; NULL = not told */
	size_t second_count;
	struct {
		bool told;    /* the profile says anything of them */
		bool image;   /* it takes images, as references */
		bool first;   /* … as the first frame */
		bool last;    /* … as the last frame */
		int64_t most; /* images, of all kinds together */
	} inputs;
	const char *const *options; /* what else it can be asked for: "seed"; NULL-terminated, or NULL */
};

/* A list of them. */
struct dialect_offers {
	const struct dialect_offer *list;
	size_t count;
};

/* Loads `dir`/`name`.json. The caller frees with dialect_free(). NULL with one sentence in `ret_why` that
 * names the file and the key at fault: unknown keys, missing keys, wrong types, unknown placeholders and
 * doubled status words are errors. */
struct dialect *dialect_load(const char *dir, const char *name, char *ret_why, size_t why_size);

/* Loads the profile of that name for the instance whose data lies in `data`: DATA/dialects/NAME.json where
 * there is one, else `shipped`/NAME.json. Errors as dialect_load(). */
struct dialect *
dialect_load_for(const char *data, const char *shipped, const char *name, char *ret_why, size_t why_size);

/* Returns the directory of the profiles that are installed beside this program, in the arena. NULL when
 * memory is short. */
const char *dialect_shipped_dir(struct arena *arena);

/* Loads a profile from memory; `name` is for the messages. */
struct dialect *dialect_parse(const char *name, const char *json, size_t len, char *ret_why, size_t why_size);

/* Frees a profile. NULL is fine. */
void dialect_free(struct dialect *dialect);

/* True where this upstream has a call for that kind of job. */
bool dialect_can_make(const struct dialect *dialect, enum job_kind job);

/* True where this upstream makes that kind of job from the link to a video of its own, and not from its id.
 */
bool dialect_source_is_link(const struct dialect *dialect, enum job_kind job);

/* True where this upstream takes such an image with a new job. */
bool dialect_takes(const struct dialect *dialect, enum image_role role);

/* Returns the header that carries the key, and writes what stands before the key in it; NULL where requests
 * are signed with it. */
const char *dialect_key_header(const struct dialect *dialect, const char **ret_prefix);

/* Returns the word for a kind of job, "remix": the key in a profile, and the member `job` of a task's
 * options.
 */
const char *job_kind_word(enum job_kind job);

/* Returns the shortest time in ms between two questions about a job that this upstream allows; 0 = any. */
int64_t dialect_poll_interval(const struct dialect *dialect);

/* True where this upstream can be told to stop a job. */
bool dialect_can_cancel(const struct dialect *dialect);

/* True where this upstream lists its jobs. */
bool dialect_can_list(const struct dialect *dialect);

/* Returns the header by whose value this upstream recognises a repeated submission; NULL = it has none, and a
 * repeated submission is another job. */
const char *dialect_idempotency_header(const struct dialect *dialect);

/* Returns what the upstream's models can make, in the order of the profile; *ret_count may be 0, which says
 * nothing: a profile need not tell. */
const struct dialect_offer *dialect_offers(const struct dialect *dialect, size_t *ret_count);

/* Reads the list of offers in the file `path`, of the form that it has in a profile, into the arena.
 * ERR_NOT_FOUND where there is no such file; else any error comes with one sentence in `ret_why` that names
 * the file and the key at fault. */
enum err_code dialect_load_offers(struct arena *arena, const char *path, struct dialect_offers *ret_offers,
                                  char *ret_why, size_t why_size);

/* Returns the same of a channel: its own offers where it has any, else those of its dialect. */
const struct dialect_offer *channel_offers(const struct channel *channel, size_t *ret_count);

/* Returns the channel's offer of the model that the upstream calls `theirs`, or NULL; NULL for a NULL. */
const struct dialect_offer *channel_offer_of(const struct channel *channel, const char *theirs);

/* Returns the name that it was loaded by. */
const char *dialect_name(const struct dialect *dialect);

/* Returns the address that its upstream usually has; NULL where each operator has another. */
const char *dialect_base(const struct dialect *dialect);

#endif
