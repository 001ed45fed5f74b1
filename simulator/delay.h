/* Delayed answers. A finished reply moves from its thread to a loop, which sends it in time, so any number
 * can wait at once. */
#ifndef SIMULATOR_DELAY_H
#define SIMULATOR_DELAY_H

#include <stdbool.h>
#include <stdint.h>

struct delay;
struct reply;
struct request;

/* A queue of delayed answers, empty; NULL when memory is short. Freed by delay_finish(). */
struct delay *delay_new(void);

/* Starts the thread of its loop (FastCGI). False with errno set. */
bool delay_start(struct delay *delay);

/* Takes the reply and sends it after `delay_ms`; `reply` is then empty and detached. False when memory is
 * short: the reply is as it was. Any thread. */
bool delay_reply(struct delay *delay, struct request *request, struct reply *reply, int64_t delay_ms);

/* Sends what still waits (at once; without a thread, under CGI, each in its time) and frees all. All threads
 * that call delay_reply() must have ended. NULL is fine. */
void delay_finish(struct delay *delay);

#endif
