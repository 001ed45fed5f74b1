/* Places: the address blocks that users sign in from. Threads and errors as in store.h. */
#ifndef STORE_PLACE_H
#define STORE_PLACE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct store;

/* True where the user has signed in from the block at `since` or later. */
enum err_code
store_place_known(struct store *store, int64_t user_id, const char *block, int64_t since, bool *ret_known);

/* Notes that the user has signed in from the block at `now`; of the others the `most` last seen are kept.
 * ERR_NOT_FOUND where there is no such user. */
enum err_code
store_place_note(struct store *store, int64_t user_id, const char *block, int64_t now, int64_t most);

#endif
