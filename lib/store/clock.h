/* A clock that was set. As in store.h. */
#ifndef STORE_CLOCK_H
#define STORE_CLOCK_H

#include <stdint.h>

#include "base/err.h"

struct store;

/* The clock was set back, so that all times in the database lie further ahead than they were meant to: tasks,
 * deliveries and videos are due at `now`, tasks and deliveries under a lease at `lease` at the latest,
 * videos at `fetch_lease`, and no channel rests. */
enum err_code store_clock_back(struct store *store, int64_t now, int64_t lease, int64_t fetch_lease);

/* By how many ms the clock is ahead of where it was when store_clock_shift() looked at it last, since the
 * same start of the machine; negative where it is behind; 0 where nothing is known. What a time server
 * corrects is in it, too. */
enum err_code store_clock_step(struct store *store, int64_t *ret_step);

/* The clock was set by `step` ms (0 = it was not): moves by as much what has been measured with it and lasts
 * for hours or days, deadlines of open tasks, ends of logins, since when a video is kept or an endpoint
 * fails; and notes how the clock stands. In the transaction in which store_clock_step() has said so. */
enum err_code store_clock_shift(struct store *store, int64_t step);

#endif
