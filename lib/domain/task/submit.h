/* Submits tasks: asks the upstream, writes the outcome to the row, then tells the caller. Used by the relay
 * (a client waits) and by the poller (none does). Belongs to the loop's thread. The rules are the rows of
 * model/state.def; see DESIGN. */
#ifndef DOMAIN_TASK_SUBMIT_H
#define DOMAIN_TASK_SUBMIT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "model/task.h"

struct arena;
struct domain_env;
struct submitter;

/* A submission has ended. ERR_OK: the row and the task that was submitted say how it stands now: RUNNING,
 * READY, UNSURE or FAILED, or what another process has made of it. Else the outcome could not be written, the
 * task is as it was, and its lease will run out. */
typedef void submit_done(void *cookie, enum err_code err);

/* A submitter; the environment is copied, what it points to must outlive the submitter. NULL when memory is
 * short. */
struct submitter *submit_new(const struct domain_env *env);

/* Frees it; end what is under way before (by freeing the http client and running the loop). Logs an
 * upstream's id that is still unwritten. NULL is fine. */
void submit_free(struct submitter *submitter);

/* Submits a task whose row is in state SENDING under our lease. The task and the arena of its strings are the
 * caller's, and stay until `done`; the task is brought to where it then stands, and what that needs is
 * allocated in the arena. `done` is called once, never from within this function. False when memory is short:
 * nothing was sent, and the row is READY again. */
bool submit_start(struct submitter *submitter, struct arena *arena, struct task *task, submit_done *done,
                  void *cookie);

/* Submits a copy of such a task, for which no caller waits. False as above. */
bool submit_unwatched(struct submitter *submitter, const struct task *task);

/* The same for a task that may have been submitted before, on a channel that knows a repetition by its key:
 * where the repetition is not taken, or cannot be sent, the first submission is as unsure as before. */
bool submit_again(struct submitter *submitter, const struct task *task);

/* From now on nothing more is sent: what waits in a queue goes back to READY when its turn comes. */
void submit_stop(struct submitter *submitter);

/* The number of submissions under way: queued, sent, or answered and not yet written. */
size_t submit_active(const struct submitter *submitter);

#endif
