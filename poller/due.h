/* Claims the tasks that are due, and submits, finds, cancels or gives up each; polls those of the shares that
 * the process holds (domain/task/shares.h). Belongs to the loop's thread. */
#ifndef POLLER_DUE_H
#define POLLER_DUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct arena;
struct domain_env;
struct followups;
struct shares;
struct submitter;

struct due {
	const struct domain_env *env;
	struct arena *arena; /* of one pass */
	struct submitter *submitter;
	struct shares *shares; /* of the polled tasks */
	struct followups *followups;
};

/* Claims what has been due at `due_by` (ms since the epoch, not after now), as far as there are slots, and
 * starts all of it; writes the number of tasks claimed. Polls go on by themselves as they become due, where
 * `on` is true, else those that are due at `due_by`. Blocks on the database only. The store's errors; what
 * was claimed until then is left to its lease. */
enum err_code due_pass(const struct due *due, int64_t due_by, bool on, size_t *ret_claimed);

/* Call when the wall clock was set, `back`: to before a time that a poller has seen. Where the database does
 * not know of the step yet, moves the times that lie hours or days ahead with the clock; where the clock went
 * back, makes due at once what would be due later than it was. Writes the step in ms; 0 where it is not
 * known, or another process has done this. The store's errors. */
enum err_code due_clock_set(const struct due *due, bool back, int64_t *ret_step);

/* Call some time after the clock was set back: a poll that was decided before, and written after, would be
 * due only when the clock is there again. The store's errors. */
enum err_code due_clock_set_again(const struct due *due);

/* Counts the tasks under way in this process. */
size_t due_active(const struct due *due);

/* True where polls are under way, or to be made that are due at `due_by`. */
bool due_polls(const struct due *due, int64_t due_by);

#endif
