/* Admission of new tasks: see admit.h. Open tasks are counted in the rows, up to the limit, inside the
 * transaction that adds to them: so the limit is exact for any number of programs. */
#include "domain/task/admit.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>

#include "base/config.h"
#include "base/glob.h"
#include "domain/env.h"
#include "model/channel.h"
#include "store/key.h"
#include "store/rate.h"
#include "store/user.h"

enum { OPEN_WAIT_MS = 10 * 1000 /* none knows when a task ends */, BUCKET_SIZE = 48 };

/* ---- models ---- */

static bool
allows(const char *models, const char *model)
{
	return models[0] == '\0' || glob_listed(models, model);
}

bool
admit_model(const struct user_limits *limits, const char *model)
{
	if (model == NULL)
		model = MODEL_DEFAULT;
	return allows(limits->key_models, model) && allows(limits->models, model);
}

/* ---- open tasks ---- */

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
check_open(const struct domain_env *env, const struct admit *wanted)
{
	bool room = true;
	const struct user_limits *limits = &wanted->limits;
	int64_t own = limits->max_open, most = own >= 0 ? own : env->config->max_open;
	enum err_code err = check(env->store, store_user_open, wanted->user_id, most, wanted->count, &room);
	if (err == ERR_OK)
		err = check(env->store, store_key_open, wanted->api_key, limits->key_max_open, wanted->count,
		            &room);
	return err == ERR_OK && !room ? ERR_TOO_MANY_OPEN : err;
}

/* ---- rates ---- */

typedef enum err_code use_rate(struct store *store, const char *name, int64_t per_minute, int64_t count,
                               int64_t now, int64_t *ret_wait_ms);

/* Checks both rates, or takes from both. */
static enum err_code
each_rate(const struct domain_env *env, const struct admit *wanted, use_rate *use, int64_t now,
          int64_t *ret_wait_ms)
{
	char bucket[BUCKET_SIZE];
	int64_t own = wanted->limits.rate, rate = own >= 0 ? own : env->config->rate_create;
	snprintf(bucket, sizeof(bucket), "create:%" PRId64, wanted->user_id);
	enum err_code err = use(env->store, bucket, rate, wanted->count, now, ret_wait_ms);
	if (err != ERR_OK || wanted->api_key == 0)
		return err;
	snprintf(bucket, sizeof(bucket), "create-key:%" PRId64, wanted->api_key);
	return use(env->store, bucket, wanted->limits.key_rate, wanted->count, now, ret_wait_ms);
}

enum err_code
admit_check(const struct domain_env *env, struct arena *arena, struct admit *wanted, int64_t now,
            int64_t *ret_wait_ms)
{
	enum err_code err =
	    store_user_limits(env->store, arena, wanted->user_id, wanted->api_key, &wanted->limits);
	if (err == ERR_NOT_FOUND)
		err = ERR_UNAUTHORIZED; /* no user is ever removed */
	if (err == ERR_OK && !admit_model(&wanted->limits, wanted->model))
		err = ERR_MODEL_NOT_ALLOWED;
	if (err == ERR_OK)
		err = check_open(env, wanted);
	if (err == ERR_TOO_MANY_OPEN)
		*ret_wait_ms = OPEN_WAIT_MS;
	return err == ERR_OK ? each_rate(env, wanted, store_rate_check, now, ret_wait_ms) : err;
}

enum err_code
admit_count(const struct domain_env *env, const struct admit *wanted, int64_t now)
{
	int64_t wait_ms;
	return each_rate(env, wanted, store_rate_take_several, now, &wait_ms);
}
