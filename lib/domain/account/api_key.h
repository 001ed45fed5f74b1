/* API keys: made and revoked. A key may do what a login may, within its own limits, but cannot make, change
 * or revoke keys, and survives a change of the password. Functions make their own transactions on the
 * caller's store. */
#ifndef DOMAIN_ACCOUNT_API_KEY_H
#define DOMAIN_ACCOUNT_API_KEY_H

#include <stdint.h>

#include "base/crypto.h"
#include "base/err.h"
#include "model/key.h"

struct arena;
struct store;

enum {
	KEY_MOST = 50, /* of one user */
	KEY_TEXT_SIZE = CRYPTO_TOKEN_SIZE + 4
};

/* Makes, inside the caller's transaction, a key for the user with the name, expires_at (0 = never), limits
 * and scope of `wanted`: ret_text gets the key itself, "sk-…", to be shown once, ret_key its id and its hint
 * (in the arena). ERR_TOO_MANY_KEYS; the store's errors. */
enum err_code key_add(struct store *store, struct arena *arena, int64_t user_id, const struct key *wanted,
                      char ret_text[KEY_TEXT_SIZE], struct key *ret_key);

/* Begins a change of a key of the user (0 = of any user): the caller changes ret_key and ends with
 * key_end_change(), also after an error. ERR_NOT_FOUND; ERR_KEY_EXPIRED, as its token may be gone; the
 * store's errors. */
enum err_code
key_begin_change(struct store *store, struct arena *arena, int64_t user_id, int64_t id, struct key *ret_key);

/* Ends it: where `err` is ERR_OK the key is written, else nothing, and `err` is returned. A key that is
 * disabled is refused at once, and the endpoints that it has written are disabled. The store's errors. */
enum err_code key_end_change(struct store *store, enum err_code err, const struct key *key);

/* Revokes a key of the user (0 = of any user) at once. ERR_NOT_FOUND; the store's errors. */
enum err_code key_revoke(struct store *store, int64_t user_id, int64_t id);

#endif
