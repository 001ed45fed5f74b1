/* longreel key: API keys, for the operator. Users make theirs on the page or by POST /api/auth/keys. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "cli.h"
#include "domain/money/budgets.h"
#include "limits.h"
#include "sheet.h"
#include "domain/account/api_key.h"
#include "store/key.h"
#include "store/store.h"
#include "store/user.h"

enum { DAY_MS = 24 * 60 * 60 * 1000, SHOWN = 40, ID_DIGITS = 18 };

static int
fail_with(enum err_code err)
{
	return cli_fail("%s", err_text(err, "en"));
}

/* Finds the user by name. On failure says why and returns false. */
static bool
find_user(struct store *store, struct arena *arena, const char *name, struct user *ret_user)
{
	enum err_code err = store_user_by_name(store, arena, name, ret_user);

	if (err == ERR_NOT_FOUND)
		cli_fail("there is no user %s.", name);
	else if (err != ERR_OK)
		fail_with(err);
	return err == ERR_OK;
}

static bool
is_name(const char *name)
{
	if (utf8_is_line(name, 1, LIMIT_WORD))
		return true;
	cli_fail("--name must have 1 to %d characters, and no control characters.", LIMIT_WORD);
	return false;
}

/* Notes what was done to a key of that user. */
static enum err_code
audit(struct store *store, const struct cli_call *call, const char *action, const struct key *key,
      const char *username)
{
	char subject[LIMIT_USERNAME * 4 + 32];

	snprintf(subject, sizeof(subject), "%" PRId64 " of %s", key->id, username);
	return limits_audit(store, call, action, subject);
}

/* Puts the options into the key. On failure says why and returns false. */
static bool
apply(const struct cli_call *call, struct arena *arena, const struct user *user, struct key *key)
{
	if (call->name != NULL)
		key->name = call->name;
	if (!is_name(key->name))
		return false;
	if (call->days > 0)
		key->expires_at = clock_wall_ms() + (int64_t)call->days * DAY_MS;
	if (call->max_open != CLI_NO_MAX_OPEN)
		key->max_open = call->max_open;
	if (call->rate != -1)
		key->rate = call->rate;
	if (call->disabled != -1)
		key->disabled = call->disabled;
	if (call->scope != NULL)
		key->scope = key_scope_of(call->scope);
	if (call->scope != NULL && strcmp(key_scope_word(key->scope), call->scope) != 0) {
		cli_fail("--scope must be all, read or admin.");
		return false;
	}
	if (key->scope == KEY_SCOPE_ADMIN && !user->admin) {
		cli_fail("%s is no administrator, so a key cannot be one's either.", user->username);
		return false;
	}
	return limits_models(call->models, arena, &key->models) &&
	       limits_addresses(call->addresses, &key->addresses);
}

static int
create(const struct cli_call *call, struct store *store, struct arena *arena)
{
	struct user user;
	struct key key, wanted = {.name = "made by the operator", .models = "", .addresses = ""};
	char text[KEY_TEXT_SIZE];
	int64_t budgets[WINDOW__MAX] = {-1, -1, -1, -1};

	if (!find_user(store, arena, call->operands[0], &user) || !apply(call, arena, &user, &wanted) ||
	    !limits_budgets_apply(call, budgets))
		return CLI_FAILED;
	enum err_code err = store_begin(store, STORE_DURABLE);
	if (err == ERR_OK)
		err = key_add(store, arena, user.id, &wanted, text, &key);
	if (err == ERR_OK)
		err = budgets_write(store, BUDGET_KEY, key.id, budgets);
	if (err == ERR_OK)
		err = audit(store, call, "key.create", &key, user.username);
	err = store_end(store, err);
	if (err != ERR_OK)
		return fail_with(err);
	if (call->json)
		printf("{\"id\":%" PRId64 ",\"key\":\"%s\"}\n", key.id, text);
	else
		printf("%s\n", text);
	crypto_forget(text, sizeof(text));
	return cli_finish();
}

static const struct sheet_column columns[] = {
    {"ID", 4, 0, "id", SHEET_INT},
    {"KEY", 20, 0, "hint", SHEET_TEXT},
    {"CREATED", CLI_TIME_WIDTH, 0, "createdAt", SHEET_TIME},
    {"EXPIRES", CLI_TIME_WIDTH, 0, "expiresAt", SHEET_TIME},
    {"LAST USED", CLI_TIME_WIDTH, 0, "lastUsedAt", SHEET_TIME},
    {"STATE", 8, 0, "state", SHEET_TEXT},
    {"SCOPE", 5, 0, "scope", SHEET_TEXT},
    {"MAX OPEN", 8, 0, "maxOpen", SHEET_INT},
    {"RATE", 6, 0, "rate", SHEET_INT},
    {"BUDGET DAY", 10, 0, "budgetDayMicro", SHEET_AMOUNT},
    {"WEEK", 10, 0, "budgetWeekMicro", SHEET_AMOUNT},
    {"MONTH", 10, 0, "budgetMonthMicro", SHEET_AMOUNT},
    {"TOTAL", 10, 0, "budgetTotalMicro", SHEET_AMOUNT},
    {"MODELS", 12, SHOWN, "models", SHEET_TEXT},
    {"ADDRESSES", 12, SHOWN, "addresses", SHEET_TEXT},
    {"NAME", 0, SHOWN, "name", SHEET_TEXT},
    {0},
};

