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
	int64_t grace_ms; /* between stop_signal and SIGKILL */
};

struct supervisor_events {
	void (*died)(void *cookie, const char *name,
	             const char *how);   /* a child ended without being told to */
	void (*all_ended)(void *cookie); /* the last one has ended after a stop */
	void *cookie;
};

/* A supervisor on `loop`, with memory from `arena`. The caller has blocked SIGCHLD and calls
 * supervisor_reap() for each. NULL when memory is short. */
struct supervisor *
supervisor_new(struct loop *loop, struct arena *arena, const struct supervisor_events *events);

/* Starts a child and keeps it running. False when memory is short. */
bool supervisor_add(struct supervisor *supervisor, const struct child_plan *plan);

/* Takes in the children that have ended. */
void supervisor_reap(struct supervisor *supervisor);

/* Begins the stop: stage by stage, each child is sent its signal and, after its grace, SIGKILL. Called again:
 * hurries, all that is left is killed. */
void supervisor_stop(struct supervisor *supervisor);

#endif
