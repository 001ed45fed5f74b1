/* Holds: see hold.h. */
#include "domain/money/hold.h"

#include <ctype.h>
#include <stddef.h>
#include <string.h>

#include "base/arena.h"
#include "base/config.h"
#include "base/kill_point.h"
#include "base/window.h"
#include "domain/env.h"
#include "domain/money/check.h"
#include "domain/money/quote.h"
#include "domain/money/tariff.h"
#include "model/task.h"
#include "store/charge.h"
#include "store/share.h"
#include "store/tariff.h"

enum {
	REASON_SIZE = 32,
	STOPPING_MS = 10 * 60 * 1000 /* within this a cancellation is carried out, or tried six times */
};

/* What the store says of a balance that may not be, or of a charge that is no longer held. */
static enum err_code
ledger_error(enum err_code err)
{
	return err == ERR_INTERNAL || err == ERR_CONFLICT ? ERR_LEDGER : err;
}

enum err_code
hold_add(const struct domain_env *env, const struct quote *quote, struct task *task)
{
	int64_t id;
	if (!quote->billed)
		return ERR_OK;
	const struct charge charge = {
	    .task_id = task->id,
	    .attempt = task->attempt,
	    .user_id = task->user_id,
	    .api_key = task->api_key,
	    .group_id = quote->payer.group_id,
	    .model = task->model != NULL ? task->model : "",
	    .channel = task->channel,
	    .job = quote->job,
	    .size = quote->size,
	    .seconds = quote->seconds,
	    .tariff_id = quote->tariff_id,
	    .multiplier_ppm = quote->payer.multiplier_ppm,
	    .cancel_charged = strcmp(env->config->cancel_charge, "sent") == 0,
	    .late_hold = env->config->late_hold,
	    .reserved = quote->amount,
	    .day = window_day(quote->at),
	    .sunday = check_weeks_on_sunday(env),
	    .created_at = quote->at,
	};
	enum err_code err = store_charge_add(env->store, &charge, &id);
	kill_point("hold.added");
	if (err == ERR_OK)
		task->charge = (struct charge_shown){.state = CHARGE_HELD, .reserved = charge.reserved};
	return ledger_error(err);
}

/* ---- how a charge ends ---- */

struct follow {
	struct store *store;
	struct arena *arena;
	const struct hold_event *event;
	const struct task *task;
	struct charge *charge;
	char reason[REASON_SIZE];
};

/* Says what was made, by the row: who moves the task need not know all of it. Of what the upstream has not
 * said, what was asked for. */
static enum err_code
delivered(const struct follow *follow, struct priced *ret_priced)
{
	const struct charge *charge = follow->charge;
	struct task row;
	enum err_code err = store_share_task(follow->store, follow->arena, follow->task->id, &row);
	if (err == ERR_OK)
		err = quote_wish(follow->arena, &row, ret_priced);
	if (err != ERR_OK)
		return err;
	ret_priced->model = charge->model;
	ret_priced->size = row.facts.size != NULL ? row.facts.size : charge->size;
	ret_priced->seconds = row.facts.seconds > 0 ? row.facts.seconds : charge->seconds;
	return ERR_OK;
}

/* Prices what was delivered by the tariffs of the charge's time; `ret_amount` stays where none fits, or what
 * it is for is not known. */
static enum err_code
price_delivered(const struct follow *follow, const char *channel, int64_t ppm, int64_t *ret_amount)
{
	struct priced priced;
	struct tariffs tariffs = {0};
	const struct charge *charge = follow->charge;
	enum err_code err = store_tariff_then(follow->store, follow->arena, channel, charge, &tariffs);
	if (err != ERR_OK || tariffs.count == 0)
		return err;
	err = delivered(follow, &priced);
	const struct tariff *tariff = err == ERR_OK ? tariff_choose(&tariffs, &priced) : NULL;
	if (tariff != NULL)
		tariff_price(tariff, priced.seconds, ppm, ret_amount);
	return err;
}

/* What is to be paid for a video that is there: never more than is held. */
static enum err_code
due(const struct follow *follow, int64_t *ret_amount)
{
	const struct charge *charge = follow->charge;
	struct tariff tariff;
	int64_t amount = charge->reserved;
	enum err_code err = store_tariff_get(follow->store, follow->arena, charge->tariff_id, &tariff);
	if (err == ERR_OK && tariff.delivered)
		err = price_delivered(follow, "", charge->multiplier_ppm, &amount);
	if (err == ERR_OK)
		*ret_amount = amount < charge->reserved ? amount : charge->reserved;
	return err;
}

/* What a video that was made has cost: as the upstream says, else by the channel's tariff; -1 = not known. */
static enum err_code
cost_of(const struct follow *follow, struct charge_end *end)
{
	end->cost = follow->task->facts.cost - 1;
	end->cost_reported = follow->task->facts.cost > 0;
	return end->cost_reported ? ERR_OK
	                          : price_delivered(follow, follow->charge->channel, AMOUNT_UNIT, &end->cost);
}

