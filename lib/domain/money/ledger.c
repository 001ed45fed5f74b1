/* The check of the accounts: see ledger.h. */
#include "domain/money/ledger.h"

#include <inttypes.h>

#include "base/arena.h"
#include "base/window.h"
#include "domain/env.h"
#include "store/budget.h"
#include "store/store.h"

struct faults {
	struct ledger_fault *items;
	size_t count, most;
};

/* Notes the budget where it was not kept to in these days. One that was lowered is above its amount until its
 * window ends, and nothing is charged meanwhile. */
static enum err_code
check_window(const struct domain_env *env, struct arena *arena, const struct budget_row *row,
             const struct window *window, bool sunday, struct faults *faults)
{
	int64_t used = 0;
	char from[WINDOW_DAY_SIZE] = "";
	enum err_code err = store_budget_kept(env->store, row, window, sunday, &used);
	if (err != ERR_OK || used <= row->amount)
		return err;
	if (row->window != WINDOW_TOTAL)
		window_day_text(window->first_day, from);
	char *what = arena_printf(
	    arena, "the budget of %s%s%s%s for the %s is %" PRId64 ", used are %" PRId64 "%s%s%s",
	    budget_subject_word(row->subject), row->who[0] != '\0' ? " " : "", row->who,
	    row->group_id != 0 ? " by its group" : "", window_word(row->window), row->amount, used,
	    from[0] != '\0' ? " (from " : "", from, from[0] != '\0' ? ")" : "");
	if (what == NULL)
		return ERR_NO_MEMORY;
	faults->items[faults->count++] = (struct ledger_fault){.rule = "budget", .what = what};
	return ERR_OK;
}

/* Goes through the windows of a budget, with weeks that begin so: those that are above it are looked at. The
 * windows are days, which no time zone moves. */
static enum err_code
check_windows(const struct domain_env *env, struct arena *arena, const struct budget_row *row, bool sunday,
              struct faults *faults)
{
	struct budget_day *days = NULL;
	size_t count = 0;
	int64_t used = 0;
	enum err_code err = store_budget_days(env->store, arena, row->subject, row->who, &days, &count);
	for (size_t i = 0; i < count && err == ERR_OK && faults->count < faults->most; i++) {
		struct window window;
		window_of_day(row->window, sunday, days[i].day, &window);
		used += days[i].amount;
		if (i + 1 < count && days[i + 1].day <= window.last_day)
			continue;
		if (used > row->amount)
			err = check_window(env, arena, row, &window, sunday, faults);
		used = 0;
	}
	return err;
}

static enum err_code
check_rows(const struct domain_env *env, struct arena *arena, const struct budget_row *rows, size_t count,
           struct faults *faults)
{
	enum err_code err = ERR_OK;
	for (size_t i = 0; i < count && err == ERR_OK; i++) {
		err = check_windows(env, arena, &rows[i], false, faults);
		if (err == ERR_OK && rows[i].window == WINDOW_WEEK)
			err = check_windows(env, arena, &rows[i], true, faults);
	}
	return err;
}

static enum err_code
check_budgets_kept(const struct domain_env *env, struct arena *arena, struct faults *faults)
{
	struct budget_row *rows = NULL;
	size_t count = 0;
	enum err_code err = store_budget_of_groups(env->store, arena, &rows, &count);
	if (err == ERR_OK)
		err = check_rows(env, arena, rows, count, faults);
	for (enum budget_subject subject = 0; subject < BUDGET_SUBJECT__MAX && err == ERR_OK; subject++) {
		err = store_budget_list(env->store, arena, subject, NULL, &rows, &count);
		if (err == ERR_OK)
			err = check_rows(env, arena, rows, count, faults);
	}
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
	return check_budgets_kept(env, arena, faults);
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
