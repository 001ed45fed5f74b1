/* Charges that linger: see lapse.h. */
#include "domain/task/lapse.h"

#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/kill_point.h"
#include "domain/env.h"
#include "domain/task/transition.h"
#include "store/charge.h"
#include "store/clock.h"
#include "store/share.h"
#include "store/store.h"

enum { MOST = 100 };

/* Ends one charge, with the task that it is of. */
static enum err_code
end(const struct domain_env *env, struct arena *arena, const struct charge *charge, enum state_event event,
    int64_t now)
{
	struct task task;
	enum err_code err = store_share_task(env->store, arena, charge->task_id, &task);
	if (err != ERR_OK)
		return err;
	if (task.attempt != charge->attempt)
		task.facts = (struct job_facts){0};
	task.attempt = charge->attempt;
	return transition_event(env->store, event, now, &task);
}

/* Ends some, in a transaction: another poller may have ended them meanwhile, which writes nothing then. */
static enum err_code
lapse_all(const struct domain_env *env, struct arena *arena, const struct charge *charges, size_t count,
          int64_t now)
{
	enum err_code err = store_begin(env->store, STORE_DURABLE);
	for (size_t i = 0; i < count && err == ERR_OK; i++)
		err = end(env, arena, &charges[i], STATE_EVENT_LAPSE, now);
	kill_point("lapse.decided");
	return store_end(env->store, err);
}

enum err_code
lapse_sweep(const struct domain_env *env, struct arena *arena)
{
	const int64_t now = clock_wall_ms();
	struct charge *charges = NULL;
	int64_t owed = 0;
	size_t count = 0;
	enum err_code err = store_charge_lapsed(env->store, arena, now, MOST, &charges, &count);
	if (err != ERR_OK || count == 0)
		return err;
	/* By the clock as it was their time has not come: they wait until the times have moved with it. */
	err = store_clock_owed(env->store, &owed);
	if (err != ERR_OK || owed != 0)
		return err;
	err = lapse_all(env, arena, charges, count, now);
	/* One that cannot end holds no other up. */
	for (size_t i = 0; i < count && err == ERR_LEDGER && count > 1; i++)
		lapse_all(env, arena, &charges[i], 1, now);
	return err;
}

enum err_code
lapse_order(const struct domain_env *env, struct arena *arena, int64_t charge_id)
{
	struct charge charge;
	enum err_code err = store_begin(env->store, STORE_DURABLE);
	if (err == ERR_OK)
		err = store_charge_by_id(env->store, arena, charge_id, &charge);
	if (err == ERR_OK && charge.state != CHARGE_HELD)
		err = ERR_NOT_HELD;
	if (err == ERR_OK)
		err = end(env, arena, &charge, STATE_EVENT_OPERATOR, clock_wall_ms());
	return store_end(env->store, err);
}
