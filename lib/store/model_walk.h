/* A walk through the models of waiting tasks, in order of their names: a look into an index for each, however
 * many tasks it has. For the files of this folder; belongs to the thread of the store. */
#ifndef STORE_MODEL_WALK_H
#define STORE_MODEL_WALK_H

#include <stdbool.h>
#include <stdio.h>

#include "base/limits.h"
#include "store/db.h"

enum {
	MODEL_WALK_MOST = 128, /* models; more than can cool down at a channel */
	MODEL_WALK_SIZE = 4 * LIMIT_WORD + 1
};

/* Begin with {0}. */
struct model_walk {
	char model[MODEL_WALK_SIZE]; /* the last one */
	int count;                   /* models so far */
};

/* Starts the statement that finds the first model; where there was one, its variant that finds the next, by
 * its only option, `after`. */
static inline struct query
model_walk_query(struct store *store, enum sql_query name, const struct model_walk *walk)
{
	struct query query = db_query(store, name + (walk->count > 0));
	if (walk->count > 0)
		db_text(&query, ":model", walk->model);
	return query;
}

/* Goes to the model that the statement finds, and has its name in this column. False at the end. */
static inline bool
model_walk_step(struct model_walk *walk, struct query *query, int column)
{
	if (walk->count >= MODEL_WALK_MOST || !db_step(query))
		return false;
	const char *model = db_column_text(query, column);
	snprintf(walk->model, sizeof(walk->model), "%s", model != NULL ? model : "");
	walk->count++;
	return true;
}

#endif
