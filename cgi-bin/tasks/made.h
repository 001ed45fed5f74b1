/* What can be made, as it was read lately: the state of the program. Thread-safe. */
#ifndef TASKS_MADE_H
#define TASKS_MADE_H

#include <stddef.h>

#include "base/err.h"
#include "domain/channel/catalogue.h"

struct call;
struct config;
struct made;

/* Opens and closes the state, for struct program. Nothing is read before the first call. */
void *made_open(const struct config *config, char *ret_why, size_t why_size);
void made_close(void *state);

/* What a call takes from it; lives as long as the request. */
struct made_text {
	const char *json; /* {models, open}, as GET /api/models answers */
	const char *etag;
};

/* Takes the text, of the models that the caller may use. What it says is at most some seconds old, and not
 * older than the last change of a channel in the database. ERR_INTERNAL, with a line in the log, where the
 * channels cannot be read. */
enum err_code made_take_text(struct call *call, struct made_text *ret_text);

/* Takes the names of the models, likewise: a list that ends with NULL. */
enum err_code made_take_names(struct call *call, const char *const **ret_names);

#endif
