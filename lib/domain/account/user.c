/* Users, passwords and tokens. Passwords are hashed outside of any transaction: argon2id takes longer than
 * the database may be locked. */
#include "domain/account/user.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/config.h"
#include "base/limits.h"
#include "base/netblock.h"
#include "domain/account/name.h"
#include "domain/money/code.h"
#include "domain/money/credit.h"
#include "store/clock.h"
#include "store/group.h"
#include "store/place.h"
#include "store/rate.h"
#include "store/store.h"
#include "store/token.h"
#include "store/user.h"

/* How a user comes to be: by the operator, or by registering. */
struct entry {
	const char *block; /* of the address that it registers from, and is then known at; or NULL */
	const char *code;  /* of an invitation; NULL = none */
	const struct config *config; /* NULL = by the operator, who gives nothing */
};

static enum err_code
note_block(struct store *store, const struct user *user, const char *block)
{
	enum err_code err = store_place_note(store, user->id, block, user->created_at, LIMIT_PLACES - 1);
	return err == ERR_OK ? store_user_set_block(store, user->id, block) : err;
}

/* Finds the invitation. All that is wrong with it is told alike: a stranger asks. */
static enum err_code
find_invitation(struct store *store, struct arena *arena, const char *text, struct code *ret_code)
{
	enum err_code err = code_find(store, arena, text, true, clock_wall_ms(), ret_code);
	return err == ERR_CODE_UNKNOWN || err == ERR_CODE_EXPIRED || err == ERR_CODE_USED ? ERR_INVITE_INVALID
	                                                                                  : err;
}

/* Uses the invitation, and puts the user into its group, unless that was removed. */
static enum err_code
accept(struct store *store, const struct user *user, const char *text)
{
	struct code code;
	struct group group;
	struct user_settings settings = {.max_open = -1, .rate = -1, .note = ""};
	struct arena *arena = arena_new();
	enum err_code err = arena != NULL ? find_invitation(store, arena, text, &code) : ERR_NO_MEMORY;
	if (err == ERR_OK)
		err = code_accept(store, &code, user->id, user->created_at);
	if (err == ERR_OK && code.group_id != 0) {
		enum err_code found = store_group_get(store, arena, code.group_id, &group);
		settings.group_id = found == ERR_OK ? group.id : 0;
		err = found == ERR_OK || found == ERR_NOT_FOUND ? store_user_set(store, user->id, &settings)
		                                                : found;
	}
	arena_free(arena);
	return err == ERR_CODE_USED ? ERR_INVITE_INVALID : err;
}

/* Inside a transaction: the user, and all that comes with it. */
static enum err_code
write_user(struct store *store, const struct entry *entry, struct user *user)
{
	enum err_code err = store_user_add(store, user, &user->id);
	if (err == ERR_OK && entry->block != NULL)
		err = note_block(store, user, entry->block);
	if (err == ERR_OK && entry->code != NULL)
		err = accept(store, user, entry->code);
	if (err == ERR_OK && entry->config != NULL)
		err = credit_signup(store, entry->config, user->id, user->created_at);
	return err;
}

static enum err_code
add_user(struct store *store, const struct user *user, const char *password, const struct entry *entry,
         enum turns_queue queue, struct user *ret_user)
{
	char hash[CRYPTO_PASSWORD_SIZE], shape[NAME_SHAPE_SIZE];
	struct user added = *user;
	enum err_code err = crypto_password_hash(queue, password, hash);
	if (err != ERR_OK)
		return err;
	added.password_hash = hash;
	added.shape = name_shape(user->username, shape) ? shape : NULL;
	added.created_at = clock_wall_ms();
	err = store_begin(store, STORE_DURABLE);
	if (err == ERR_OK)
		err = write_user(store, entry, &added);
	err = store_end(store, err);
	added.password_hash = added.shape = NULL;
	if (err == ERR_OK)
		*ret_user = added;
	return err;
}

enum err_code
account_add(struct store *store, const struct user *user, const char *password, struct user *ret_user)
{
	static const struct entry entry;
	return add_user(store, user, password, &entry, TURNS_KNOWN, ret_user);
}

