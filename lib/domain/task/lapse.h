/* The sweep of charges that linger: what is still held after its time is given back, or paid for where a
 * cancelled job could not be stopped in time. For pollers, any number of them. Belongs to the thread of the
 * environment's store. */
#ifndef DOMAIN_TASK_LAPSE_H
#define DOMAIN_TASK_LAPSE_H

#include "base/err.h"

struct arena;
struct domain_env;

/* Ends what has lapsed by now, a hundred charges at most, in one transaction; where there is nothing it costs
 * one look into an index. Call once a second. The store's errors; ERR_LEDGER, and then each of them was tried
 * by itself. */
enum err_code lapse_sweep(const struct domain_env *env, struct arena *arena);

/* Gives back what a charge holds, by the operator's order, in a transaction of its own: a task that is under
 * way goes on, and is free. ERR_NOT_FOUND, ERR_NOT_HELD. */
enum err_code lapse_order(const struct domain_env *env, struct arena *arena, int64_t charge_id);

#endif
