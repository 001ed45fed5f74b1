/* The task's column `job`, a JSON object: what later calls about the job need beside its id. Internal to this
 * folder; results live in the arena. Thread-safe. */
#ifndef UPSTREAM_DIALECT_JOB_H
#define UPSTREAM_DIALECT_JOB_H

#include <stdbool.h>

struct arena;
struct dialect;
struct json;
struct task;

/* Returns the object for a job that `task` (NULL = none) was accepted as; NULL where later calls need
 * nothing. */
const char *job_of_submission(const struct dialect *dialect, const struct task *task, struct arena *arena);

/* True where the job was sent with an image. */
bool job_has_image(const struct task *task, struct arena *arena);

#endif
