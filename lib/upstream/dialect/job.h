/* The task's column `job`, a JSON object: what later calls about the job need beside its id. Internal to this
 * folder; results live in the arena. Thread-safe. */
#ifndef UPSTREAM_DIALECT_JOB_H
#define UPSTREAM_DIALECT_JOB_H

struct arena;
struct dialect;
struct json;
struct task;

/* Returns the object for a job that `task` (NULL = none) was accepted as by the answer `root`; NULL where
 * later calls need nothing. */
const char *job_of_submission(const struct dialect *dialect, const struct task *task, const struct json *root,
                              struct arena *arena);

/* Returns the task's object with the cost in it, JSON as read by fact_cost(); NULL when memory is short. */
const char *job_with_cost(const struct task *task, const char *cost, struct arena *arena);

/* The links in it. */
enum job_link { JOB_LINK_POLL, JOB_LINK_RESULT, JOB_LINK_CANCEL, JOB_LINK__MAX };

/* Returns a link that the upstream gave for a call about the job, or NULL. It comes from outside: only a link
 * of the channel's own origin may be used with its key. */
const char *job_link(const struct task *task, enum job_link which, struct arena *arena);

/* Returns what the job was sent with, as bits (INPUT_FIRST …). */
unsigned job_inputs(const struct task *task, struct arena *arena);

#endif