static enum err_code
put(struct sheet *sheet, struct store *store, const struct key *key)
{
	int64_t budgets[WINDOW__MAX];
	enum err_code err = budgets_read(store, sheet->arena, BUDGET_KEY, key->id, budgets);

	if (err == ERR_OK)
		sheet_row(sheet, (const struct cell[]){
		                     CELL_NUMBER(key->id), CELL_TEXT(key->hint), CELL_NUMBER(key->created_at),
		                     CELL_NUMBER(key->expires_at), CELL_NUMBER(key->last_used_at),
		                     CELL_TEXT(key->disabled ? "disabled" : "enabled"),
		                     CELL_TEXT(key_scope_word(key->scope)), CELL_NUMBER(key->max_open),
		                     CELL_NUMBER(key->rate), CELL_LIMIT(budgets[WINDOW_DAY]),
		                     CELL_LIMIT(budgets[WINDOW_WEEK]), CELL_LIMIT(budgets[WINDOW_MONTH]),
		                     CELL_LIMIT(budgets[WINDOW_TOTAL]), CELL_TEXT(key->models),
		                     CELL_TEXT(key->addresses), CELL_TEXT(key->name)});
	return err;
}

static int
list(const struct cli_call *call, struct store *store, struct arena *arena)
{
	struct sheet sheet;
	struct user user;
	struct key *keys;
	size_t count;

	if (!find_user(store, arena, call->operands[0], &user))
		return CLI_FAILED;
	enum err_code err = store_key_list(store, arena, user.id, &keys, &count);
	if (err != ERR_OK)
		return fail_with(err);
	if (!sheet_begin(&sheet, call, arena, columns, "keys"))
		return CLI_FAILED;
	for (size_t i = 0; i < count && err == ERR_OK; i++)
		err = put(&sheet, store, &keys[i]);
	return err == ERR_OK ? sheet_end(&sheet) : fail_with(err);
}

/* Reads the id. On failure says why and returns false. */
static bool
read_id(const char *id, int64_t *ret_id)
{
	if (strlen(id) > ID_DIGITS || strspn(id, "0123456789") != strlen(id)) {
		cli_fail("the id of a key is a number; `longreel key list USER` shows it.");
		return false;
	}
	*ret_id = strtoll(id, NULL, 10);
	return true;
}

/* Says what became of the key with the id. */
static int
end(enum err_code err, const char *id, const char *what)
{
	if (err == ERR_NOT_FOUND)
		return cli_fail("there is no key %s.", id);
	if (err != ERR_OK)
		return fail_with(err);
	printf("key %s %s\n", id, what);
	return cli_finish();
}

static int
revoke(const struct cli_call *call, struct store *store, struct arena *arena)
{
	int64_t id;

	(void)arena;
	if (!read_id(call->operands[0], &id))
		return CLI_FAILED;
	enum err_code err = key_revoke(store, 0, id);
	if (err == ERR_OK && !limits_audit_done(store, call, "key.revoke", call->operands[0]))
		return CLI_FAILED;
	return end(err, call->operands[0], "revoked");
}

/* Shows the key as it is now. */
static int
show(const struct cli_call *call, struct store *store, struct arena *arena, int64_t id)
{
	struct sheet sheet;
	struct key key;

	enum err_code err = store_key_get(store, arena, 0, id, &key);
	if (err == ERR_NOT_FOUND)
		return cli_fail("there is no key %s.", call->operands[0]);
	if (err != ERR_OK)
		return fail_with(err);
	if (!sheet_begin(&sheet, call, arena, columns, NULL))
		return CLI_FAILED;
	err = put(&sheet, store, &key);
	return err == ERR_OK ? sheet_end(&sheet) : fail_with(err);
}

static int
set(const struct cli_call *call, struct store *store, struct arena *arena)
{
	int64_t id, budgets[WINDOW__MAX];
	struct key key;
	struct user user;

	if (!read_id(call->operands[0], &id))
		return CLI_FAILED;
	if (!limits_changes(call))
		return show(call, store, arena, id);
	enum err_code err = key_begin_change(store, arena, 0, id, &key);
	if (err == ERR_OK)
		err = store_user_by_id(store, arena, key.user_id, &user);
	if (err == ERR_OK)
		err = budgets_read(store, arena, BUDGET_KEY, id, budgets);
	if (err == ERR_OK && (!apply(call, arena, &user, &key) || !limits_budgets_apply(call, budgets))) {
		store_rollback(store);
		return CLI_FAILED;
	}
	if (err == ERR_OK)
		err = budgets_write(store, BUDGET_KEY, id, budgets);
	if (err == ERR_OK)
		err = audit(store, call, "key.set", &key, user.username);
	err = key_end_change(store, err, &key);
	return err == ERR_OK && call->json ? show(call, store, arena, id)
	                                   : end(err, call->operands[0], "changed");
}

int
cli_key_create(const struct cli_call *call)
{
	return cli_with_store(call, STORE_WRITE, create);
}

int
cli_key_list(const struct cli_call *call)
{
	return cli_with_store(call, STORE_READ, list);
}

int
cli_key_revoke(const struct cli_call *call)
{
	return cli_with_store(call, STORE_WRITE, revoke);
}

int
cli_key_set(const struct cli_call *call)
{
	return cli_with_store(call, STORE_WRITE, set);
}
