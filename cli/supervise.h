/* The children of `longreel serve`: started, started again when they die, and stopped in order. A child never
 * outlives the supervisor: the kernel sends it SIGTERM when we are gone, however we went. */
#ifndef CLI_SUPERVISE_H
#define CLI_SUPERVISE_H

#include <stdbool.h>
#include <stdint.h>

struct arena;
struct loop;
struct supervisor;

/* Children of a later stage are told to stop when all of the earlier ones have ended. */
enum child_stage { STAGE_WORKERS, STAGE_SIMULATOR, STAGE_WEB_SERVER, STAGE__MAX };

struct child_plan {
	const char *name;        /* for the log */
	const char *const *argv; /* argv[0] is the path; NULL-terminated; must outlive the supervisor */
	int input; /* becomes descriptor 0; belongs to the supervisor, which closes it when the stop begins;
	            * -1 = /dev/null */
	int web; /* becomes descriptor 3, announced as sd_listen_fds(3) has it; stays the caller's; -1 = none
	          */
	enum child_stage stage;
	int stop_signal;
	int hurry_signal; /* after the grace, and LAST_MS before SIGKILL; 0 = SIGKILL at once */
	int64_t grace_ms; /* after stop_signal */
};

struct supervisor_events {
	void (*died)(void *cookie, const char *name,
	             const char *how);   /* a child ended without being told to */
	void (*all_ended)(void *cookie); /* the last one has ended after a stop */
	void (*retired)(void *cookie);   /* one that supervisor_renew() has retired has ended */
	void *cookie;
};

/* A supervisor on `loop`, with memory from `arena`. The caller has blocked SIGCHLD and calls
 * supervisor_reap() for each. NULL when memory is short. */
struct supervisor *
supervisor_new(struct loop *loop, struct arena *arena, const struct supervisor_events *events);

/* Starts a child and keeps it running. False when memory is short. */
bool supervisor_add(struct supervisor *supervisor, const struct child_plan *plan);

/* Starts the child of that name anew, by another plan of which input, web, stage and stop_signal are the
 * same, and retires the one that runs: it gets its signal once the other has been started, so that somebody
 * serves what they share all the time, and SIGKILL after `patience_ms`. One that does not run at the moment
 * follows the new plan from its next start on; then nothing is retired. False where it could not be started:
 * the old one goes on. `ret_retired`: whether events.retired() will come. */
bool supervisor_renew(struct supervisor *supervisor, const char *name, const struct child_plan *plan,
                      int64_t patience_ms, bool *ret_retired);

/* The plan of the child of that name, or NULL. */
const struct child_plan *supervisor_plan(const struct supervisor *supervisor, const char *name);

/* Takes in the children that have ended. */
void supervisor_reap(struct supervisor *supervisor);

/* Begins the stop: stage by stage, each child is sent its signal and, after its grace, SIGKILL. Called again:
 * hurries, all that is left is killed. */
void supervisor_stop(struct supervisor *supervisor);

#endif
