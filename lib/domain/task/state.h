/* The edges that a task may take, made from model/state.def. Pure, thread-safe. */
#ifndef DOMAIN_TASK_STATE_H
#define DOMAIN_TASK_STATE_H

#include <stdbool.h>

#include "model/task.h"

enum state_edge {
#define EDGE(from, to, name, durable, why) STATE_EDGE_##name,
#include "model/state.def"
#undef EDGE
	STATE_EDGE__MAX
};

struct state_move {
	enum task_state from, to;
	bool durable;     /* the commit must survive a power cut */
	const char *name; /* "ACCEPT" */
};

/* The row of an edge; static. */
const struct state_move *state_edge(enum state_edge edge);

/* True where the table has an edge between the two. */
bool state_may(enum task_state from, enum task_state to);

#endif
