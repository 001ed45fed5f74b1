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
#include "domain/account/user.h"
#include "domain/account/name.h"
#include "password.h"
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
	printf("%s added%s\n", user.username, user.admin ? " as administrator" : "");
	return cli_finish();
}

static const struct cli_column columns[] = {
    {"CREATED", CLI_TIME_WIDTH}, {"ROLE", 5}, {"STATE", 8}, {"NAME", 24}, {"EMAIL"}, {NULL}};

static int
list(const struct cli_call *call, struct store *store, struct arena *arena)
{
	char when[CLOCK_TEXT_SIZE];
	struct user *users;
	size_t count;

	(void)call;
	enum err_code err = store_user_list(store, arena, &users, &count);
	if (err != ERR_OK)
		return fail_with(err);
	cli_put_header(columns);
	for (size_t i = 0; i < count; i++) {
		const struct user *user = &users[i];

		clock_text(user->created_at, when);
		cli_put_row(columns, (const char *const[]){when, user->admin ? "admin" : "user",
		                                           user->disabled ? "disabled" : "enabled",
		                                           user->username, user->email});
	}
	return cli_finish();
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
	err = store_end(store, err);
	if (err != ERR_OK)
		return fail_with(err);
	printf("%s %s\n", user.username, disabled ? "disabled; all logins ended" : "enabled");
	return cli_finish();
}

static int
set(const struct cli_call *call, struct store *store, struct arena *arena)
{
	struct user user;
	struct user_settings settings;

	if (!find_user(call, store, arena, &user))
		return CLI_FAILED;
	enum err_code err = store_begin(store, STORE_DURABLE);
	if (err == ERR_OK)
		err = store_user_settings(store, arena, user.id, &settings);
	if (call->max_open != CLI_NO_MAX_OPEN)
		settings.max_open = call->max_open;
	if (err == ERR_OK)
		err = store_user_set(store, user.id, &settings);
	err = store_end(store, err);
	if (err != ERR_OK)
		return fail_with(err);
	printf("%s: max_open = ", user.username);
	if (settings.max_open >= 0)
		printf("%" PRId64 "\n", settings.max_open);
	else
		printf("default\n");
	return cli_finish();
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