/* Whether one may register with this code, or without one. */
static enum err_code
check_entry(struct store *store, const struct config *config, const char *code)
{
	struct code found;
	if (code == NULL)
		return strcmp(config->registration, "invite") == 0 ? ERR_INVITE_REQUIRED : ERR_OK;
	/* Before the password is hashed, which costs more; the transaction looks again. */
	struct arena *arena = arena_new();
	enum err_code err = arena != NULL ? find_invitation(store, arena, code, &found) : ERR_NO_MEMORY;
	arena_free(arena);
	return err;
}

enum err_code
account_register(struct store *store, const struct config *config, const struct user *user,
                 const struct account_entry *entry, struct account_join *ret_join)
{
	char counted[NETBLOCK_SIZE], known[NETBLOCK_SIZE], bucket[sizeof("register:") + NETBLOCK_SIZE];
	*ret_join = (struct account_join){0};
	if (strcmp(config->registration, "closed") == 0)
		return ERR_REGISTRATION_CLOSED;
	netblock_counted(entry->address, counted);
	netblock_known(entry->address, known);
	snprintf(bucket, sizeof(bucket), "register:%s", counted);
	enum err_code err = store_begin(store, STORE_RELAXED);
	if (err == ERR_OK)
		err = store_rate_take(store, bucket, config->rate_register, clock_wall_ms(),
		                      &ret_join->wait_ms);
	err = store_end(store, err);
	if (err == ERR_OK)
		err = check_entry(store, config, entry->code);
	const struct entry whole = {known, entry->code, config};
	return err == ERR_OK ? add_user(store, user, entry->password, &whole, TURNS_STRANGER, &ret_join->user)
	                     : err;
}

enum err_code
account_set_password(struct store *store, int64_t user_id, const char *password)
{
	char hash[CRYPTO_PASSWORD_SIZE];
	enum err_code err = crypto_password_hash(TURNS_KNOWN, password, hash);
	if (err == ERR_OK)
		err = store_begin(store, STORE_DURABLE);
	if (err == ERR_OK)
		err = store_user_set_password(store, user_id, hash, NULL);
	return store_end(store, err);
}

/* ---- tokens ---- */

enum err_code
account_of_hash(struct store *store, struct arena *arena, const uint8_t hash[CRYPTO_HASH_SIZE],
                struct user *ret_user)
{
	int64_t now = clock_wall_ms(), step = 0;
	enum err_code err = store_user_by_token(store, arena, hash, now, ret_user);
	/* Where the clock was set forward the poller moves the ends of logins, but not at the same moment.
	 * Those of keys are dates, and stay. */
	if (err == ERR_NOT_FOUND && store_clock_step(store, &step) == ERR_OK && step > CLOCK_STEP_MS) {
		err = store_user_by_token(store, arena, hash, now - step, ret_user);
		if (err == ERR_OK && ret_user->key_id != 0)
			err = ERR_NOT_FOUND;
	}
	/* A key that a program has is no administrator's, but one of that scope, which the operator made. */
	if (err == ERR_OK && ret_user->key_id != 0 && ret_user->scope != KEY_SCOPE_ADMIN)
		ret_user->admin = false;
	return err == ERR_NOT_FOUND ? ERR_UNAUTHORIZED : err;
}

enum err_code
account_of_token(struct store *store, struct arena *arena, const char *token, struct user *ret_user)
{
	uint8_t hash[CRYPTO_HASH_SIZE];
	if (strlen(token) > LIMIT_TOKEN)
		return ERR_UNAUTHORIZED;
	crypto_sha256(token, strlen(token), hash);
	return account_of_hash(store, arena, hash, ret_user);
}

enum err_code
account_logout(struct store *store, const char *token)
{
	uint8_t hash[CRYPTO_HASH_SIZE];
	crypto_sha256(token, strlen(token), hash);
	enum err_code err = store_begin(store, STORE_DURABLE);
	if (err == ERR_OK)
		err = store_token_revoke(store, hash);
	err = store_end(store, err);
	return err == ERR_NOT_FOUND ? ERR_UNAUTHORIZED : err;
}
