/* Whether a user can pay: see check.h. */
#include "domain/money/check.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/amount.h"
#include "base/arena.h"
#include "base/config.h"
#include "domain/env.h"
#include "store/account.h"

static enum err_code
check_balance(struct store *store, const struct check *check, struct check_refusal *ret_refusal)
{
	struct balance balance;
	enum err_code err = store_balance(store, check->owner.user_id, &balance);
	if (err != ERR_OK)
		return err;
	int64_t available = balance.available + balance.credit_line;
	if (available > AMOUNT_MOST - balance.held) /* no more can be on hold */
		available = AMOUNT_MOST - balance.held;
	if (check->amount <= available)
		return ERR_OK;
	*ret_refusal =
	    (struct check_refusal){.required = check->amount, .available = available, .held = balance.held};
	return ERR_NO_CREDIT;
}

/* True where one of the rows is the user's own budget for the window: its group's does not count then. */
static bool
has_own(const struct budget_row *rows, size_t count, enum window_kind window)
{
	for (size_t i = 0; i < count; i++)
		if (rows[i].subject == BUDGET_USER && rows[i].window == window)
			return true;
	return false;
}

static bool
has_limits(const struct payer *payer)
{
	enum window_kind window = WINDOW_DAY;
	while (window < WINDOW__MAX && payer->budgets[window] < 0)
		window++;
	return window < WINDOW__MAX;
}

/* Adds the budgets of the owner's group to those that the owner has, as its own. */
static enum err_code
add_group(struct arena *arena, const struct payer *payer, int64_t user_id, struct budget_row **rows,
          size_t *count)
{
	size_t all = 0;
	struct budget_row *both = arena_alloc(arena, (*count + WINDOW__MAX) * sizeof(*both));
	char *who = arena_printf(arena, "%" PRId64, user_id);
	if (both == NULL || who == NULL)
		return ERR_NO_MEMORY;
	for (enum window_kind window = WINDOW_DAY; window < WINDOW__MAX; window++)
		if (payer->budgets[window] >= 0 && !has_own(*rows, *count, window))
			both[all++] = (struct budget_row){.subject = BUDGET_USER,
			                                  .who = who,
			                                  .window = window,
			                                  .amount = payer->budgets[window]};
	for (size_t i = 0; i < *count; i++)
		both[all++] = (*rows)[i];
	*rows = both;
	*count = all;
	return ERR_OK;
}

static bool
is_of(const struct budget_list *list, const struct budget_owner *owner)
{
	return list->owner.channel != NULL && owner->channel != NULL &&
	       list->owner.user_id == owner->user_id && list->owner.api_key == owner->api_key &&
	       strcmp(list->owner.channel, owner->channel) == 0;
}

/* Lists the budgets of the owner, but for its group's. */
static enum err_code
list_own(struct store *store, struct arena *arena, const struct check *check, struct budget_row **ret_rows,
         size_t *ret_count)
{
	struct budget_list *kept = check->budgets;
	if (kept != NULL && is_of(kept, &check->owner)) {
		*ret_rows = kept->rows;
		*ret_count = kept->count;
		return ERR_OK;
	}
	enum err_code err = store_budget_of(store, arena, &check->owner, ret_rows, ret_count);
	if (err == ERR_OK && kept != NULL)
		*kept = (struct budget_list){.owner = check->owner, .rows = *ret_rows, .count = *ret_count};
	return err;
}

/* Lists the budgets of the owner, those of its group as its own. */
static enum err_code
list(struct store *store, struct arena *arena, const struct check *check, struct budget_row **ret_rows,
     size_t *ret_count)
{
	struct payer read;
	const struct payer *payer = check->payer;
	const int64_t user_id = check->owner.user_id;
	enum err_code err = list_own(store, arena, check, ret_rows, ret_count);
	if (err == ERR_OK && payer == NULL) {
		err = store_payer(store, user_id, &read);
		payer = &read;
	}
	return err == ERR_OK && has_limits(payer) ? add_group(arena, payer, user_id, ret_rows, ret_count)
	                                          : err;
}

