/* The check of the accounts: see ledger.h. */
#include "domain/money/ledger.h"

#include <inttypes.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/window.h"
#include "domain/env.h"
#include "domain/money/check.h"
#include "store/budget.h"
#include "store/store.h"

struct faults {
	struct ledger_fault *items;
	size_t count, most;
};

/* Notes the budget where it was not kept to. One that was lowered is above its amount until its window ends,
 * and nothing is charged meanwhile. */
static enum err_code
check_one(const struct domain_env *env, struct arena *arena, const struct budget_row *row, int64_t now,
          struct faults *faults)
{
	struct budget_state state;
	bool charged = false;
	enum err_code err = check_budget(env, row, now, &state);
	if (err == ERR_OK && state.used > state.limit)
		err = store_budget_charged(env->store, row, &state.span, &charged);
	if (err != ERR_OK || !charged)
		return err;
	char *what = arena_printf(arena, "the budget of %s%s%s for the %s is %" PRId64 ", used are %" PRId64,
	                          budget_subject_word(row->subject), row->who[0] != '\0' ? " " : "", row->who,
	                          window_word(row->window), state.limit, state.used);
	if (what == NULL)
		return ERR_NO_MEMORY;
	faults->items[faults->count++] = (struct ledger_fault){.rule = "budget", .what = what};
	return ERR_OK;
}

static enum err_code
check_kind(const struct domain_env *env, struct arena *arena, enum budget_subject subject,
           struct faults *faults)
{
	const int64_t now = clock_wall_ms();
	struct budget_row *rows = NULL;
	size_t count = 0;
	enum err_code err = store_budget_list(env->store, arena, subject, NULL, &rows, &count);
	for (size_t i = 0; i < count && err == ERR_OK && faults->count < faults->most; i++)
		err = check_one(env, arena, &rows[i], now, faults);
	return err;
}

static enum err_code
check_all(const struct domain_env *env, struct arena *arena, int64_t most, struct faults *faults)
{
	struct ledger_fault *items = NULL;
	size_t count = 0;
	enum err_code err = store_ledger_check(env->store, arena, most, &items, &count);
	struct ledger_fault *all =
	    err == ERR_OK ? arena_alloc(arena, (count + (size_t)most) * sizeof(*all)) : NULL;
	if (err == ERR_OK && all == NULL)
		return ERR_NO_MEMORY;
	for (size_t i = 0; i < count; i++)
		all[i] = items[i];
	*faults = (struct faults){.items = all, .count = count, .most = count + (size_t)most};
	for (enum budget_subject subject = 0;
	     subject < BUDGET_SUBJECT__MAX && err == ERR_OK && env->config != NULL; subject++)
		err = check_kind(env, arena, subject, faults);
	return err;
}

enum err_code
ledger_check(const struct domain_env *env, struct arena *arena, int64_t most,
             struct ledger_fault **ret_faults, size_t *ret_count)
{
	struct faults faults = {0};
	enum err_code err = store_snapshot(env->store);
	if (err == ERR_OK)
		err = check_all(env, arena, most, &faults);
	store_snapshot_end(env->store);
	if (err == ERR_OK) {
		*ret_faults = faults.items;
		*ret_count = faults.count;
	}
	return err;
}
