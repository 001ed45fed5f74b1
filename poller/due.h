/* What is due: claimed in the database, then submitted, polled, looked up, called off or given up. */
#ifndef POLLER_DUE_H
#define POLLER_DUE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct arena;
struct domain_env;
struct errands;
struct refresher;
struct submitter;

struct due {
	const struct domain_env *env;
	struct arena *arena; /* of one pass */
	struct submitter *submitter;
	struct refresher *refresher;
	struct errands *errands;
};

/* Claims what has been due at `due_by` (ms since the epoch, not after now), as far as there are hands for it,
 * and starts what is to be done with it. Writes how many tasks were claimed. The store's errors; what was
 * claimed until then is left to its lease. */
enum err_code due_pass(const struct due *due, int64_t due_by, size_t *ret_claimed);

/* The clock was set back: what was due in what is now the future is due at once, lest it wait for hours. */
enum err_code due_clock_back(const struct due *due);

/* How many tasks are in our hands. */
size_t due_active(const struct due *due);

#endif
