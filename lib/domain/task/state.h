/* The edges that a task may take, made from model/state.def. Pure, thread-safe. */
#ifndef DOMAIN_TASK_STATE_H
#define DOMAIN_TASK_STATE_H

#include <stdbool.h>

#include "model/task.h"

enum state_edge {
#define EDGE(from, to, name, durable, money, why) STATE_EDGE_##name,
#include "model/state.def"
#undef EDGE
	STATE_EDGE__MAX
};

/* What happens to an attempt, and to its charge, beside its edges. */
enum state_event {
#define EVENT(name, money, why) STATE_EVENT_##name,
#include "model/state.def"
#undef EVENT
	STATE_EVENT__MAX
};

struct state_move {
	enum task_state from, to;
	bool durable;     /* the commit must survive a power cut */
	enum money money; /* what follows for the charge */
	const char *name; /* "ACCEPT" */
};

struct state_happening {
	enum money money;
	const char *name; /* "LAPSE" */
};

/* The row of an edge; static. */
const struct state_move *state_edge(enum state_edge edge);

/* The row of an event; static. */
const struct state_happening *state_event(enum state_event event);

/* True where the table has an edge between the two. */
bool state_may(enum task_state from, enum task_state to);

#endif
