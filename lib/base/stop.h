/* SIGTERM and SIGINT as an event on a loop, for programs of one thread. */
#ifndef BASE_STOP_H
#define BASE_STOP_H

#include <signal.h>
#include <stdbool.h>

#include "base/loop.h"

/* The signals that ask a process to end: SIGTERM and SIGINT. */
void stop_set(sigset_t *ret_set);

/* Blocks both signals and watches for them: `fn(cookie)` is called when one comes. `watch` is the caller's
 * and must live as long as the loop runs. Also ignores SIGPIPE. False with errno. */
bool stop_watch(struct loop *loop, struct loop_watch *watch, void (*fn)(void *cookie, unsigned events),
                void *cookie);

/* Reads the signals that have come, so that `fn` is called again only after the next. For use in `fn`. */
void stop_drain(const struct loop_watch *watch);

/* Stops watching. The signals stay blocked. */
void stop_end(struct loop *loop, struct loop_watch *watch);

#endif
