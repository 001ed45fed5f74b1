/* Whether a user may have more tasks made: by the rate of creations, and by the number of open ones. Belongs
 * to the thread of the environment's store. */
#ifndef DOMAIN_TASK_ADMIT_H
#define DOMAIN_TASK_ADMIT_H

#include <stdint.h>

#include "base/err.h"

struct domain_env;

/* Who wants how many. */
struct admit {
	int64_t user_id;
	int64_t api_key; /* 0 = a login */
	int64_t count;   /* tasks: all, or none */
};

/* Counts the tasks against rate_create, inside the transaction that then makes them. ERR_TOO_MANY_OPEN where
 * the user or the key would have more open ones than either may (max_open), ERR_RATE_LIMITED beyond
 * rate_create: both with the time after which it may be tried again, and nothing is counted; the store's
 * errors. */
enum err_code
admit(const struct domain_env *env, const struct admit *wanted, int64_t now, int64_t *ret_wait_ms);

#endif
