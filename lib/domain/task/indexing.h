/* Keeps the index of prompts (store/search.h) up with the tasks. The poller calls it again and again; any
 * number of pollers may. Belongs to the thread of the environment's store. */
#ifndef DOMAIN_TASK_INDEXING_H
#define DOMAIN_TASK_INDEXING_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct arena;
struct domain_env;

/* How far it has come; zeroes at first. */
struct indexing {
	int64_t rev;   /* changes up to this one are looked at */
	int64_t noted; /* … and this is what the database says of it */
};

/* Looks at the next changes, at most 1000, and indexes at most one block of tasks: a few ms. *ret_more: it is
 * to be called again soon. The store's errors. */
enum err_code
indexing_step(const struct domain_env *env, struct arena *arena, struct indexing *indexing, bool *ret_more);

#endif
