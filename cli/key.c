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

static int
create(const struct cli_call *call, struct store *store, struct arena *arena)
{
	struct user user;
	struct key key, wanted = {.name = call->name ? call->name : "made by the operator"};
	char text[KEY_TEXT_SIZE];
	int characters = utf8_count(wanted.name, strlen(wanted.name));

	if (characters < 1 || characters > LIMIT_WORD || utf8_has_control(wanted.name, strlen(wanted.name)))
		return cli_fail("--name must have 1 to %d characters, and no control characters.",
		                LIMIT_WORD);
	if (!find_user(store, arena, call->operands[0], &user))
		return CLI_FAILED;
	if (call->days > 0)
		wanted.expires_at = clock_wall_ms() + (int64_t)call->days * DAY_MS;
	enum err_code err = key_make(store, arena, user.id, &wanted, text, &key);
	if (err != ERR_OK)
		return fail_with(err);
	printf("%s\n", text);
	crypto_forget(text, sizeof(text));
	return cli_finish();
}

static const struct cli_column columns[] = {{"ID", 4},
                                            {"KEY", 20},
                                            {"CREATED", CLI_TIME_WIDTH},
                                            {"EXPIRES", CLI_TIME_WIDTH},
                                            {"LAST USED", CLI_TIME_WIDTH},
                                            {"NAME", 0, SHOWN},
                                            {NULL}};

/* Writes the time; 0 = "", for none. */
static const char *
time_text(int64_t ms, char ret_text[CLOCK_TEXT_SIZE])
{
	*ret_text = '\0';
	if (ms != 0)
		clock_text(ms, ret_text);
	return ret_text;
}

static int
list(const struct cli_call *call, struct store *store, struct arena *arena)
{
	struct user user;
	struct key *keys;
	size_t count;

	if (!find_user(store, arena, call->operands[0], &user))
		return CLI_FAILED;
	enum err_code err = store_key_list(store, arena, user.id, &keys, &count);
	if (err != ERR_OK)
		return fail_with(err);
	cli_put_header(columns);
	for (size_t i = 0; i < count; i++) {
		const struct key *key = &keys[i];
		char id[24], created[CLOCK_TEXT_SIZE], expires[CLOCK_TEXT_SIZE], used[CLOCK_TEXT_SIZE];

		snprintf(id, sizeof(id), "%" PRId64, key->id);
		cli_put_row(columns, (const char *const[]){id, key->hint, time_text(key->created_at, created),
		                                           time_text(key->expires_at, expires),
		                                           time_text(key->last_used_at, used), key->name});
	}
	return cli_finish();
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
	return end(key_revoke(store, 0, id), call->operands[0], "revoked");
}

static int
set(const struct cli_call *call, struct store *store, struct arena *arena)
{
	int64_t id;
	struct key key;

	if (!read_id(call->operands[0], &id))
		return CLI_FAILED;
	enum err_code err = store_begin(store, STORE_DURABLE);
	if (err == ERR_OK)
		err = store_key_get(store, arena, 0, id, &key);
	if (err == ERR_OK) {
		key.max_open = call->max_open;
		err = store_key_set(store, &key);
	}
	return end(store_end(store, err), call->operands[0], "changed");
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