bool
check_weeks_on_sunday(const struct domain_env *env)
{
	return strcmp(env->config->week_start, "sunday") == 0;
}

enum err_code
check_budget(const struct domain_env *env, const struct budget_row *row, int64_t now,
             struct budget_state *ret_state)
{
	struct window window;
	int64_t used = 0;
	window_at(row->window, check_weeks_on_sunday(env), now, &window);
	enum err_code err = store_budget_used(env->store, row->subject, row->who, &window, &used);
	if (err == ERR_OK)
		*ret_state = (struct budget_state){.subject = row->subject,
		                                   .who = row->who,
		                                   .window = row->window,
		                                   .limit = row->amount,
		                                   .used = used,
		                                   .resets_at = window.until < INT64_MAX ? window.until : 0};
	return err;
}

static bool
has_room(const struct budget_state *state, int64_t amount)
{
	return amount <= state->limit - state->used;
}

enum err_code
check_budgets(const struct domain_env *env, struct arena *arena, const struct check *check,
              struct budget_states *ret_states)
{
	struct budget_row *rows = NULL;
	size_t count = 0;
	enum err_code err = list(env->store, arena, check, &rows, &count);
	struct budget_state *states =
	    err == ERR_OK ? arena_alloc(arena, (count + 1) * sizeof(*states)) : NULL;
	if (err == ERR_OK && states == NULL)
		err = ERR_NO_MEMORY;
	for (size_t i = 0; i < count && err == ERR_OK; i++)
		err = check_budget(env, &rows[i], check->now, &states[i]);
	if (err == ERR_OK)
		*ret_states = (struct budget_states){.items = states, .count = count};
	return err;
}

enum err_code
check_channel_room(const struct domain_env *env, struct arena *arena, const char *channel, int64_t amount,
                   int64_t now, bool *ret_room)
{
	struct budget_row *rows = NULL;
	size_t count = 0;
	bool room = true;
	enum err_code err = amount > 0
	                        ? store_budget_list(env->store, arena, BUDGET_CHANNEL, channel, &rows, &count)
	                        : ERR_OK;
	for (size_t i = 0; i < count && err == ERR_OK && room; i++) {
		struct budget_state state;
		err = check_budget(env, &rows[i], now, &state);
		room = err == ERR_OK && has_room(&state, amount);
	}
	if (err == ERR_OK)
		*ret_room = room;
	return err;
}

static enum err_code
check_all(const struct domain_env *env, struct arena *arena, const struct check *check,
          struct check_refusal *ret_refusal)
{
	struct budget_states states = {0};
	if (check->cap.set && check->amount > check->cap.most) {
		*ret_refusal = (struct check_refusal){.required = check->amount};
		return ERR_PRICE_CHANGED;
	}
	if (check->amount == 0)
		return ERR_OK;
	enum err_code err = check_balance(env->store, check, ret_refusal);
	if (err == ERR_OK)
		err = check_budgets(env, arena, check, &states);
	for (size_t i = 0; i < states.count && err == ERR_OK; i++) {
		const struct budget_state *state = &states.items[i];
		if (has_room(state, check->amount))
			continue;
		*ret_refusal = (struct check_refusal){.required = check->amount,
		                                      .subject = state->subject,
		                                      .window = state->window,
		                                      .limit = state->limit,
		                                      .used = state->used,
		                                      .resets_at = state->resets_at};
		err = ERR_OVER_BUDGET;
	}
	return err;
}

enum err_code
check_payable(const struct domain_env *env, struct arena *arena, const struct check *check,
              struct check_refusal *ret_refusal)
{
	enum err_code err = check_all(env, arena, check, ret_refusal);
	ret_refusal->currency = env->config->currency;
	ret_refusal->decimals = env->config->currency_decimals;
	return err;
}
