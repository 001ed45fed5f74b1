/* longreel user: the accounts, for the operator. The rules for names and passwords are those of registration
 * by a client. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "cli.h"
#include "domain/money/budgets.h"
#include "limits.h"
#include "domain/account/user.h"
#include "domain/account/name.h"
#include "password.h"
#include "sheet.h"
#include "store/group.h"
#include "store/store.h"
#include "store/user.h"

static int
fail_with(enum err_code err)
{
	return cli_fail("%s", err_text(err, "en"));
}

static bool
is_email(const char *email)
{
	size_t len = strlen(email);
	const char *at = strchr(email, '@');

	return at && at > email && at[1] != '\0' && len <= LIMIT_EMAIL && utf8_count(email, len) > 0 &&
	       !utf8_has_control(email, len) && !strpbrk(email, " \t\r\n");
}

static int
add(const struct cli_call *call, struct store *store, struct arena *arena)
{
	struct user user = {.username = call->operands[0], .email = call->email, .admin = call->admin};
	char password[PASSWORD_SIZE];
	struct user made;

	(void)arena;
	const char *fault = name_fault(user.username);
	if (fault)
		return cli_fail("%s", fault);
	if (user.email && !is_email(user.email))
		return cli_fail("--email must be an e-mail address.");
	if (!password_read(password))
		return CLI_FAILED;
	enum err_code err = account_add(store, &user, password, &made);
	if (err != ERR_OK)
		return fail_with(err);
	if (!limits_audit_done(store, call, "user.add", user.username))
		return CLI_FAILED;
	printf("%s added%s\n", user.username, user.admin ? " as administrator" : "");
	return cli_finish();
}

static const struct sheet_column columns[] = {
    {"CREATED", CLI_TIME_WIDTH, 0, "createdAt", SHEET_TIME},
    {"ROLE", 5, 0, "role", SHEET_TEXT},
    {"STATE", 8, 0, "state", SHEET_TEXT},
    {"NAME", 24, 0, "name", SHEET_TEXT},
    {"EMAIL", 0, 0, "email", SHEET_TEXT},
    {0},
};

static int
list(const struct cli_call *call, struct store *store, struct arena *arena)
{
	struct sheet sheet;
	struct user *users;
	size_t count;

	enum err_code err = store_user_list(store, arena, &users, &count);
	if (err != ERR_OK)
		return fail_with(err);
	if (!sheet_begin(&sheet, call, arena, columns, "users"))
		return CLI_FAILED;
	for (size_t i = 0; i < count; i++) {
		const struct user *user = &users[i];

		sheet_row(&sheet, (const struct cell[]){CELL_NUMBER(user->created_at),
		                                        CELL_TEXT(user->admin ? "admin" : "user"),
		                                        CELL_TEXT(user->disabled ? "disabled" : "enabled"),
		                                        CELL_TEXT(user->username), CELL_TEXT(user->email)});
	}
	return sheet_end(&sheet);
}

/* Finds the user that the operand names. On failure says why and returns false. */
static bool
find_user(const struct cli_call *call, struct store *store, struct arena *arena, struct user *ret_user)
{
	enum err_code err = store_user_by_name(store, arena, call->operands[0], ret_user);

	if (err == ERR_NOT_FOUND)
		cli_fail("there is no user %s.", call->operands[0]);
	else if (err != ERR_OK)
		fail_with(err);
	return err == ERR_OK;
}

static int
passwd(const struct cli_call *call, struct store *store, struct arena *arena)
{
	char password[PASSWORD_SIZE];
	struct user user;

	if (!find_user(call, store, arena, &user) || !password_read(password))
		return CLI_FAILED;
	enum err_code err = account_set_password(store, user.id, password);
	if (err != ERR_OK)
		return fail_with(err);
	if (!limits_audit_done(store, call, "user.passwd", user.username))
		return CLI_FAILED;
	printf("password of %s changed; all logins ended\n", user.username);
	return cli_finish();
}

static int
set_disabled(const struct cli_call *call, struct store *store, struct arena *arena, bool disabled)
{
	struct user user;

	if (!find_user(call, store, arena, &user))
		return CLI_FAILED;
	enum err_code err = store_begin(store, STORE_DURABLE);
	if (err == ERR_OK)
		err = store_user_disable(store, user.id, disabled);
	if (err == ERR_OK)
		err = limits_audit(store, call, disabled ? "user.disable" : "user.enable", user.username);
	err = store_end(store, err);
	if (err != ERR_OK)
		return fail_with(err);
	printf("%s %s\n", user.username, disabled ? "disabled; all logins ended" : "enabled");
	return cli_finish();
}

/* ---- limits ---- */

/* What the operator has set for a user, with the name of its group. */
struct profile {
	struct user user;
	struct user_settings settings;
	struct group group;           /* name "" = none */
	int64_t budgets[WINDOW__MAX]; /* -1 = none */
};

