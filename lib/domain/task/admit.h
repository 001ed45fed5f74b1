/* Whether a user may have more tasks made: by the models that it may use, the number of open tasks, and the
 * rate of creations; for the API key that asks likewise. In two steps, between which what else may refuse
 * stands: all checks come before the first write, so that a refusal leaves nothing behind. Belongs to the
 * thread of the environment's store. */
#ifndef DOMAIN_TASK_ADMIT_H
#define DOMAIN_TASK_ADMIT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "store/user.h"

struct arena;
struct domain_env;

/* Who wants how many of what. */
struct admit {
	int64_t user_id;
	int64_t api_key;   /* that they are made with; 0 = a login */
	const char *model; /* as clients say it; NULL = none is named, and MODEL_DEFAULT must be allowed */
	int64_t count;     /* tasks: all, or none */
	struct user_limits limits; /* for admit_count(); written by admit_check() */
};

/* True where the key and the group allow the model; NULL = none is named. Pure, thread-safe. */
bool admit_model(const struct user_limits *limits, const char *model);

/* Checks whether they may be made, inside the transaction that then makes them, in this order:
 * ERR_MODEL_NOT_ALLOWED; ERR_TOO_MANY_OPEN where the user or the key would have more open ones than either
 * may (max_open); ERR_RATE_LIMITED beyond the user's rate or the key's: the latter two with the time after
 * which it may be tried again. Writes nothing. The store's errors. */
enum err_code admit_check(const struct domain_env *env, struct arena *arena, struct admit *wanted,
                          int64_t now, int64_t *ret_wait_ms);

/* Counts what was checked against both rates, in the same transaction. The store's errors. */
enum err_code admit_count(const struct domain_env *env, const struct admit *wanted, int64_t now);

#endif
