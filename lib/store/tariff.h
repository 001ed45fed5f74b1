/* Tariffs. Threads and errors as in store.h; rules in domain/money/tariff.h. */
#ifndef STORE_TARIFF_H
#define STORE_TARIFF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "model/tariff.h"

struct arena;
struct charge;
struct store;

/* Some tariffs. */
struct tariffs {
	struct tariff *items;
	size_t count;
};

/* Lists what is valid at `at`, which is now, for the model ("" = none is named), by name or by its beginning:
 * prices, or the costs of a channel (`channel` "" = prices). An array in the arena, in no order, of what a
 * video is priced by; nothing else is read. What counts at once, or was ended at once, goes by the order in
 * which that happened, wherever the clock stands since. */
enum err_code store_tariff_valid(struct store *store, struct arena *arena, const char *channel,
                                 const char *model, int64_t at, struct tariffs *ret_tariffs);

/* The same of what was valid when the charge was made. */
enum err_code store_tariff_then(struct store *store, struct arena *arena, const char *channel,
                                const struct charge *charge, struct tariffs *ret_tariffs);

/* Lists the prices, or the costs of all channels, that are valid at `at` or later; `at` 0 = all that there
 * have ever been. An array in the arena, by channel, model and the rest. */
enum err_code store_tariff_list(struct store *store, struct arena *arena, bool costs, int64_t at,
                                struct tariffs *ret_tariffs);

/* Finds a tariff. ERR_NOT_FOUND. */
enum err_code
store_tariff_get(struct store *store, struct arena *arena, int64_t id, struct tariff *ret_tariff);

/* Adds a tariff from valid_from on (0 = `created_at`, or just after the last of its kind where that is
 * later): the one of its kind that is valid then ends, and it ends where the next begins. valid_until is
 * ignored. ERR_CONFLICT where one of its kind begins at the same time. */
enum err_code store_tariff_add(struct store *store, const struct tariff *tariff, int64_t *ret_id);

/* Ends a tariff now; one that is not valid yet never is, and the one before it goes on in its place.
 * ERR_NOT_FOUND where there is none, or it has ended. */
enum err_code store_tariff_end(struct store *store, struct arena *arena, int64_t id, int64_t now);

#endif
