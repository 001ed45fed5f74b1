/* Idempotency keys: which job a key has made. A file DATA/simulator/jobs/DIGEST.key for each key, made once
 * and never changed. Thread-safe, and safe between processes. */
#ifndef SIMULATOR_IDEMPOTENCY_H
#define SIMULATOR_IDEMPOTENCY_H

#include "base/err.h"

struct arena;
struct job;
struct job_order;

/* Keeps the order as a new job, or gives the one that an order with the same idempotency key has made.
 * ERR_CONFLICT while that one is still being kept; else as job_accept(). */
enum err_code
keys_accept(struct arena *arena, const char *dir, const struct job_order *order, struct job *ret_job);

#endif
