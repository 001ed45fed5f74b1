/* The loop that holds all conversations with the upstream, and the clients that wait for them to end.
 * driver_take() and driver_env() may be called by any thread. */
#ifndef RELAY_DRIVER_H
#define RELAY_DRIVER_H

#include <stdbool.h>
#include <stddef.h>

#include "domain/env.h"

struct call;
struct config;
struct driver;
struct store;
struct task;

/* Struct program's `open`, `run`, `stop` and `close`. A stop waits for the submissions under way, up to
 * shutdown_grace. */
void *driver_open(const struct config *config, char *ret_why, size_t why_size);
void driver_run(void *state, bool until_idle);
void driver_stop(void *state);
void driver_close(void *state);

/* The environment for creating tasks with a thread's own store. */
struct domain_env driver_env(const struct driver *driver, struct store *store);

/* Takes the call's connection and drives the task, whose row is SENDING under our lease, to the end of its
 * submission; then answers the client, if it is still there. False when memory is short: then nothing has
 * happened. */
bool driver_take(struct driver *driver, struct call *call, const struct task *task);

#endif
