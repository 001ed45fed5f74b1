/* The loop that creates tasks and holds all exchanges with upstreams, and the clients that wait for them to
 * end. driver_take_call() and driver_env() may be called by any thread. */
#ifndef RELAY_DRIVER_H
#define RELAY_DRIVER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "domain/env.h"
#include "domain/task/create.h"

struct call;
struct config;
struct driver;
struct handoff;
struct reply;
struct request;
struct store;

/* Struct program's `open`, `run`, `stop` and `close`. A stop waits for the submissions under way, up to
 * shutdown_grace. */
void *driver_open(const struct config *config, char *ret_why, size_t why_size);
void driver_run(void *state, bool until_idle);
void driver_stop(void *state);
void driver_close(void *state);

/* The environment for creating tasks with a thread's own store. */
struct domain_env driver_env(const struct driver *driver, struct store *store);

/* One task of a call, from the handler to the answer: still to be created (`order.input`), created already
 * and still to be submitted (`submit`), or decided, as `order.err` or `order.task` says. Begins as zero but
 * for that. */
struct creation {
	struct create_order order; /* afterwards: the task as it stands, or why there is none, or why it
	                              cannot be said how it stands */
	const char *label;         /* the caller's, or NULL */
	const char *currency;      /* that a video's cost is told in below /v1/ */
	bool submit;               /* the task is SENDING under our lease */
	struct handoff *handoff;   /* the driver's */
};

/* Writes the answer when every creation is decided, and returns its code, for the log. The request has what
 * the envelope needs and an arena. */
typedef enum err_code driver_answer(const struct request *request, struct reply *reply,
                                    const struct creation *creations, size_t count, const char *lang);

/* Takes the call's connection, creates its tasks, submits them, and then answers the client, if it is still
 * there. The creations are copied; an image that no task takes is removed. False when memory is short: then
 * nothing has happened. */
bool driver_take_call(struct driver *driver, struct call *call, const struct creation *creations,
                      size_t count, driver_answer *answer);

#endif
