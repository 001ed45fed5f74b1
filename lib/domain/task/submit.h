/* Driving one submission: upstream, then row, then whoever asked. Used by the relay (a client waits) and by
 * the poller (the queue). Belongs to the loop's thread. The rules are the rows of model/state.def; see
 * DESIGN. */
#ifndef DOMAIN_TASK_SUBMIT_H
#define DOMAIN_TASK_SUBMIT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "model/task.h"

struct domain_env;
struct submitter;

struct submit_end {
	/* ERR_OK: the row says what `task` says. Else it could not be written, and its lease will run out. */
	enum err_code err;
	const struct task
	    *task; /* as it stands now: RUNNING, READY, UNSURE or FAILED; valid during the callback */
};

typedef void submit_done(void *cookie, const struct submit_end *end);

/* A submitter; the environment is copied, what it points to must outlive the submitter. NULL when memory is
 * short. */
struct submitter *submit_new(const struct domain_env *env);

/* Frees it; end what is under way before (by freeing the http client and running the loop). What is still
 * unwritten is logged where it holds an id of the upstream. NULL is fine. */
void submit_free(struct submitter *submitter);

/* Submits a task whose row is in state SENDING under our lease. The task is copied. `done` (may be NULL) is
 * called once, never from within this function. False when memory is short: nothing was sent, and the row is
 * READY again. */
bool submit_start(struct submitter *submitter, const struct task *task, submit_done *done, void *cookie);

/* The same for a task that may have been submitted before, on a channel that knows a repetition by its key:
 * where it is not taken, or cannot be sent, nobody knows of the first submission as before. */
bool submit_again(struct submitter *submitter, const struct task *task);

/* From now on nothing more is sent: what stands in line is given back when its turn comes. */
void submit_stop(struct submitter *submitter);

/* How many are under way: in line, sent, or answered and not yet written. */
size_t submit_active(const struct submitter *submitter);

#endif
