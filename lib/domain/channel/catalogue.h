/* What can be made: the models that clients may name, with all that each may be asked for. Thread-safe. */
#ifndef DOMAIN_CHANNEL_CATALOGUE_H
#define DOMAIN_CHANNEL_CATALOGUE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "upstream/dialect/ability.h"

struct arena;
struct channels;

struct catalogue_model {
	const char *name;       /* as clients say it */
	struct ability ability; /* of all its channels together: what any of them takes */
};

struct catalogue {
	struct catalogue_model *models; /* in the order of the channels, each once */
	size_t count;
	bool open; /* a channel takes other names, too */
};

/* Reads the catalogue from the channels that get new work, into the arena. A channel lists the models of its
 * own list; one without a list those that its dialect offers and no other channel lists; one without offers,
 * too, is MODEL_DEFAULT: what it makes where no model is named. ERR_NO_MEMORY. */
enum err_code catalogue_read(struct channels *channels, struct arena *arena, struct catalogue *ret_catalogue);

#endif
