/* Tokens, of logins and of API keys. Threads and errors as in store.h. */
#ifndef STORE_TOKEN_H
#define STORE_TOKEN_H

#include <stdint.h>

#include "base/crypto.h"
#include "base/err.h"

struct store;

/* Adds a login's token by its hash. `block`: the address block of the login; NULL = not known. ERR_NOT_FOUND
 * where there is no such user. */
enum err_code store_token_add(struct store *store, const uint8_t hash[CRYPTO_HASH_SIZE], int64_t user_id,
                              const char *block, int64_t now, int64_t expires_at);

/* Revokes the token of a login. ERR_NOT_FOUND where there was none. */
enum err_code store_token_revoke(struct store *store, const uint8_t hash[CRYPTO_HASH_SIZE]);

/* Disables the endpoints of expired keys, and removes at most `most` expired tokens, full rate buckets, and
 * places without a sign-in for long. */
enum err_code store_purge(struct store *store, int64_t now, int64_t most, int64_t *ret_count);

#endif
