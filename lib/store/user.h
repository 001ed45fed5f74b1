/* Users. Threads and errors as in store.h. */
#ifndef STORE_USER_H
#define STORE_USER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/crypto.h"
#include "base/err.h"
#include "model/user.h"

struct arena;
struct store;

/* Adds a user (id is ignored) and writes its id. ERR_USERNAME_TAKEN; names differ by more than ASCII case,
 * and by their shapes. */
enum err_code store_user_add(struct store *store, const struct user *user, int64_t *ret_id);

/* Notes the address block that the account was registered from (netblock_known()). ERR_NOT_FOUND. */
enum err_code store_user_set_block(struct store *store, int64_t user_id, const char *block);

/* Finds the user of that name, with its password hash. ERR_NOT_FOUND. */
enum err_code
store_user_by_name(struct store *store, struct arena *arena, const char *username, struct user *ret_user);

/* Finds the user of that id, disabled or not, without password hash. ERR_NOT_FOUND. */
enum err_code
store_user_by_id(struct store *store, struct arena *arena, int64_t user_id, struct user *ret_user);

/* Finds the enabled user of the token with this hash that is good at `now`; without password hash.
 * ERR_NOT_FOUND. */
enum err_code store_user_by_token(struct store *store, struct arena *arena,
                                  const uint8_t hash[CRYPTO_HASH_SIZE], int64_t now, struct user *ret_user);

/* True where there is such a user, and it is enabled. */
enum err_code store_user_enabled(struct store *store, int64_t user_id, bool *ret_enabled);

/* Lists all users by name, without password hashes: an array in the arena. */
enum err_code
store_user_list(struct store *store, struct arena *arena, struct user **ret_users, size_t *ret_count);

/* Replaces the password hash and ends all logins of the user but that of the token with the hash `keep` (NULL
 * = all). ERR_NOT_FOUND. */
enum err_code
store_user_set_password(struct store *store, int64_t user_id, const char *password_hash, const uint8_t *keep);

/* Disables or enables the user; disabling ends all logins. Keys of a disabled user are refused, too.
 * ERR_NOT_FOUND. */
enum err_code store_user_disable(struct store *store, int64_t user_id, bool disabled);

/* What the operator sets for a user. */
struct user_settings {
	int64_t group_id; /* 0 = none */
	int64_t
	    max_open; /* open tasks, at most; 0 = any number, -1 = as the group says, or the configuration */
	int64_t rate; /* creations a minute; the same */
	const char *note; /* the operator's own; "" = none */
};

/* Reads them; strings in the arena. ERR_NOT_FOUND. */
enum err_code store_user_settings(struct store *store, struct arena *arena, int64_t user_id,
                                  struct user_settings *ret_settings);

/* Replaces them. ERR_NOT_FOUND. */
enum err_code store_user_set(struct store *store, int64_t user_id, const struct user_settings *settings);

/* What limits a user, by its own settings or else its group's, and one of its keys. Strings in the arena. */
struct user_limits {
	int64_t max_open, rate;         /* 0 = any number, -1 = as the configuration says */
	const char *models;             /* of the group: patterns (base/glob.h); "" = all */
	int64_t key_max_open, key_rate; /* 0 = as many as the user */
	const char *key_models;         /* "" = all */
};

/* Reads them; a key that there is not limits nothing. ERR_NOT_FOUND where there is no such user. */
enum err_code store_user_limits(struct store *store, struct arena *arena, int64_t user_id, int64_t key_id,
                                struct user_limits *ret_limits);

/* Counts the user's open tasks, up to `most`; costs a look for each. */
enum err_code store_user_open(struct store *store, int64_t user_id, int64_t most, int64_t *ret_count);

#endif
