/* Users who are out of a channel's lines: none of their tasks there is due, or what is due is of models that
 * cool down. They keep their places; where a model stops to cool down they come back as they are needed, the
 * first ones first. For turn.c and claim.c; threads and errors as in store.h. */
#ifndef STORE_TURN_SLEEP_H
#define STORE_TURN_SLEEP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct store;

/* A channel's line, as a claim goes through it. */
struct turn_line {
	const char *channel;
	int64_t now;  /* what is due by then may be sent */
	int64_t most; /* turns that are asked for */
	/* As turn_wake() finds: */
	int64_t last;  /* the place given last */
	int64_t turns; /* had since one of a single task */
	bool resting;  /* models of the channel cool down: their tasks are passed over */
	int passed;    /* users so far of whom nothing may go */
};

/* Lets those stand in line again of whom a task is due by now, or waits for a model that does not cool down
 * any more: of the latter as many as have a part in the turns that are asked for. Before turn_next(). */
enum err_code turn_wake(struct store *store, struct turn_line *line);

/* What a user has waiting at a channel. */
struct turn_look {
	int64_t id;     /* the task that may go first: of a model that does not cool down; 0 = none */
	int64_t due_at; /* when; INT64_MAX without one */
	bool cooling;   /* others are of models that cool down */
};

/* Looks at the user's tasks: at the first, or at the first of each of its models where some cool down. */
enum err_code
turn_look(struct store *store, const struct turn_line *line, int64_t user_id, struct turn_look *ret_look);

/* Takes the user out of the lines until what was found may go. */
enum err_code
turn_sleep(struct store *store, const struct turn_line *line, int64_t user_id, const struct turn_look *look);

#endif