/* How the attempt stands. One that goes on, and is free from now on, counts as failed until it ends. */
static const char *
outcome_of(enum task_state state)
{
	if (state == TASK_STATE_COMPLETED)
		return "completed";
	return state == TASK_STATE_CANCELLED ? "cancelled" : "failed";
}

static enum err_code
end(const struct follow *follow, enum charge_state state, struct charge_end end)
{
	end.state = state;
	end.reason = follow->reason;
	end.outcome = outcome_of(follow->task->state);
	end.now = follow->event->now;
	enum err_code err = store_charge_end(follow->store, follow->charge, &end);
	kill_point("hold.ended");
	if (err == ERR_OK) {
		follow->charge->state = state;
		follow->charge->charged = end.charged;
	}
	return err;
}

static enum err_code
release(const struct follow *follow, int64_t cost)
{
	struct charge_end last = {.cost = follow->task->facts.cost - 1};
	last.cost_reported = last.cost >= 0;
	if (!last.cost_reported)
		last.cost = cost;
	return end(follow, CHARGE_RELEASED, last);
}

static enum err_code
settle(const struct follow *follow, bool in_vain)
{
	struct charge_end last = {.cost = -1};
	enum err_code err = cost_of(follow, &last);
	if (err == ERR_OK && follow->charge->state == CHARGE_RELEASED)
		return store_charge_waive(follow->store, follow->charge, &last);
	last.charged = follow->charge->reserved;
	if (err == ERR_OK && !in_vain)
		err = due(follow, &last.charged);
	return err == ERR_OK ? end(follow, CHARGE_SETTLED, last) : err;
}

/* Another attempt ends what is held of this one. A job that was cancelled and not stopped is paid for, also
 * where its id came after that: else a user who cancels and tries again would have it for nothing. */
static enum err_code
cut_short(const struct follow *follow)
{
	const struct task *task = follow->task;
	bool runs = task->state == TASK_STATE_CANCELLED && task->external_id != NULL;
	return runs || follow->charge->linger_settles ? settle(follow, true) : release(follow, -1);
}

static enum err_code
linger(const struct follow *follow, int64_t wait, bool settles)
{
	if (wait <= 0)
		return release(follow, -1);
	return store_charge_linger(follow->store, follow->charge->id, follow->event->now + wait, settles);
}

/* The user cancels what was sent, or may have been. What is known to be under way is paid for where it cannot
 * be stopped; what is never found is not. */
static enum err_code
cancel(const struct follow *follow)
{
	const struct charge *charge = follow->charge;
	bool known = follow->task->external_id != NULL;
	int64_t wait = charge->late_hold;
	if (!charge->cancel_charged)
		return release(follow, -1);
	if (known && wait < STOPPING_MS)
		wait = STOPPING_MS;
	return linger(follow, wait, known);
}

static enum err_code
follow_held(const struct follow *follow)
{
	switch (follow->event->money) {
	case MONEY_HOLD:
	case MONEY_KEEP:
		break;
	case MONEY_RELEASE:
		return release(follow, 0);
	case MONEY_GIVE_BACK:
		return release(follow, -1);
	case MONEY_SETTLE:
		return settle(follow, false);
	case MONEY_IN_VAIN:
		return settle(follow, true);
	case MONEY_LINGER:
		return linger(follow, follow->charge->late_hold, false);
	case MONEY_REVIVE:
		return store_charge_linger(follow->store, follow->charge->id, 0, false);
	case MONEY_CANCEL:
		return cancel(follow);
	case MONEY_LAPSE: /* unless it has come back meanwhile */
		if (follow->charge->linger_until == 0 || follow->charge->linger_until > follow->event->now)
			break;
		return follow->charge->linger_settles ? settle(follow, true) : release(follow, -1);
	case MONEY_CUT_SHORT:
		return cut_short(follow);
	}
	return ERR_OK;
}

enum err_code
hold_follow(struct store *store, const struct hold_event *event, struct task *task, bool *ret_changed)
{
	struct charge charge;
	bool changed = false;
	struct arena *arena = arena_new();
	struct follow follow = {
	    .store = store, .arena = arena, .event = event, .task = task, .charge = &charge};
	for (size_t i = 0; i + 1 < REASON_SIZE && event->name[i] != '\0'; i++)
		follow.reason[i] = (char)tolower((unsigned char)event->name[i]);
	enum err_code err =
	    arena != NULL ? store_charge_get(store, arena, task->id, task->attempt, &charge) : ERR_NO_MEMORY;
	if (err == ERR_OK) {
		enum charge_state before = charge.state;
		if (before == CHARGE_HELD)
			err = follow_held(&follow);
		else if (before == CHARGE_RELEASED && event->money == MONEY_SETTLE)
			err = settle(&follow, false);
		err = ledger_error(err);
		changed = charge.state != before;
		task->charge = (struct charge_shown){charge.state, charge.reserved, charge.charged};
	}
	arena_free(arena);
	err = err == ERR_NOT_FOUND ? ERR_OK : err;
	if (err == ERR_OK && ret_changed != NULL)
		*ret_changed = changed;
	return err;
}
