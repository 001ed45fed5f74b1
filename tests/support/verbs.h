/* Every verb of the store, as a table: for tests of what must hold for all of them. */
#ifndef SUPPORT_VERBS_H
#define SUPPORT_VERBS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "support/stores.h"

/* The rows that the verbs work on, in a database that is made anew for each. */
struct ground {
	struct stores *s;
	int64_t ready, running, failed, sending, retried, completed, key, webhook, delivery;
};

struct verb {
	const char *name;
	enum err_code (*fn)(struct ground *ground);
	bool writes; /* then it wants a transaction */
};

extern const struct verb verbs[];
extern const size_t verb_count;

/* A new ground. Free its stores. */
struct ground verbs_ground(void);

#endif
