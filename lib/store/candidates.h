/* Candidates: the tasks whose prompts may contain a text, by the index of prompts (gram.h). For store/walk.c;
 * errors as in store.h. */
#ifndef STORE_CANDIDATES_H
#define STORE_CANDIDATES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/fold.h"

enum {
	CANDIDATES_GRAMS = 24,  /* of the text, which are tried */
	CANDIDATES_BLOCK = 800, /* the work for a block, and for a part of it, in ns */
	CANDIDATES_PART = 3000
};

struct arena;
struct store;

struct wanted_gram {
	uint32_t gram;
	uint64_t seen; /* tasks of the first blocks that have it */
};

/* A block that was looked at. */
struct seen_block {
	int64_t user_id, first_id, last_id;
	const int64_t *ids; /* its candidates, in order */
	size_t count;
};

struct candidates {
	struct store *store;
	struct arena *arena;
	struct wanted_gram grams[CANDIDATES_GRAMS];
	size_t gram_count;
	int tried;               /* blocks */
	struct seen_block *seen; /* in order of user_id and first_id */
	size_t seen_count, seen_cap;
	size_t last;  /* where the task was that was last asked for */
	int64_t work; /* that was done, in ns */
};

/* Prepares to look for the text. What is found lives in the arena. */
void candidates_init(struct candidates *candidates, struct store *store, struct arena *arena,
                     const struct fold_needle *needle);

/* Finds the candidates of the block that begins with the task `first_id`: a bit each. */
enum err_code candidates_of_block(struct candidates *candidates, int64_t first_id, uint64_t *ret_tasks);

/* Tells whether the user's task is a candidate; one that is in no block is. */
enum err_code
candidates_have(struct candidates *candidates, int64_t user_id, int64_t id, bool *ret_candidate);

#endif
