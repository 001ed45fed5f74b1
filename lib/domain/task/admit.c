/* Admission of new tasks: see admit.h. Open tasks are counted in the rows, up to the limit, inside the
 * transaction that adds to them: so the limit is exact for any number of programs. */
#include "domain/task/admit.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>

#include "base/config.h"
#include "domain/env.h"
#include "store/key.h"
#include "store/rate.h"
#include "store/user.h"

enum { OPEN_WAIT_MS = 10 * 1000 /* none knows when a task ends */ };

typedef enum err_code count_open(struct store *store, int64_t id, int64_t most, int64_t *ret_count);

/* Clears `room` where the limit does not allow `count` more; a limit below 1 is none. */
static enum err_code
check(struct store *store, count_open *count_of, int64_t id, int64_t limit, int64_t count, bool *room)
{
	int64_t open = 0;
	if (limit <= 0 || !*room)
		return ERR_OK;
	enum err_code err = count_of(store, id, limit, &open);
	*room = open + count <= limit;
	return err;
}

static enum err_code
check_open(const struct domain_env *env, const struct admit *wanted, bool *room)
{
	struct user_limits limits = {0};
	enum err_code err = store_user_limits(env->store, wanted->user_id, wanted->api_key, &limits);
	int64_t most = limits.user >= 0 ? limits.user : env->config->max_open;
	if (err == ERR_OK)
		err = check(env->store, store_user_open, wanted->user_id, most, wanted->count, room);
	if (err == ERR_OK)
		err = check(env->store, store_key_open, wanted->api_key, limits.key, wanted->count, room);
	return err;
}

enum err_code
admit(const struct domain_env *env, const struct admit *wanted, int64_t now, int64_t *ret_wait_ms)
{
	char bucket[48];
	bool room = true;
	enum err_code err = check_open(env, wanted, &room);
	if (err == ERR_OK && !room) {
		*ret_wait_ms = OPEN_WAIT_MS;
		return ERR_TOO_MANY_OPEN;
	}
	if (err != ERR_OK)
		return err;
	snprintf(bucket, sizeof(bucket), "create:%" PRId64, wanted->user_id);
	return store_rate_take_several(env->store, bucket, env->config->rate_create, wanted->count, now,
	                               ret_wait_ms);
}
