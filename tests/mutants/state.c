/* The table of state.def with one cell of its money changed, in place of domain/task/state.c: $MUTANT is the
 * name of an edge or an event, and a number of enum money: "edge COMPLETE 2". Without it the table is as it
 * stands. $ONLY is the one test to be run; without it all are. See cells.py. */
#include "domain/task/state.h"

static const struct state_move *table_edge(enum state_edge edge);
static const struct state_happening *table_event(enum state_event event);

#define state_edge(edge)   table_edge(edge)
#define state_event(event) table_event(event)
#include "domain/task/state.c"
#undef state_edge
#undef state_event

#include <stdio.h>
#include <string.h>

#include "support/test.h"

/* True where it is this row that is changed. */
static bool
is_changed(const char *kind, const char *name, enum money *ret_money)
{
	char kind_there[8], name_there[32];
	int money;
	const char *mutant = getenv("MUTANT");
	if (mutant == NULL || sscanf(mutant, "%7s %31s %d", kind_there, name_there, &money) != 3 ||
	    strcmp(kind, kind_there) != 0 || strcmp(name, name_there) != 0)
		return false;
	*ret_money = (enum money)money;
	return true;
}

const struct state_move *
state_edge(enum state_edge edge)
{
	static struct state_move changed;
	enum money money;
	if (!is_changed("edge", table_edge(edge)->name, &money))
		return table_edge(edge);
	changed = *table_edge(edge);
	changed.money = money;
	return &changed;
}

const struct state_happening *
state_event(enum state_event event)
{
	static struct state_happening changed;
	enum money money;
	if (!is_changed("event", table_event(event)->name, &money))
		return table_event(event);
	changed = (struct state_happening){money, table_event(event)->name};
	return &changed;
}

/* The test's main() knows nothing of it. */
__attribute__((constructor)) static void
choose(void)
{
	const char *only = getenv("ONLY");
	if (only != NULL)
		cmocka_set_test_filter(only);
}
