/* longreel budget: all budgets with what is used of them, and that of all together. */
#include <stdlib.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/config.h"
#include "cli.h"
#include "domain/env.h"
#include "domain/money/check.h"
#include "domain/settings.h"
#include "limits.h"
#include "sheet.h"
#include "store/budget.h"
#include "store/store.h"
#include "store/user.h"

static int
fail_with(enum err_code err)
{
	return cli_fail("%s", err_text(err, "en"));
}

static const struct sheet_column columns[] = {
    {"SUBJECT", 7, 0, "subject", SHEET_TEXT},
    {"NAME", 20, 0, "name", SHEET_TEXT},
    {"WINDOW", 6, 0, "window", SHEET_TEXT},
    {"LIMIT", 12, 0, "limitMicro", SHEET_AMOUNT},
    {"USED", 12, 0, "usedMicro", SHEET_AMOUNT},
    {"BEGINS ANEW", CLI_TIME_WIDTH, 0, "resetsAt", SHEET_TIME},
    {0},
};

/* What the budget is of, for people: the user's or the channel's name, the key's number; NULL = of all. */
static enum err_code
name_of(struct store *store, struct arena *arena, const struct budget_row *row, const char **ret_name)
{
	struct user user;
	enum err_code err = ERR_OK;
	*ret_name = row->subject == BUDGET_ALL ? NULL : row->who;
	if (row->subject == BUDGET_USER) {
		err = store_user_by_id(store, arena, strtoll(row->who, NULL, 10), &user);
		*ret_name = err == ERR_OK ? user.username : row->who;
	}
	return err == ERR_NOT_FOUND ? ERR_OK : err;
}

static enum err_code
put(struct sheet *sheet, const struct domain_env *env, const struct budget_row *row, int64_t now)
{
	struct budget_state state;
	const char *name = NULL;
	enum err_code err = check_budget(env, row, now, &state);
	if (err == ERR_OK)
		err = name_of(env->store, sheet->arena, row, &name);
	if (err == ERR_OK)
		sheet_row(sheet,
		          (const struct cell[]){CELL_TEXT(budget_subject_word(row->subject)), CELL_TEXT(name),
		                                CELL_TEXT(window_word(row->window)), CELL_NUMBER(state.limit),
		                                CELL_NUMBER(state.used), CELL_NUMBER(state.resets_at)});
	return err;
}

/* Lists the budgets of each window of a kind of subject. */
static enum err_code
put_kind(struct sheet *sheet, const struct domain_env *env, enum budget_subject subject, int64_t now)
{
	struct budget_row *rows = NULL;
	size_t count = 0;
	enum err_code err = store_budget_list(env->store, sheet->arena, subject, NULL, &rows, &count);
	for (size_t i = 0; i < count && err == ERR_OK; i++)
		err = put(sheet, env, &rows[i], now);
	return err;
}

/* Lists the budgets of all together, and where `others`, then those of channels, users and keys. */
static int
show(const struct cli_call *call, struct store *store, struct arena *arena, bool others)
{
	static const enum budget_subject kinds[] = {BUDGET_ALL, BUDGET_CHANNEL, BUDGET_USER, BUDGET_KEY};
	const size_t kind_count = others ? sizeof(kinds) / sizeof(kinds[0]) : 1;
	const int64_t now = clock_wall_ms();
	char why[512];
	struct sheet sheet;
	struct config *config = settings_load(call->data, NULL, why, sizeof(why));
	if (config == NULL)
		return cli_fail("%s", why);
	const struct domain_env env = {.config = config, .store = store};
	bool begun = sheet_begin(&sheet, call, arena, columns, "budgets");
	enum err_code err = ERR_OK;
	store_snapshot(store);
	for (size_t i = 0; begun && i < kind_count && err == ERR_OK; i++)
		err = put_kind(&sheet, &env, kinds[i], now);
	store_snapshot_end(store);
	config_free(config);
	if (!begun)
		return CLI_FAILED;
	return err == ERR_OK ? sheet_end(&sheet) : fail_with(err);
}

static int
list(const struct cli_call *call, struct store *store, struct arena *arena)
{
	return show(call, store, arena, true);
}

/* Sets those of the budgets of all together that were given. On failure says why and returns false. */
static bool
write_given(const struct cli_call *call, struct store *store)
{
	int64_t amounts[WINDOW__MAX] = {0};
	if (!limits_budgets_apply(call, amounts))
		return false;
	enum err_code err = store_begin(store, STORE_DURABLE);
	for (enum window_kind window = WINDOW_DAY; window < WINDOW__MAX && err == ERR_OK; window++) {
		const struct budget_row row = {BUDGET_ALL, "", window, amounts[window]};
		if (call->budgets[window] != NULL)
			err = store_budget_set(store, &row);
	}
	if (err == ERR_OK)
		err = limits_audit(store, call, "budget.set", budget_subject_word(BUDGET_ALL));
	err = store_end(store, err);
	return err == ERR_OK || fail_with(err) == CLI_DONE;
}

static int
set(const struct cli_call *call, struct store *store, struct arena *arena)
{
	if (limits_changes(call) && !write_given(call, store))
		return CLI_FAILED;
	return show(call, store, arena, false);
}

int
cli_budget_list(const struct cli_call *call)
{
	return cli_with_store(call, STORE_READ, list);
}

int
cli_budget_set(const struct cli_call *call)
{
	return cli_with_store(call, STORE_WRITE, set);
}
