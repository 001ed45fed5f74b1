/* API keys. Threads and errors as in store.h. */
#ifndef STORE_KEY_H
#define STORE_KEY_H

#include <stddef.h>
#include <stdint.h>

#include "base/crypto.h"
#include "base/err.h"
#include "model/key.h"

struct arena;
struct store;

/* Adds an API key of the user by its hash (id and last use ignored) and writes its id. ERR_NOT_FOUND where
 * there is no such user. */
enum err_code store_key_add(struct store *store, int64_t user_id, const struct key *key,
                            const uint8_t hash[CRYPTO_HASH_SIZE], int64_t *ret_id);

/* Lists the keys of a user, the newest first: an array in the arena. */
enum err_code store_key_list(struct store *store, struct arena *arena, int64_t user_id, struct key **ret_keys,
                             size_t *ret_count);

/* Revokes a key of the user (0 = of any), and disables the endpoints that it has written. ERR_NOT_FOUND. */
enum err_code store_key_remove(struct store *store, int64_t user_id, int64_t id);

/* Notes that a key was used at `now`. */
enum err_code store_key_used(struct store *store, int64_t id, int64_t now);

/* Finds a key of the user (0 = of any). ERR_NOT_FOUND. */
enum err_code
store_key_get(struct store *store, struct arena *arena, int64_t user_id, int64_t id, struct key *ret_key);

/* Replaces all of the key with that id that may change: name, expiry, limits, scope, and whether it is
 * disabled; then the endpoints that it has written are, too. ERR_NOT_FOUND. */
enum err_code store_key_set(struct store *store, const struct key *key);

/* Counts the open tasks that were made with the key, up to `most`; costs a look for each. */
enum err_code store_key_open(struct store *store, int64_t id, int64_t most, int64_t *ret_count);

#endif
