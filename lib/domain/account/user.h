/* Users, passwords and tokens. Functions make their own transactions on the caller's store, which must not be
 * in one; those with a password block for as long as argon2id takes (base/turns.h). */
#ifndef DOMAIN_ACCOUNT_USER_H
#define DOMAIN_ACCOUNT_USER_H

#include <stdint.h>

#include "base/crypto.h"
#include "base/err.h"
#include "model/user.h"

struct arena;
struct config;
struct store;

/* Adds a user with the name (checked by name_fault() before), email and role of `user`. ERR_USERNAME_TAKEN,
 * also for a name that looks like another (name_shape()); ERR_NO_MEMORY; the store's errors. Strings of
 * ret_user are the caller's. */
enum err_code
account_add(struct store *store, const struct user *user, const char *password, struct user *ret_user);

struct account_join {
	struct user user; /* strings are the caller's */
	int64_t wait_ms;  /* with ERR_RATE_LIMITED */
};

/* What a client registers with. */
struct account_entry {
	const char *password;
	const char *address; /* of the client, from where the name is then known to sign in */
	const char *code;    /* of an invitation (`registration` = invite wants one); NULL = none */
};

/* As account_add(), for a client; the user gets what the invitation gives, its group and its credit, and
 * `signup_credit`, in the same transaction. Also ERR_REGISTRATION_CLOSED, ERR_INVITE_REQUIRED,
 * ERR_INVITE_INVALID (unknown, expired, disabled, used up), ERR_RATE_LIMITED, ERR_BUSY. ret_join is written
 * in every case. */
enum err_code account_register(struct store *store, const struct config *config, const struct user *user,
                               const struct account_entry *entry, struct account_join *ret_join);

/* Sets a new password and ends every session of the user. ERR_NOT_FOUND, ERR_NO_MEMORY, the store's errors.
 */
enum err_code account_set_password(struct store *store, int64_t user_id, const char *password);

struct account_attempt {
	const char *username, *password;
	const char *address; /* of the client */
};

struct account_login {
	struct user user;
	char token[CRYPTO_TOKEN_SIZE]; /* secret; shown to the client once, stored as a hash only */
	int64_t expires_at;            /* ms since the epoch */
	int64_t wait_ms;               /* with ERR_RATE_LIMITED */
};

/* Checks the password and makes a token. ERR_BAD_CREDENTIALS, after the same work, for a wrong password, an
 * unknown and a disabled user. ERR_RATE_LIMITED beyond config->rate_login attempts a minute, right or wrong:
 * from where the name is known to sign in (within LIMIT_PLACE_MS), it has a count of its own, which no other
 * name or address touches; from elsewhere the attempts of the address count together, and so do those for the
 * name. ERR_BUSY where too many passwords wait to be computed; that counts as no attempt. Beyond
 * LIMIT_SESSIONS of a user the session unused for longest ends. ret_login is written in every case; its token
 * only with ERR_OK. */
enum err_code account_login(struct store *store, struct arena *arena, const struct config *config,
                            const struct account_attempt *attempt, struct account_login *ret_login);

/* Finds the user of a token, by its hash. ERR_UNAUTHORIZED for an unknown, expired, revoked or disabled one.
 * An administrator is one by login, or by a key of that scope. */
enum err_code
account_of_token(struct store *store, struct arena *arena, const char *token, struct user *ret_user);

/* The same by the hash of the token. */
enum err_code account_of_hash(struct store *store, struct arena *arena, const uint8_t hash[CRYPTO_HASH_SIZE],
                              struct user *ret_user);

/* Revokes the token at once. ERR_UNAUTHORIZED where it was not valid. */
enum err_code account_logout(struct store *store, const char *token);

#endif
