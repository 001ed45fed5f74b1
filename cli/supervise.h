/* The children of `longreel serve`: starts them, restarts them when they die, and stops them in order. A
 * child never outlives the supervisor: the kernel sends it SIGTERM when the supervisor ends, however it ends.
 * One thread. */
#ifndef CLI_SUPERVISE_H
#define CLI_SUPERVISE_H

#include <stdbool.h>
#include <stdint.h>

struct arena;
struct loop;
struct supervisor;

/* The children of a stage are stopped when all of the stages before have ended. */
enum child_stage { STAGE_WORKERS, STAGE_SIMULATOR, STAGE_WEB_SERVER, STAGE__MAX };

struct child_plan {
	const char *name;        /* for the log */
	const char *const *argv; /* argv[0] is the path; NULL-terminated; must outlive the supervisor */
	int input; /* becomes descriptor 0; the supervisor owns it and closes it when the stop begins;
	            * -1 = /dev/null */
	int web;   /* becomes descriptor 3, announced as in sd_listen_fds(3); stays the caller's; -1 = none
	            */
	enum child_stage stage;
	int stop_signal;
	int hurry_signal; /* after the grace, and LAST_MS before SIGKILL; 0 = SIGKILL at once */
	int64_t grace_ms; /* after stop_signal */
};

struct supervisor_events {
	void (*died)(void *cookie, const char *name, const char *how); /* a child ended unasked */
	void (*all_ended)(void *cookie); /* the last one has ended after a stop */
	void (*retired)(void *cookie);   /* a process that supervisor_renew() retired has ended */
	void *cookie;
};

/* Makes a supervisor on `loop`, with memory from `arena`. The caller has blocked SIGCHLD and calls
 * supervisor_reap() for each. NULL when memory is short. */
struct supervisor *
supervisor_new(struct loop *loop, struct arena *arena, const struct supervisor_events *events);

/* Starts a child and keeps it running. False when memory is short. */
bool supervisor_add(struct supervisor *supervisor, const struct child_plan *plan);

/* Replaces the process of the child `name` by one with a new plan, whose input, web, stage and stop_signal
 * must be the same. The new process is started first, so that their sockets are always served; the old one
 * then gets stop_signal, and SIGKILL after `patience_ms`. `ret_retired`: events.retired() will be called when
 * it has ended. A child that does not run at the moment follows the new plan from its next start. False where
 * the new process cannot be started: the old one goes on. */
bool supervisor_renew(struct supervisor *supervisor, const char *name, const struct child_plan *plan,
                      int64_t patience_ms, bool *ret_retired);

/* True while a process of the child of that name runs that supervisor_renew() has replaced. */
bool supervisor_retiring(const struct supervisor *supervisor, const char *name);

/* The plan of the child of that name, or NULL. */
const struct child_plan *supervisor_plan(const struct supervisor *supervisor, const char *name);

/* Reaps the children that have ended; restarts them, or goes on with the stop. */
void supervisor_reap(struct supervisor *supervisor);

/* Begins the stop: stage by stage, each child gets its signal and, after its grace, SIGKILL. A second call
 * kills all that are left. */
void supervisor_stop(struct supervisor *supervisor);

#endif
