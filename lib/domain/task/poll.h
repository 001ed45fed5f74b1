/* Polls: asks the upstream how a task stands, judges the answer (poll_outcome.h), writes what it means, and
 * nothing where it means nothing new. Used by open_tasks.c. Belongs to the loop's thread. */
#ifndef DOMAIN_TASK_POLL_H
#define DOMAIN_TASK_POLL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct domain_env;
struct poll_driver;
struct task;

enum poll_end {
	POLL_JUDGED,  /* the task's row says what is known of it */
	POLL_TAKEN,   /* its row is no longer as it was: read it again */
	POLL_NOT_MADE /* nothing is known */
};

/* Who has tasks polled. */
struct poll_user {
	/* True where its tasks are still its own to ask about: looked at before each request. */
	bool (*may_ask)(void *cookie);
	/* The same by the database, inside a transaction: else nothing is written. */
	bool (*may_write)(void *cookie);
	/* A poll is over. `of`: of poll_driver_start(). `task`: as it is now, its strings good until this
	 * returns; `next`: when it is to be looked at again, wall ms; 0 = never, or, after POLL_NOT_MADE, as
	 * soon as may be. */
	void (*done)(void *done_cookie, void *of, const struct task *task, enum poll_end end, int64_t next);
	/* A poll waits to be written: its slot is free. NULL = no matter. */
	void (*room)(void *done_cookie);
	void *cookie, *done_cookie;
};

/* The driver of all polls of a process; the environment and the user are copied, what they point to must
 * outlive the driver. NULL when memory is short. */
struct poll_driver *poll_driver_new(const struct domain_env *env, const struct poll_user *user);

/* Writes what has been decided, and frees it; end what is under way before. NULL is fine. */
void poll_driver_free(struct poll_driver *driver);

/* Polls a task (RUNNING, or FAILED by timeout) that was due at `due` (wall ms), whose strings must stay until
 * it is done, which may be before this returns. `of` is for the user. False when memory is short. */
bool poll_driver_start(struct poll_driver *driver, const struct task *task, int64_t due, void *of);

/* Reads anew, with the next poll, what is known of the channels' health: call it after others' commits. */
void poll_driver_refresh(struct poll_driver *driver);

/* The clock is this much ahead of the time since the machine's start. Where it is not, it was set, and until
 * this is called again no poll is judged: its task might seem to have reached its deadline. */
void poll_driver_clock(struct poll_driver *driver, int64_t offset);

/* Stops judging answers: from now on no poll is made. For a stop, after submit_stop() and
 * followups_abandon(): it drains the queues. */
void poll_driver_abandon(struct poll_driver *driver);

/* The number of polls under way or not yet written. */
size_t poll_driver_active(const struct poll_driver *driver);

#endif
