/* What every program in cgi-bin does: configuration, log, store, routes, guard, envelope, serve. A program is
 * its route table and, where requests wait in it, a loop of its own. */
#ifndef API_PROGRAM_H
#define API_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/store.h"
#include "web/route.h"

struct arena;
struct config;

struct program {
	const char *name; /* as in the log */
	struct route_table routes;
	enum store_mode mode; /* what its threads may do to the database */
	int threads;          /* accepting threads under FastCGI */
	int64_t largest_body; /* bytes; 0 = LIMIT_JSON_BODY */
	/* A request sees one state of the database, from who asks to what is answered: not for programs whose
	 * requests wait for a change. */
	bool snapshot;

	/* The rest is for programs with a state of their own: open and close; and where requests wait in it,
	 * run and stop. */
	void *(*open)(const struct config *config, char *ret_why,
	              size_t why_size); /* its state, before any thread; NULL = cannot */
	/* Drives what waits. FastCGI: on a thread of its own, until stop(). CGI (`until_idle`): on the only
	 * thread, after the request has been handled, until nothing waits any more. */
	void (*run)(void *state, bool until_idle);
	/* Answer everybody soon and make run() return. FastCGI only; called from another thread, once, after
	 * every accepting thread has ended: no new request comes. */
	void (*stop)(void *state);
	void (*close)(void *state); /* after run() has returned */
};

/* Runs the program; the value is main()'s. The data directory is $LONGREEL_DATA. Under CGI an answer is given
 * in every case; where nothing can be opened it is a 500 whose reason stands in the log. */
int program_main(const struct program *program);

#endif
