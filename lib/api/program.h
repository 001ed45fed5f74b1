/* The frame of every program in cgi-bin: configuration, log, store, routes, guard, envelope. A program is a
 * route table and, where requests wait in it, a loop of its own. */
#ifndef API_PROGRAM_H
#define API_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/store.h"
#include "web/route.h"

struct config;

struct program {
	const char *name; /* as in the log */
	struct route_table routes;
	enum store_mode mode; /* what its threads may do to the database */
	int threads;          /* accepting threads under FastCGI */
	int64_t largest_body; /* bytes; 0 = LIMIT_JSON_BODY */
	/* Each request reads one snapshot of the database. Not for programs whose requests wait for a change.
	 */
	bool snapshot;

	/* For programs with a state of their own: open and close; where requests wait in it, run and stop. */
	void *(*open)(const struct config *config, char *ret_why,
	              size_t why_size); /* makes the state, before any thread; NULL with a reason */
	/* Runs the loop. FastCGI: on a thread of its own, until stop(). CGI (`until_idle`): on the only
	 * thread, after the request, until nothing waits any more. */
	void (*run)(void *state, bool until_idle);
	/* Answers all waiting clients soon and makes run() return. FastCGI only; called once, from another
	 * thread, after all accepting threads have ended. */
	void (*stop)(void *state);
	void (*close)(void *state); /* after run() has returned */
};

/* Runs the program, with the arguments of main(); returns main()'s value. --help and --version are answered,
 * and it ends. The data directory is $LONGREEL_DATA. Under CGI there is always
 * an answer: a 500 or 503 where the program cannot be opened, with the reason in the log. Blocks. */
int program_main(int argc, char **argv, const struct program *program);

#endif
