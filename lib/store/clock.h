/* Repairs times after the clock was set. Threads and errors as in store.h. */
#ifndef STORE_CLOCK_H
#define STORE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

enum { CLOCK_STEP_MS = 2000 /* less is what a time server corrects bit by bit */ };

struct store;

/* Repairs due times after the clock was set back, which puts all times in the database further ahead than
 * meant: tasks, deliveries and videos are due at `now` at the latest, under a lease at `lease` (videos:
 * `fetch_lease`) at the latest. All cooldowns end, and what waits in READY is due, unless store_clock_shift()
 * has moved them with the clock, here or in another process (`moved`). */
enum err_code
store_clock_back(struct store *store, int64_t now, int64_t lease, int64_t fetch_lease, bool moved);

/* Does so again for tasks under way alone: what was decided before the step may have been written after it.
 */
enum err_code store_clock_back_again(struct store *store, int64_t now, int64_t lease);

/* Returns by how many ms the clock is ahead of where store_clock_shift() saw it last, since the same start of
 * the machine; negative where it is behind; 0 where that is not known. Corrections by a time server count,
 * too. */
enum err_code store_clock_step(struct store *store, int64_t *ret_step);

/* The same, where it is more than a correction: by so much store_clock_shift() has yet to move the times. */
enum err_code store_clock_owed(struct store *store, int64_t *ret_step);

/* Reads the deadline of a task, by the clock as it is now: where that was set, and store_clock_shift() has
 * not moved the row with it yet, that counts. ERR_NOT_FOUND. */
enum err_code store_clock_deadline(struct store *store, int64_t task_id, int64_t *ret_deadline);

/* ret_known: whether store_clock_shift() has noted how the clock stands since the same start of the machine.
 */
enum err_code store_clock_known(struct store *store, bool *ret_known);

/* Moves all times that last for hours or days by `step` ms (0 = the clock was not set): deadlines of open
 * tasks, and when those in READY are due, ends of logins, the times since which videos are kept and endpoints
 * fail; and what is known of channels: their cooldowns, and when they took a task. Then notes how the clock
 * stands. Call it in the transaction in which store_clock_step() has returned the step. */
enum err_code store_clock_shift(struct store *store, int64_t step);

#endif
