/* Reads the lists of a channel as the operator writes them, of models and of other names: "ours=theirs
 * other", separated by blanks or commas. Thread-safe. */
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

/* Reads the list into the arena. False with one sentence in `ret_why`, for a name that is empty, too long,
 * not printable or listed twice, for too many, or when memory is short. */
bool model_list_read(struct arena *arena, const char *text, struct model_list *ret_models, char *ret_why,
                     size_t why_size);

/* Reads a list of names, NULL-terminated, into the arena. False as above; one that is listed twice is no
 * fault. */
bool name_list_read(struct arena *arena, const char *text, const char *const **ret_names, char *ret_why,
                    size_t why_size);

#endif
