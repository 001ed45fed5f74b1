/* Codes and their redemptions. Threads and errors as in store.h; rules in domain/money/code.h. */
#ifndef STORE_CODE_H
#define STORE_CODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/crypto.h"
#include "base/err.h"
#include "model/code.h"

struct arena;
struct store;

/* Adds a code with this hash. ERR_CONFLICT where there is one. */
enum err_code
store_code_add(struct store *store, const struct code *code, const uint8_t hash[CRYPTO_HASH_SIZE]);

/* Finds the code with this hash. ERR_NOT_FOUND. */
enum err_code store_code_by_hash(struct store *store, struct arena *arena,
                                 const uint8_t hash[CRYPTO_HASH_SIZE], struct code *ret_code);

/* True where the user has used the code. */
enum err_code store_code_redeemed(struct store *store, int64_t id, int64_t user_id, bool *ret_redeemed);

/* Counts a use by this user. ERR_CONFLICT where none is left, or it is disabled, or the user has used it:
 * call it then only where the transaction is given up. */
enum err_code store_code_use(struct store *store, int64_t id, int64_t user_id, int64_t now);

struct code_page {
	struct code *codes;
	size_t count;
};

/* Lists the codes of a batch with ids above `after`, `most` at most: an array in the arena. */
enum err_code store_code_list(struct store *store, struct arena *arena, const char *batch, int64_t after,
                              int64_t most, struct code_page *ret_page);

/* Lists all batches, the latest first: an array in the arena. */
enum err_code store_code_batches(struct store *store, struct arena *arena, struct code_batch **ret_batches,
                                 size_t *ret_count);

/* Disables a batch, or enables it. ERR_NOT_FOUND. */
enum err_code store_code_disable(struct store *store, const char *batch, bool disabled);

#endif
