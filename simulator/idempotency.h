/* Idempotency keys: the job that each key has made, in a file DATA/simulator/jobs/DIGEST.key, made once and
 * never changed. Thread-safe, and safe between processes. */
#ifndef SIMULATOR_IDEMPOTENCY_H
#define SIMULATOR_IDEMPOTENCY_H

#include "base/err.h"

struct arena;
struct job;
struct job_input;

/* Makes a job, or gives the one that was made under the same idempotency key. ERR_CONFLICT while that one is
 * still being written; else as job_accept(). */
enum err_code
idempotency_accept(struct arena *arena, const char *dir, const struct job_input *input, struct job *ret_job);

#endif
