/* Rate buckets. Threads and errors as in store.h. */
#ifndef STORE_RATE_H
#define STORE_RATE_H

#include <stdint.h>

#include "base/err.h"

struct store;

/* Takes one from the bucket `name`, which holds `per_minute` and refills evenly (the generic cell rate
 * algorithm, ITU-T I.371: one timestamp a bucket). `per_minute` 0 = no limit. ERR_RATE_LIMITED, and
 * nothing taken: `ret_wait_ms` is the time until one is there again (0 with ERR_OK). */
enum err_code
store_rate_take(struct store *store, const char *name, int64_t per_minute, int64_t now, int64_t *ret_wait_ms);

/* Takes `count`, which is at least 1 and at most per_minute, or nothing. */
enum err_code store_rate_take_several(struct store *store, const char *name, int64_t per_minute,
                                      int64_t count, int64_t now, int64_t *ret_wait_ms);

/* Says what taking `count` would, and takes none. */
enum err_code store_rate_check(struct store *store, const char *name, int64_t per_minute, int64_t count,
                               int64_t now, int64_t *ret_wait_ms);

/* Counts the buckets with names from `least` to before `end` that are not full at `now`; at most `most`. */
enum err_code store_rate_count(struct store *store, const char *least, const char *end, int64_t now,
                               int64_t most, int64_t *ret_count);

/* Refunds one. */
enum err_code store_rate_refund(struct store *store, const char *name, int64_t per_minute);

/* Removes at most `most` buckets that are full again at `now`, or have a time that is only possible after the
 * clock was set back. */
enum err_code store_rate_purge(struct store *store, int64_t now, int64_t most, int64_t *ret_count);

#endif
