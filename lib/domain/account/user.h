/* Users, passwords and tokens: what the words mean. Every function makes its own transactions on the caller's
 * store. */
#ifndef DOMAIN_ACCOUNT_USER_H
#define DOMAIN_ACCOUNT_USER_H

#include <stdint.h>

#include "base/crypto.h"
#include "base/err.h"
#include "model/user.h"

struct arena;
struct config;
struct store;

/* Adds a user with `password`; of `user` the name (name_fault() has been asked), email
 * and role count. ERR_USERNAME_TAKEN, also for a name that looks like another (name_shape()); ERR_NO_MEMORY;
 * the store's errors. Strings of ret_user are the caller's. */
enum err_code
account_add(struct store *store, const struct user *user, const char *password, struct user *ret_user);

struct account_join {
	struct user user; /* strings are the caller's */
	int64_t wait_ms;  /* with ERR_RATE_LIMITED */
};

/* As account_add(), for somebody who asks from outside at `address`: ERR_REGISTRATION_CLOSED,
 * ERR_RATE_LIMITED, ERR_BUSY. From that place the name is known to sign in. ret_join is written in every
 * case.
 */
enum err_code account_register(struct store *store, const struct config *config, const struct user *user,
                               const char *password, const char *address, struct account_join *ret_join);

/* A new password; every login of the user ends. ERR_NOT_FOUND, ERR_NO_MEMORY, the store's errors. */
enum err_code account_set_password(struct store *store, int64_t user_id, const char *password);

struct account_attempt {
	const char *username, *password;
	const char *address; /* of the client */
};

struct account_login {
	struct user user;
	char token[CRYPTO_TOKEN_SIZE]; /* shown to the client once, stored only hashed */
	int64_t expires_at;            /* ms since the epoch */
	int64_t wait_ms;               /* with ERR_RATE_LIMITED */
};

/* Checks the password and makes a token. ERR_BAD_CREDENTIALS after the same work for a wrong password, an
 * unknown and a disabled user. Every attempt counts, right or wrong, and beyond config->rate_login of them a
 * minute it is ERR_RATE_LIMITED: from where the name is known to sign in (LIMIT_PLACE_MS), it has a count of
 * its own there, which no other name and no other address touches; from elsewhere it shares one with all that
 * its address tries, and one with all strangers who try this name. ERR_BUSY where too many wait for a
 * password to be computed, which counts as no attempt. Beyond LIMIT_SESSIONS of a user the one that was not
 * used for the longest ends. ret_login is written in every case; its token only with ERR_OK. */
enum err_code account_login(struct store *store, struct arena *arena, const struct config *config,
                            const struct account_attempt *attempt, struct account_login *ret_login);

/* The user of a token, which is looked up by its hash. ERR_UNAUTHORIZED for an unknown, expired or revoked
 * one. */
enum err_code
account_of_token(struct store *store, struct arena *arena, const char *token, struct user *ret_user);

/* Revokes the token at once. ERR_UNAUTHORIZED where it was no token of ours. */
enum err_code account_logout(struct store *store, const char *token);

#endif
