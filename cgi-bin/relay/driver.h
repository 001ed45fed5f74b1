/* The loop that holds all conversations with the upstream, and the clients that wait for them to end.
 * driver_take() and driver_env() may be called by any thread. */
#ifndef RELAY_DRIVER_H
#define RELAY_DRIVER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "domain/env.h"
#include "model/task.h"

struct call;
struct config;
struct create_input;
struct driver;
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

/* One task of a call: still to be made, its submission still to be driven, or decided already. */
struct item {
	const struct create_input
	    *input;        /* what it is to be made of, or NULL: then `task` or `err` is there already */
	struct task task;  /* SENDING under our lease where `drive`; afterwards as it stands */
	const char *label; /* the caller's, or NULL */
	bool drive;
	bool replayed;   /* it existed before the call */
	int64_t wait_ms; /* with ERR_RATE_LIMITED */
	bool twin;       /* as in struct create_result */
	enum err_code
	    err; /* why there is no task, or why it cannot be said how it stands; ERR_OK = `task` says it */
};

/* Writes the answer when every item is decided. The request has what the envelope needs and an arena. */
typedef void driver_answer(const struct request *request, struct reply *reply, const struct item *items,
                           size_t count, const char *lang);

/* Takes the call's connection, makes its tasks, drives their submissions to the end, and then answers the
 * client, if it is still there. The items are copied; an image that no task takes is removed. False when
 * memory is short: then nothing has happened. */
bool driver_take(struct driver *driver, struct call *call, const struct item *items, size_t count,
                 driver_answer *answer);

#endif
