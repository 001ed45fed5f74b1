/* longreel group: groups of users, and the limits that each of their users has. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "cli.h"
#include "limits.h"
#include "sheet.h"
#include "store/group.h"
#include "store/store.h"

static int
fail_with(enum err_code err, const char *name)
{
	if (err == ERR_NOT_FOUND)
		return cli_fail("there is no group %s.", name);
	return cli_fail("%s", err_text(err, "en"));
}

/* Reads the options over the group. On failure says why and returns false. */
static bool
read_options(const struct cli_call *call, struct arena *arena, struct group *group)
{
	if (!limits_models(call->models, arena, &group->models) ||
	    !limits_multiplier(call->multiplier, &group->multiplier_ppm))
		return false;
	if (call->max_open != CLI_NO_MAX_OPEN)
		group->max_open = call->max_open;
	if (call->rate != -1)
		group->rate = call->rate == CLI_DEFAULT ? -1 : call->rate;
	return limits_budget(call, WINDOW_DAY, &group->budget_day) &&
	       limits_budget(call, WINDOW_WEEK, &group->budget_week) &&
	       limits_budget(call, WINDOW_MONTH, &group->budget_month);
}

static const struct sheet_column columns[] = {
    {"NAME", 20, 40, "name", SHEET_TEXT},
    {"USERS", 5, 0, "users", SHEET_INT},
    {"MULTIPLIER", 10, 0, "multiplierPpm", SHEET_PPM},
    {"MAX OPEN", 8, 0, "maxOpen", SHEET_INT},
    {"RATE", 6, 0, "rate", SHEET_INT},
    {"BUDGET DAY", 10, 0, "budgetDayMicro", SHEET_AMOUNT},
    {"WEEK", 10, 0, "budgetWeekMicro", SHEET_AMOUNT},
    {"MONTH", 10, 0, "budgetMonthMicro", SHEET_AMOUNT},
    {"MODELS", 0, 0, "models", SHEET_TEXT},
    {0},
};

static enum err_code
put(struct sheet *sheet, struct store *store, const struct group *group)
{
	int64_t users;
	enum err_code err = store_group_users(store, group->id, &users);

	if (err == ERR_OK)
		sheet_row(sheet,
		          (const struct cell[]){CELL_TEXT(group->name), CELL_NUMBER(users),
		                                CELL_NUMBER(group->multiplier_ppm),
		                                CELL_LIMIT(group->max_open), CELL_LIMIT(group->rate),
		                                CELL_LIMIT(group->budget_day), CELL_LIMIT(group->budget_week),
		                                CELL_LIMIT(group->budget_month), CELL_TEXT(group->models)});
	return err;
}

static int
show(const struct cli_call *call, struct store *store, struct arena *arena, const struct group *group)
{
	struct sheet sheet;

	if (!sheet_begin(&sheet, call, arena, columns, NULL))
		return CLI_FAILED;
	enum err_code err = put(&sheet, store, group);
	return err == ERR_OK ? sheet_end(&sheet) : fail_with(err, group->name);
}

/* Says what became of the group; with --json shows it, as it was where it is gone. */
static int
end(const struct cli_call *call, struct store *store, struct arena *arena, const struct group *group,
    const char *done)
{
	if (call->json)
		return show(call, store, arena, group);
	printf("group %s %s\n", group->name, done);
	return cli_finish();
}

static int
add(const struct cli_call *call, struct store *store, struct arena *arena)
{
	struct group group = {.name = call->operands[0],
	                      .multiplier_ppm = GROUP_MULTIPLIER_ONE,
	                      .models = "",
	                      .max_open = -1,
	                      .rate = -1,
	                      .budget_day = -1,
	                      .budget_week = -1,
	                      .budget_month = -1,
	                      .created_at = clock_wall_ms()};

	if (!utf8_is_line(group.name, 1, LIMIT_WORD))
		return cli_fail("the name of a group has 1 to %d characters, and no control characters.",
		                LIMIT_WORD);
	if (!read_options(call, arena, &group))
		return CLI_FAILED;
	enum err_code err = store_begin(store, STORE_DURABLE);
	if (err == ERR_OK)
		err = store_group_add(store, &group, &group.id);
	if (err == ERR_OK)
		err = limits_audit(store, call, "group.add", group.name);
	err = store_end(store, err);
	if (err == ERR_CONFLICT)
		return cli_fail("there is a group %s already.", group.name);
	if (err != ERR_OK)
		return fail_with(err, group.name);
	return end(call, store, arena, &group, "added");
}

static int
set(const struct cli_call *call, struct store *store, struct arena *arena)
{
	const char *name = call->operands[0];
	struct group group;

	if (!limits_changes(call)) {
		enum err_code err = store_group_by_name(store, arena, name, &group);
		return err == ERR_OK ? show(call, store, arena, &group) : fail_with(err, name);
	}
	enum err_code err = store_begin(store, STORE_DURABLE);
	if (err == ERR_OK)
		err = store_group_by_name(store, arena, name, &group);
	if (err == ERR_OK && !read_options(call, arena, &group)) {
		store_rollback(store);
		return CLI_FAILED;
	}
	if (err == ERR_OK)
		err = store_group_set(store, &group);
	if (err == ERR_OK)
		err = limits_audit(store, call, "group.set", group.name);
	err = store_end(store, err);
	if (err != ERR_OK)
		return fail_with(err, name);
	return end(call, store, arena, &group, "changed");
}

static int
list(const struct cli_call *call, struct store *store, struct arena *arena)
{
	struct group *groups;
	struct sheet sheet;
	size_t count;

	enum err_code err = store_group_list(store, arena, &groups, &count);
	if (err != ERR_OK)
		return fail_with(err, "");
	if (!sheet_begin(&sheet, call, arena, columns, "groups"))
		return CLI_FAILED;
	for (size_t i = 0; i < count && err == ERR_OK; i++)
		err = put(&sheet, store, &groups[i]);
	return err == ERR_OK ? sheet_end(&sheet) : fail_with(err, "");
}

static int
remove_group(const struct cli_call *call, struct store *store, struct arena *arena)
{
	const char *name = call->operands[0];
	struct group group;

	enum err_code err = store_begin(store, STORE_DURABLE);
	if (err == ERR_OK)
		err = store_group_by_name(store, arena, name, &group);
	if (err == ERR_OK)
		err = store_group_remove(store, group.id);
	if (err == ERR_OK)
		err = limits_audit(store, call, "group.remove", group.name);
	err = store_end(store, err);
	if (err == ERR_CONFLICT)
		return cli_fail(
		    "the group %s has users; `longreel user set NAME --group \"\"` takes one out.", name);
	if (err != ERR_OK)
		return fail_with(err, name);
	return end(call, store, arena, &group, "removed");
}

int
cli_group_add(const struct cli_call *call)
{
	return cli_with_store(call, STORE_WRITE, add);
}

int
cli_group_set(const struct cli_call *call)
{
	return cli_with_store(call, STORE_WRITE, set);
}

int
cli_group_list(const struct cli_call *call)
{
	return cli_with_store(call, STORE_READ, list);
}

int
cli_group_remove(const struct cli_call *call)
{
	return cli_with_store(call, STORE_WRITE, remove_group);
}
