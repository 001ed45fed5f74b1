/* Signing in. Guessing is slowed down where it comes from, so that who is attacked is not locked out: an
 * address block that a name has signed in from has a counter of its own for this name, and strangers share
 * theirs. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/config.h"
#include "base/limits.h"
#include "base/netblock.h"
#include "domain/account/user.h"
#include "store/place.h"
#include "store/rate.h"
#include "store/session.h"
#include "store/store.h"
#include "store/token.h"
#include "store/user.h"

enum { BUCKET_SIZE = 16 + 4 * LIMIT_USERNAME + NETBLOCK_SIZE, BUCKETS = 2 };

/* What one attempt counts against, and how it waits. */
struct toll {
	char buckets[BUCKETS][BUCKET_SIZE]; /* "" = none */
	char block[NETBLOCK_SIZE];          /* of addresses, that the name is known by or will be */
	enum turns_queue queue;
};

/* ASCII case does not matter to a name. */
static void
lower(char *text)
{
	for (; *text != '\0'; text++)
		*text = (char)tolower((unsigned char)*text);
}

static enum err_code
find_toll(struct store *store, const struct account_attempt *attempt, const struct user *user,
          struct toll *ret_toll)
{
	char counted[NETBLOCK_SIZE];
	bool known = false;
	*ret_toll = (struct toll){.queue = TURNS_STRANGER};
	netblock_known(attempt->address, ret_toll->block);
	netblock_counted(attempt->address, counted);
	/* Also for a user that there is not, so that it takes as long. */
	enum err_code err =
	    store_place_known(store, user->id, ret_toll->block, clock_wall_ms() - LIMIT_PLACE_MS, &known);
	if (err != ERR_OK)
		return err;
	if (known && !user->disabled) {
		ret_toll->queue = TURNS_KNOWN;
		snprintf(ret_toll->buckets[0], BUCKET_SIZE, "known:%s:%s", ret_toll->block,
		         attempt->username);
	} else {
		snprintf(ret_toll->buckets[0], BUCKET_SIZE, "login:%s", counted);
		snprintf(ret_toll->buckets[1], BUCKET_SIZE, "name:%s", attempt->username);
	}
	for (int i = 0; i < BUCKETS; i++)
		lower(ret_toll->buckets[i]);
	return ERR_OK;
}

/* Counts the attempt before the password is looked at, so that many at once do not pass together. What the
 * first bucket has let pass has been tried, and stays counted there. */
static enum err_code
take(struct store *store, const struct config *config, const struct toll *toll, int64_t *ret_wait_ms)
{
	int64_t now = clock_wall_ms();
	if (config->rate_login <= 0)
		return ERR_OK;
	enum err_code err = store_begin(store, STORE_RELAXED), limited = ERR_OK;
	for (int i = 0; i < BUCKETS && err == ERR_OK && limited == ERR_OK; i++) {
		if (toll->buckets[i][0] == '\0')
			continue;
		err = store_rate_take(store, toll->buckets[i], config->rate_login, now, ret_wait_ms);
		if (err == ERR_RATE_LIMITED) {
			limited = err;
			err = ERR_OK;
		}
	}
	err = store_end(store, err);
	return err == ERR_OK ? limited : err;
}

/* Undoes take(): there was no room to look at the password. */
static void
refund(struct store *store, const struct config *config, const struct toll *toll)
{
	if (config->rate_login <= 0 || store_begin(store, STORE_RELAXED) != ERR_OK)
		return;
	enum err_code err = ERR_OK;
	for (int i = 0; i < BUCKETS && err == ERR_OK; i++)
		if (toll->buckets[i][0] != '\0')
			err = store_rate_refund(store, toll->buckets[i], config->rate_login);
	store_end(store, err);
}

/* Makes the token, unless the password or the account has changed since it was checked. */
static enum err_code
let_in(struct store *store, struct arena *arena, const struct config *config, const struct toll *toll,
       struct account_login *login)
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
		err = store_token_add(store, hash, login->user.id, toll->block, now, login->expires_at);
	if (err == ERR_OK)
		err = store_session_trim(store, login->user.id, hash, LIMIT_SESSIONS - 1);
	if (err == ERR_OK)
		err = store_place_note(store, login->user.id, toll->block, now, LIMIT_PLACES - 1);
	err = store_end(store, err);
	if (err != ERR_OK)
		login->token[0] = '\0';
	return err == ERR_NOT_FOUND ? ERR_BAD_CREDENTIALS : err;
}

enum err_code
account_login(struct store *store, struct arena *arena, const struct config *config,
              const struct account_attempt *attempt, struct account_login *ret_login)
{
	struct toll toll;
	*ret_login = (struct account_login){0};
	enum err_code err = store_user_by_name(store, arena, attempt->username, &ret_login->user);
	if (err != ERR_OK && err != ERR_NOT_FOUND)
		return err;
	bool usable = err == ERR_OK && !ret_login->user.disabled;
	err = find_toll(store, attempt, &ret_login->user, &toll);
	if (err == ERR_OK)
		err = take(store, config, &toll, &ret_login->wait_ms);
	if (err != ERR_OK)
		return err;
	err = crypto_password_matches(toll.queue, usable ? ret_login->user.password_hash : NULL,
	                              attempt->password);
	if (err == ERR_BUSY)
		refund(store, config, &toll);
	if (err != ERR_OK)
		return err;
	err = let_in(store, arena, config, &toll, ret_login);
	ret_login->user.password_hash = NULL;
	return err;
}
