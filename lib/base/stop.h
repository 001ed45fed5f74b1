/* SIGTERM and SIGINT as an event on a loop, for programs of one thread. */
#ifndef BASE_STOP_H
#define BASE_STOP_H

#include <stdbool.h>

#include "base/loop.h"

/* Blocks both signals and watches for them: `fn(cookie)` is called for each that comes. `watch` is the
 * caller's and must live as long as the loop runs. Also ignores SIGPIPE. False with errno. */
bool stop_watch(struct loop *loop, struct loop_watch *watch, void (*fn)(void *cookie, unsigned events),
                void *cookie);

/* Takes in what has come, so that the event does not stand. For use in `fn`. */
void stop_hush(const struct loop_watch *watch);

/* Ends the watching. */
void stop_end(struct loop *loop, struct loop_watch *watch);

#endif
