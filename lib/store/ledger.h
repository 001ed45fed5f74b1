/* What must always be true of the accounts (contract, section 4), checked row by row. Threads and errors as
 * in store.h. */
#ifndef STORE_LEDGER_H
#define STORE_LEDGER_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct arena;
struct store;

/* One thing that is not as it must be. */
struct ledger_fault {
	const char *rule; /* "balance", "charge", "held", "task", "spend_day", … */
	const char *what; /* one line for an operator */
};

/* Finds what is not as it must be, `most` of each rule at most: an array in the arena; none where all is
 * well. Goes through all charges and transfers. Call it in a snapshot, so that it sees one state of the
 * database. */
enum err_code store_ledger_check(struct store *store, struct arena *arena, int64_t most,
                                 struct ledger_fault **ret_faults, size_t *ret_count);

#endif
