/* Signing in: checks the password and makes a token. throttle.c limits the attempts. */
#include <string.h>

#include "base/clock.h"
#include "base/config.h"
#include "base/limits.h"
#include "domain/account/throttle.h"
#include "domain/account/user.h"
#include "store/place.h"
#include "store/session.h"
#include "store/store.h"
#include "store/token.h"
#include "store/user.h"

/* Makes the token, unless the password or the account has changed since it was checked. */
static enum err_code
make_token(struct store *store, struct arena *arena, const struct config *config,
           const struct throttle *throttle, struct account_login *login)
{
	uint8_t hash[CRYPTO_HASH_SIZE];
	struct user now_user;
	int64_t now = clock_wall_ms();
	crypto_token(login->token);
	crypto_sha256(login->token, strlen(login->token), hash);
	login->expires_at = now + config->token_lifetime;
	enum err_code err = store_begin(store, STORE_DURABLE);
	if (err == ERR_OK)
		err = store_user_by_name(store, arena, login->user.username, &now_user);
	if (err == ERR_OK &&
	    (now_user.disabled || strcmp(now_user.password_hash, login->user.password_hash) != 0))
		err = ERR_NOT_FOUND;
	if (err == ERR_OK)
		err = store_token_add(store, hash, login->user.id, throttle->block, now, login->expires_at);
	if (err == ERR_OK)
		err = store_session_trim(store, login->user.id, hash, LIMIT_SESSIONS - 1);
	if (err == ERR_OK)
		err = store_place_note(store, login->user.id, throttle->block, now, LIMIT_PLACES - 1);
	err = store_end(store, err);
	if (err != ERR_OK)
		login->token[0] = '\0';
	return err == ERR_NOT_FOUND ? ERR_BAD_CREDENTIALS : err;
}

enum err_code
account_login(struct store *store, struct arena *arena, const struct config *config,
              const struct account_attempt *attempt, struct account_login *ret_login)
{
	struct throttle throttle;
	*ret_login = (struct account_login){0};
	enum err_code err = store_user_by_name(store, arena, attempt->username, &ret_login->user);
	if (err != ERR_OK && err != ERR_NOT_FOUND)
		return err;
	bool usable = err == ERR_OK && !ret_login->user.disabled;
	err = throttle_find(store, attempt, &ret_login->user, &throttle);
	if (err == ERR_OK)
		err = throttle_count(store, config, &throttle, &ret_login->wait_ms);
	if (err != ERR_OK)
		return err;
	err = crypto_password_matches(throttle.queue, usable ? ret_login->user.password_hash : NULL,
	                              attempt->password);
	if (err == ERR_BUSY)
		throttle_refund(store, config, &throttle);
	if (err != ERR_OK)
		return err;
	err = make_token(store, arena, config, &throttle, ret_login);
	ret_login->user.password_hash = NULL;
	return err;
}
