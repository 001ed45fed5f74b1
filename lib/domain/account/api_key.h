/* API keys: made and revoked. A key is worth what a login is, except that it can neither make
 * nor revoke keys, and that a new password leaves it alone. Functions make their own transactions on the
 * caller's store. */
#ifndef DOMAIN_ACCOUNT_API_KEY_H
#define DOMAIN_ACCOUNT_API_KEY_H

#include <stdint.h>

#include "base/crypto.h"
#include "base/err.h"
#include "model/key.h"
#include "model/user.h"

struct arena;
struct store;

enum {
	KEY_MOST = 50, /* of one user */
	KEY_TEXT_SIZE = CRYPTO_TOKEN_SIZE + 4
};

/* Makes a key of that name (and expires_at; 0 = never) for the user: ret_text is the key itself, "sk-…", to
 * be shown once; ret_key has its id and hint (in the arena). ERR_TOO_MANY_KEYS; the store's errors. */
enum err_code key_make(struct store *store, struct arena *arena, int64_t user_id, const struct key *wanted,
                       char ret_text[KEY_TEXT_SIZE], struct key *ret_key);

/* Revokes a key of the user (0 = of anybody) at once. ERR_NOT_FOUND. */
enum err_code key_revoke(struct store *store, int64_t user_id, int64_t id);

#endif
