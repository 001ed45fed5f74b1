/* Users, passwords and tokens. Passwords are computed outside of any transaction: argon2id takes longer than
 * the whole database may be held. */
#include "domain/account.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/config.h"
#include "base/limits.h"
#include "store/store.h"

enum { BUCKET_SIZE = 16 + 4 * LIMIT_USERNAME + 64 };

/* The name of a rate bucket. An IPv6 address counts by its first half: a customer has all of the second. */
static void
bucket_of_address(const char *what, const char *address, char ret_bucket[BUCKET_SIZE])
{
	struct in6_addr six;
	char half[INET6_ADDRSTRLEN];
	if (inet_pton(AF_INET6, address, &six) == 1 && !IN6_IS_ADDR_V4MAPPED(&six)) {
		memset(&six.s6_addr[8], 0, 8);
		address = inet_ntop(AF_INET6, &six, half, sizeof(half));
	}
	snprintf(ret_bucket, BUCKET_SIZE, "%s:%s", what, address);
}

static void
bucket_of_name(const char *what, const char *name, char ret_bucket[BUCKET_SIZE])
{
	snprintf(ret_bucket, BUCKET_SIZE, "%s:%s", what, name);
	for (char *at = ret_bucket; *at != '\0'; at++)
		*at = (char)tolower((unsigned char)*at);
}

bool
account_name_ok(const char *username)
{
	for (const char *at = username; *at != '\0'; at++) {
		unsigned char c = (unsigned char)*at;
		if (c < 0x80 && !isalnum(c) && strchr("._-@+", c) == NULL)
			return false;
		/* U+0080–U+00BF (controls, signs, the soft hyphen), U+2000–U+206F (blanks, joiners,
		 * directions), U+3000, U+FEFF */
		if (c == 0xc2 ||
		    (c == 0xe2 && ((unsigned char)at[1] == 0x80 || (unsigned char)at[1] == 0x81)) ||
		    memcmp(at, "\xe3\x80\x80", strnlen(at, 3)) == 0 ||
		    memcmp(at, "\xef\xbb\xbf", strnlen(at, 3)) == 0)
			return false;
	}
	return username[0] != '\0';
}

enum err_code
account_add(struct store *store, const struct user *user, const char *password, struct user *ret_user)
{
	char hash[CRYPTO_PASSWORD_SIZE];
	struct user added = *user;
	if (!crypto_password_hash(password, hash))
		return ERR_NO_MEMORY;
	added.password_hash = hash;
	added.created_at = clock_wall_ms();
	enum err_code err = store_begin(store, STORE_DURABLE);
	if (err == ERR_OK)
		err = store_user_add(store, &added, &added.id);
	if (err == ERR_OK)
		err = store_commit(store);
	store_rollback(store);
	added.password_hash = NULL;
	if (err == ERR_OK)
		*ret_user = added;
	return err;
}

/* Takes one from a bucket, in a transaction of its own. */
static enum err_code
take(struct store *store, const char *bucket, int64_t rate, int64_t *ret_wait_ms)
{
	enum err_code err = rate > 0 ? store_begin(store, STORE_RELAXED) : ERR_OK;
	if (rate <= 0 || err != ERR_OK)
		return err;
	err = store_rate_take(store, bucket, rate, clock_wall_ms(), ret_wait_ms);
	if (err == ERR_OK)
		err = store_commit(store);
	store_rollback(store);
	return err;
}

enum err_code
account_register(struct store *store, const struct config *config, const struct user *user,
                 const char *password, const char *address, struct account_join *ret_join)
{
	char bucket[BUCKET_SIZE];
	*ret_join = (struct account_join){0};
	if (!config_on(config->registration))
		return ERR_REGISTRATION_CLOSED;
	bucket_of_address("register", address, bucket);
	enum err_code err = take(store, bucket, config->rate_register, &ret_join->wait_ms);
	return err == ERR_OK ? account_add(store, user, password, &ret_join->user) : err;
}

enum err_code
account_set_password(struct store *store, int64_t user_id, const char *password)
{
	char hash[CRYPTO_PASSWORD_SIZE];
	if (!crypto_password_hash(password, hash))
		return ERR_NO_MEMORY;
	enum err_code err = store_begin(store, STORE_DURABLE);
	if (err == ERR_OK)
		err = store_user_set_password(store, user_id, hash);
	if (err == ERR_OK)
		err = store_commit(store);
	store_rollback(store);
	return err;
}

/* ---- login ---- */

/* Makes the token, unless the password or the account has changed since it was checked; gives back what the
 * attempt took from the buckets. */
static enum err_code
let_in(struct store *store, struct arena *arena, const struct config *config, const char *const buckets[2],
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
		err = store_token_add(store, hash, login->user.id, now, login->expires_at);
	for (int i = 0; i < 2 && err == ERR_OK && config->rate_login > 0; i++)
		err = store_rate_refund(store, buckets[i], config->rate_login);
	if (err == ERR_OK)
		err = store_commit(store);
	store_rollback(store);
	if (err != ERR_OK)
		login->token[0] = '\0';
	return err == ERR_NOT_FOUND ? ERR_BAD_CREDENTIALS : err;
}

enum err_code
account_login(struct store *store, struct arena *arena, const struct config *config,
              const struct account_attempt *attempt, struct account_login *ret_login)
{
	char by_address[BUCKET_SIZE], by_name[BUCKET_SIZE];
	const char *const buckets[2] = {by_address, by_name};
	*ret_login = (struct account_login){0};
	bucket_of_address("login", attempt->address, by_address);
	bucket_of_name("name", attempt->username, by_name);
	/* Taken before the password is looked at, so that many attempts at once do not pass together. */
	for (int i = 0; i < 2; i++) {
		enum err_code limited = take(store, buckets[i], config->rate_login, &ret_login->wait_ms);
		if (limited != ERR_OK)
			return limited;
	}
	enum err_code err = store_user_by_name(store, arena, attempt->username, &ret_login->user);
	if (err != ERR_OK && err != ERR_NOT_FOUND)
		return err;
	bool usable = err == ERR_OK && !ret_login->user.disabled;
	if (!crypto_password_matches(usable ? ret_login->user.password_hash : NULL, attempt->password))
		return ERR_BAD_CREDENTIALS;
	err = let_in(store, arena, config, buckets, ret_login);
	ret_login->user.password_hash = NULL;
	return err;
}

/* ---- tokens ---- */

enum err_code
account_of_token(struct store *store, struct arena *arena, const char *token, struct user *ret_user)
{
	uint8_t hash[CRYPTO_HASH_SIZE];
	if (strlen(token) > LIMIT_TOKEN)
		return ERR_UNAUTHORIZED;
	crypto_sha256(token, strlen(token), hash);
	enum err_code err = store_user_by_token(store, arena, hash, clock_wall_ms(), ret_user);
	return err == ERR_NOT_FOUND ? ERR_UNAUTHORIZED : err;
}

enum err_code
account_logout(struct store *store, const char *token)
{
	uint8_t hash[CRYPTO_HASH_SIZE];
	crypto_sha256(token, strlen(token), hash);
	enum err_code err = store_begin(store, STORE_DURABLE);
	if (err == ERR_OK)
		err = store_token_revoke(store, hash);
	if (err == ERR_OK)
		err = store_commit(store);
	store_rollback(store);
	return err == ERR_NOT_FOUND ? ERR_UNAUTHORIZED : err;
}
