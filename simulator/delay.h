/* Answers that wait. A finished reply is taken out of its thread and given to a loop, which sends it when its
 * time has come; so any number can wait at once. */
#ifndef SIMULATOR_DELAY_H
#define SIMULATOR_DELAY_H

#include <stdbool.h>
#include <stdint.h>

struct hold;
struct reply;
struct request;

/* A new, empty hold, or NULL. */
struct hold *hold_new(void);

/* Starts the thread of its loop (FastCGI). False with errno. */
bool hold_start(struct hold *hold);

/* Takes the reply, to be sent after `delay_ms`; `reply` is then empty and detached. False when memory is
 * short: the reply is as it was. Any thread. */
bool hold_take(struct hold *hold, struct request *request, struct reply *reply, int64_t delay_ms);

/* Sends what is left and frees the hold: after its time where no thread was started (CGI), else at once. All
 * threads that call hold_take() must have ended. NULL is fine. */
void hold_finish(struct hold *hold);

#endif
