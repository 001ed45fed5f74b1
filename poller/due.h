/* What is due: claimed in the database, then submitted, polled, looked up, called off or given up. */
#ifndef POLLER_DUE_H
#define POLLER_DUE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct arena;
struct domain_env;
struct followups;
struct poll_driver;
struct submitter;

enum { DUE_CLOCK_STEP_MS = 2000 /* less is what a time server corrects bit by bit */ };

struct due {
	const struct domain_env *env;
	struct arena *arena; /* of one pass */
	struct submitter *submitter;
	struct poll_driver *poll_driver;
	struct followups *followups;
};

/* Claims what has been due at `due_by` (ms since the epoch, not after now), as far as there are hands for it,
 * and starts what is to be done with it. Writes how many tasks were claimed. The store's errors; what was
 * claimed until then is left to its lease. */
enum err_code due_pass(const struct due *due, int64_t due_by, size_t *ret_claimed);

/* The clock stands otherwise than a while ago, or `back` of where it was. Where that is news to the database
 * too, what lasts for hours or days is moved with the clock; where it went back, what was due in what is now
 * the future is due at once, lest it wait for as long. Writes the step in ms, 0 where it is not known or
 * somebody else has done it. */
enum err_code due_clock_set(const struct due *due, bool back, int64_t *ret_step);

/* How many tasks are in our hands. */
size_t due_active(const struct due *due);

#endif