static const struct sheet_column profile_columns[] = {
    {"NAME", 20, 0, "name", SHEET_TEXT},
    {"GROUP", 12, 0, "group", SHEET_TEXT},
    {"MAX OPEN", 8, 0, "maxOpen", SHEET_INT},
    {"RATE", 6, 0, "rate", SHEET_INT},
    {"BUDGET DAY", 10, 0, "budgetDayMicro", SHEET_AMOUNT},
    {"WEEK", 10, 0, "budgetWeekMicro", SHEET_AMOUNT},
    {"MONTH", 10, 0, "budgetMonthMicro", SHEET_AMOUNT},
    {"TOTAL", 10, 0, "budgetTotalMicro", SHEET_AMOUNT},
    {"NOTE", 0, 0, "note", SHEET_TEXT},
    {0},
};

static int
show(const struct cli_call *call, struct arena *arena, const struct profile *profile)
{
	const struct user_settings *settings = &profile->settings;
	const int64_t *budgets = profile->budgets;
	struct sheet sheet;

	if (!sheet_begin(&sheet, call, arena, profile_columns, NULL))
		return CLI_FAILED;
	sheet_row(&sheet,
	          (const struct cell[]){CELL_TEXT(profile->user.username), CELL_TEXT(profile->group.name),
	                                CELL_LIMIT(settings->max_open), CELL_LIMIT(settings->rate),
	                                CELL_LIMIT(budgets[WINDOW_DAY]), CELL_LIMIT(budgets[WINDOW_WEEK]),
	                                CELL_LIMIT(budgets[WINDOW_MONTH]), CELL_LIMIT(budgets[WINDOW_TOTAL]),
	                                CELL_TEXT(settings->note)});
	return sheet_end(&sheet);
}

static enum err_code
read_profile(struct store *store, struct arena *arena, struct profile *profile)
{
	enum err_code err = store_user_settings(store, arena, profile->user.id, &profile->settings);
	if (err == ERR_OK && profile->settings.group_id != 0)
		err = store_group_get(store, arena, profile->settings.group_id, &profile->group);
	return err == ERR_OK ? budgets_read(store, arena, BUDGET_USER, profile->user.id, profile->budgets)
	                     : err;
}

/* Puts the options into the profile. On failure says why and returns false. */
static bool
apply(const struct cli_call *call, struct store *store, struct arena *arena, struct profile *profile)
{
	struct user_settings *settings = &profile->settings;

	if (call->max_open != CLI_NO_MAX_OPEN)
		settings->max_open = call->max_open;
	if (call->rate != -1)
		settings->rate = call->rate == CLI_DEFAULT ? -1 : call->rate;
	if (call->note != NULL && !limits_note(call->note))
		return false;
	if (call->note != NULL)
		settings->note = call->note;
	if (call->group != NULL)
		profile->group = (struct group){0};
	enum err_code err = call->group != NULL && *call->group != '\0'
	                        ? store_group_by_name(store, arena, call->group, &profile->group)
	                        : ERR_OK;
	if (err != ERR_OK) {
		cli_fail("%s%s", err == ERR_NOT_FOUND ? "there is no group " : err_text(err, "en"),
		         err == ERR_NOT_FOUND ? call->group : "");
		return false;
	}
	if (call->group != NULL)
		settings->group_id = profile->group.id;
	return limits_budgets_apply(call, profile->budgets);
}

static int
set(const struct cli_call *call, struct store *store, struct arena *arena)
{
	struct profile profile = {0};
	bool changes = limits_changes(call);

	if (!find_user(call, store, arena, &profile.user))
		return CLI_FAILED;
	enum err_code err = changes ? store_begin(store, STORE_DURABLE) : ERR_OK;
	if (err == ERR_OK)
		err = read_profile(store, arena, &profile);
	if (err == ERR_OK && !apply(call, store, arena, &profile)) {
		store_rollback(store);
		return CLI_FAILED;
	}
	if (err == ERR_OK && changes)
		err = store_user_set(store, profile.user.id, &profile.settings);
	if (err == ERR_OK && changes)
		err = budgets_write(store, BUDGET_USER, profile.user.id, profile.budgets);
	if (err == ERR_OK && changes)
		err = limits_audit(store, call, "user.set", profile.user.username);
	err = changes ? store_end(store, err) : err;
	return err == ERR_OK ? show(call, arena, &profile) : fail_with(err);
}

static int
disable(const struct cli_call *call, struct store *store, struct arena *arena)
{
	return set_disabled(call, store, arena, true);
}

static int
enable(const struct cli_call *call, struct store *store, struct arena *arena)
{
	return set_disabled(call, store, arena, false);
}

int
cli_user_add(const struct cli_call *call)
{
	return cli_with_store(call, STORE_WRITE, add);
}

int
cli_user_list(const struct cli_call *call)
{
	return cli_with_store(call, STORE_WRITE, list);
}

int
cli_user_passwd(const struct cli_call *call)
{
	return cli_with_store(call, STORE_WRITE, passwd);
}

int
cli_user_disable(const struct cli_call *call)
{
	return cli_with_store(call, STORE_WRITE, disable);
}

int
cli_user_enable(const struct cli_call *call)
{
	return cli_with_store(call, STORE_WRITE, enable);
}

int
cli_user_set(const struct cli_call *call)
{
	return cli_with_store(call, STORE_WRITE, set);
}
