/* Users, passwords and tokens. Passwords are hashed outside of any transaction: argon2id takes longer than
 * the database may be locked. */
#include "domain/account/user.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/config.h"
#include "base/limits.h"
#include "base/netblock.h"
#include "domain/account/name.h"
#include "store/clock.h"
#include "store/place.h"
#include "store/rate.h"
#include "store/store.h"
#include "store/token.h"
#include "store/user.h"

/* `block`: of the address that the account is registered from, and the name then known at, or NULL. */
static enum err_code
add_user(struct store *store, const struct user *user, const char *password, const char *block,
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
		err = store_user_add(store, &added, &added.id);
	if (err == ERR_OK && block != NULL)
		err = store_place_note(store, added.id, block, added.created_at, LIMIT_PLACES - 1);
	if (err == ERR_OK && block != NULL)
		err = store_user_set_block(store, added.id, block);
	err = store_end(store, err);
	added.password_hash = added.shape = NULL;
	if (err == ERR_OK)
		*ret_user = added;
	return err;
}

enum err_code
account_add(struct store *store, const struct user *user, const char *password, struct user *ret_user)
{
	return add_user(store, user, password, NULL, TURNS_KNOWN, ret_user);
}

enum err_code
account_register(struct store *store, const struct config *config, const struct user *user,
                 const char *password, const char *address, struct account_join *ret_join)
{
	char counted[NETBLOCK_SIZE], known[NETBLOCK_SIZE], bucket[sizeof("register:") + NETBLOCK_SIZE];
	*ret_join = (struct account_join){0};
	if (!config_on(config->registration))
		return ERR_REGISTRATION_CLOSED;
	netblock_counted(address, counted);
	netblock_known(address, known);
	snprintf(bucket, sizeof(bucket), "register:%s", counted);
	enum err_code err = store_begin(store, STORE_RELAXED);
	if (err == ERR_OK)
		err = store_rate_take(store, bucket, config->rate_register, clock_wall_ms(),
		                      &ret_join->wait_ms);
	err = store_end(store, err);
	return err == ERR_OK ? add_user(store, user, password, known, TURNS_STRANGER, &ret_join->user) : err;
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
