/* The administrator that `longreel setup` adds: see setup_admin.h. */
#include "setup_admin.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/err.h"
#include "cli.h"
#include "domain/account/name.h"
#include "domain/account/user.h"
#include "limits.h"
#include "password.h"
#include "store/store.h"
#include "store/user.h"

enum { NAME_SIZE = 512 };

/* The first administrator that is enabled, or NULL. */
static const char *
present(struct store *store, struct arena *arena)
{
	struct user *users = NULL;
	size_t count = 0;

	if (store_user_list(store, arena, &users, &count) != ERR_OK)
		return NULL;
	for (size_t i = 0; i < count; i++)
		if (users[i].admin && !users[i].disabled)
			return users[i].username;
	return NULL;
}

static int
add(const struct cli_call *call, struct store *store, const char *name)
{
	struct user user = {.username = name, .admin = true}, made;
	char password[PASSWORD_SIZE];
	const char *fault = name_fault(name);

	if (fault != NULL)
		return cli_fail("%s", fault);
	if (!password_read_from(call->password_file, password))
		return CLI_FAILED;
	enum err_code err = account_add(store, &user, password, &made);
	explicit_bzero(password, sizeof(password));
	if (err != ERR_OK)
		return cli_fail("%s", err_text(err, "en"));
	if (!limits_audit_done(store, call, "user.add", name))
		return CLI_FAILED;
	printf("%-7s %-17s %s\n", "set", "administrator", name);
	return CLI_DONE;
}

static int
with_store(const struct cli_call *call, struct store *store, struct arena *arena)
{
	const char *there = present(store, arena), *name = call->administrator;
	char said[NAME_SIZE] = "";
	struct user user;

	if (name == NULL && there == NULL && call->asks) {
		fputs("The name of an administrator [none]: ", stderr);
		if (fgets(said, sizeof(said), stdin) != NULL)
			said[strcspn(said, "\n")] = '\0';
		name = said;
	}
	if (name == NULL || *name == '\0') {
		printf("%-7s %-17s %s\n", "stays", "administrator", there ? there : "-");
		return CLI_DONE;
	}
	enum err_code err = store_user_by_name(store, arena, name, &user);
	if (err == ERR_NOT_FOUND)
		return add(call, store, name);
	if (err != ERR_OK)
		return cli_fail("%s", err_text(err, "en"));
	if (!user.admin || user.disabled)
		return cli_fail("%s is there, and %s: name another administrator.", name,
		                user.disabled ? "disabled" : "no administrator");
	printf("%-7s %-17s %s\n", "stays", "administrator", name);
	return CLI_DONE;
}

int
setup_admin(const struct cli_call *call, bool asks)
{
	struct cli_call with = *call;

	with.asks = asks;
	return cli_with_store(&with, STORE_MIGRATE, with_store);
}
