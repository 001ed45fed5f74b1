/* What a new job of a model may ask for at a channel. It is found by asking wish.h of each value that the
 * model's offer and the profile name, so that what is listed is just what is taken. Thread-safe. */
#ifndef UPSTREAM_DIALECT_ABILITY_H
#define UPSTREAM_DIALECT_ABILITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct arena;
struct channel;

struct ability {
	const char *label;          /* for people; NULL = it has no other than its name */
	const char *const *sizes;   /* "1280x720"; NULL-terminated. Empty = none can be asked for, NULL = any
	                               may be: the upstream decides */
	const int64_t *seconds;     /* lengths; NULL = any may be */
	size_t second_count;        /* 0 beside a list = none can be asked for */
	bool image;                 /* it takes images, as references */
	bool first;                 /* … as the first frame */
	bool last;                  /* … as the last frame */
	int64_t most;               /* images, of all kinds together */
	const char *const *options; /* what else it can be asked for: "seed"; NULL-terminated */
};

/* Finds what may be asked for with the model `ours` (NULL = none named); the result lives in the arena, or as
 * long as the channel. ERR_NO_MODEL where no job of that model can be asked for; ERR_NO_MEMORY. */
enum err_code ability_find(const struct channel *channel, const char *ours, struct arena *arena,
                           struct ability *ret_ability);

#endif
