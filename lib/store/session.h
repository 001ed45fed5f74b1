/* Sessions: the tokens of logins. Threads and errors as in store.h. */
#ifndef STORE_SESSION_H
#define STORE_SESSION_H

#include <stddef.h>
#include <stdint.h>

#include "base/crypto.h"
#include "base/err.h"
#include "model/session.h"

struct arena;
struct store;

/* Lists the sessions of a user that are good at `now`, the last used first: an array in the arena. */
enum err_code store_session_list(struct store *store, struct arena *arena, int64_t user_id, int64_t now,
                                 struct session **ret_sessions, size_t *ret_count);

/* Ends the sessions of a user but the one with the hash `keep` and the `most` others that were used last. */
enum err_code
store_session_trim(struct store *store, int64_t user_id, const uint8_t keep[CRYPTO_HASH_SIZE], int64_t most);

/* Ends the sessions of a user but the one with the hash `keep` (NULL = all), and counts them. */
enum err_code
store_session_end_others(struct store *store, int64_t user_id, const uint8_t *keep, int64_t *ret_count);

/* Notes that the session was used at `now`; nothing happens where there is none. */
enum err_code store_session_used(struct store *store, const uint8_t hash[CRYPTO_HASH_SIZE], int64_t now);

#endif
