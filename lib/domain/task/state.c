/* The edges that a task may take, from the one table. */
#include "domain/task/state.h"

#include <assert.h>

static const struct state_move edges[] = {
#define EDGE(from, to, name, durable, money, why)                                                            \
	[STATE_EDGE_##name] = {TASK_STATE_##from, TASK_STATE_##to, durable, MONEY_##money, #name},
#include "model/state.def"
#undef EDGE
};
static_assert(sizeof(edges) / sizeof(edges[0]) == STATE_EDGE__MAX, "a row for each edge");

static const struct state_happening events[] = {
#define EVENT(name, money, why) [STATE_EVENT_##name] = {MONEY_##money, #name},
#include "model/state.def"
#undef EVENT
};

const struct state_happening *
state_event(enum state_event event)
{
	return &events[event];
}

const struct state_move *
state_edge(enum state_edge edge)
{
	return &edges[edge];
}

bool
state_may(enum task_state from, enum task_state to)
{
	for (int i = 0; i < STATE_EDGE__MAX; i++)
		if (edges[i].from == from && edges[i].to == to)
			return true;
	return false;
}
