/* An event loop: descriptors by epoll, timers by a heap, and work posted by other threads. All functions but
 * loop_post() and loop_stop() belong to the loop's own thread. Watches, timers and tasks are the caller's,
 * who keeps them alive until they are removed, cancelled or run. */
#ifndef BASE_LOOP_H
#define BASE_LOOP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/heap.h"

struct loop;

enum {
	LOOP_READ = 1,
	LOOP_WRITE = 2,
	LOOP_HANGUP = 4, /* the peer has closed, its writing side at least, or there is an error */
	LOOP_GONE = 8 /* beside LOOP_HANGUP: the peer has closed both sides, or there is an error. A TCP peer
	                 that closes both looks as if it had closed one until something is sent to it. */
};

struct loop_watch {
	int fd;
	void (*fn)(void *cookie, unsigned events); /* may remove or free any watch, its own included */
	void *cookie;
};

struct loop_timer {
	struct heap_node node; /* node.key is the time of clock_mono_ms() at which it fires */
	void (*fn)(void *cookie);
	void *cookie;
};

struct loop_task {
	struct loop_task *next;
	void (*fn)(void *cookie);
	void *cookie;
};

/* Makes a loop. NULL with errno. */
struct loop *loop_new(void);

/* Frees the loop; watches, timers and posted tasks that are left are forgotten, not called. NULL is fine. */
void loop_free(struct loop *loop);

/* Runs until loop_stop(). */
void loop_run(struct loop *loop);

/* Makes loop_run() return after its current round. Safe from any thread. */
void loop_stop(struct loop *loop);

/* Waits for at most `max_ms` (-1 = until something happens) and handles what has happened, once. */
void loop_once(struct loop *loop, int64_t max_ms);

/* Starts watching watch->fd for `events`. LOOP_HANGUP is always reported; with LOOP_GONE among `events` only
 * together with LOOP_GONE. False with errno (EPERM for a plain file, which is always ready and cannot be
 * watched). */
bool loop_add(struct loop *loop, struct loop_watch *watch, unsigned events);

/* Changes the events that are watched for. False with errno. */
bool loop_change(struct loop *loop, struct loop_watch *watch, unsigned events);

/* Stops watching; events that have been read already are dropped. Call before close(). */
void loop_remove(struct loop *loop, struct loop_watch *watch);

/* Stops watching a descriptor that is closed next and has no duplicate, without a system call: the close does
 * the rest (epoll(7), question 6). */
void loop_forget(struct loop *loop, const struct loop_watch *watch);

/* Sets the timer to fire once at `mono_ms` (clock_mono_ms()), replacing an earlier setting. False when memory
 * is short, never for a timer that is set already. */
bool loop_timer_set(struct loop *loop, struct loop_timer *timer, int64_t mono_ms);

/* Cancels the timer; nothing happens where it is not set. */
void loop_timer_cancel(struct loop *loop, struct loop_timer *timer);

/* Queues `task` to be run by the loop's thread, in order of posting. Safe from any thread, never
 * fails, never blocks for long. The task belongs to the loop until its function is called. */
void loop_post(struct loop *loop, struct loop_task *task);

#endif
