/* The models of a channel, as the operator writes them: "ours=theirs other", separated by blanks or commas.
 * Thread-safe. */
#ifndef DOMAIN_CHANNEL_MODEL_LIST_H
#define DOMAIN_CHANNEL_MODEL_LIST_H

#include <stdbool.h>
#include <stddef.h>

#include "model/channel.h"

struct arena;

struct model_list {
	const struct channel_model *list;
	size_t count;
};

/* Reads the list; what it yields lives in the arena. False with one sentence in `ret_why`: a name that is
 * empty, too long, not printable or named twice; too many. */
bool model_list_read(struct arena *arena, const char *text, struct model_list *ret_models, char *ret_why,
                     size_t why_size);

#endif
