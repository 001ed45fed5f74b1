/* Charges of tasks' attempts, and the sums by day that follow from them. Threads and errors as in store.h. A
 * verb that writes a charge makes its transfers, and keeps the sums, in the same transaction. After an error
 * nothing of the transaction may be kept: a balance that a CHECK refuses is ERR_INTERNAL. */
#ifndef STORE_CHARGE_H
#define STORE_CHARGE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "model/charge.h"

struct arena;
struct store;

/* Adds a charge that is held, and reserves its amount (ret_id; the charge's own id, state and end are
 * ignored). ERR_CONFLICT where the attempt has one. */
enum err_code store_charge_add(struct store *store, const struct charge *charge, int64_t *ret_id);

/* Finds the charge of an attempt. ERR_NOT_FOUND: one look into an index. */
enum err_code store_charge_get(struct store *store, struct arena *arena, int64_t task_id, int64_t attempt,
                               struct charge *ret_charge);

/* Finds a charge by its number. ERR_NOT_FOUND. */
enum err_code
store_charge_by_id(struct store *store, struct arena *arena, int64_t id, struct charge *ret_charge);

/* Ends a charge: settles what is charged, releases the rest. ERR_CONFLICT, and nothing written, where it is
 * not held any more. */
enum err_code
store_charge_end(struct store *store, const struct charge *charge, const struct charge_end *end);

/* Notes that the video of a charge that was released has come, for nothing. Of `end` the cost is used.
 * ERR_CONFLICT where it is not released. */
enum err_code
store_charge_waive(struct store *store, const struct charge *charge, const struct charge_end *end);

/* Has a charge linger until then, and be settled or released after it; `until` 0 = no longer. Nothing happens
 * where it is not held. Where the clock was set, and the times have not been moved with it yet, it is written
 * as the others stand, and moves with them. */
enum err_code store_charge_linger(struct store *store, int64_t id, int64_t until, bool settles);

/* Lists charges that linger no longer than to `now`, `most` at most: an array in the arena. */
enum err_code store_charge_lapsed(struct store *store, struct arena *arena, int64_t now, int64_t most,
                                  struct charge **ret_charges, size_t *ret_count);

/* Notes that the attempt goes to another channel. Nothing happens where it has no charge that is held. */
enum err_code store_charge_move(struct store *store, int64_t task_id, int64_t attempt, const char *channel);

/* Gives `amount` of a settled charge back, once. ERR_CONFLICT where it is not settled, was refunded, or is
 * less. */
enum err_code store_charge_refund(struct store *store, const struct charge *charge, int64_t amount,
                                  const char *note, const char *actor, int64_t now);

/* How many charges stand so. */
struct charge_kind {
	const char *state;  /* "held", "settled", "released" */
	const char *reason; /* as in struct charge; of those that are held "open", or "lingers" */
	int64_t count;
};

/* Counts charges by state and reason: an array in the arena. Costs a look at each that is held. */
enum err_code store_charge_kinds(struct store *store, struct arena *arena, struct charge_kind **ret_kinds,
                                 size_t *ret_count);

#endif
