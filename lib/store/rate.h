/* Rate buckets. As in store.h. */
#ifndef STORE_RATE_H
#define STORE_RATE_H

#include <stdint.h>

#include "base/err.h"

struct store;

/* Takes one from the bucket `name`, which holds `per_minute` and refills evenly (the generic cell rate
 * algorithm, ITU-T I.371: one timestamp a bucket). ERR_RATE_LIMITED, and nothing taken, with the wait until
 * one is there again (0 with ERR_OK). `per_minute` 0 = no limit. */
enum err_code
store_rate_take(struct store *store, const char *name, int64_t per_minute, int64_t now, int64_t *ret_wait_ms);

/* Gives one back. */
enum err_code store_rate_refund(struct store *store, const char *name, int64_t per_minute);

/* Forgets at most `most` buckets that are full again at `now`, or of a time that can only come from a clock
 * that was set back. */
enum err_code store_rate_purge(struct store *store, int64_t now, int64_t most, int64_t *ret_count);

#endif
