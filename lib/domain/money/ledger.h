/* The check of the accounts: what must always be true of them (store/ledger.h), and of the budgets. Belongs
 * to the thread of the environment's store. */
#ifndef DOMAIN_MONEY_LEDGER_H
#define DOMAIN_MONEY_LEDGER_H

#include <stddef.h>

#include "base/err.h"
#include "store/ledger.h"

struct arena;
struct domain_env;

/* Finds what is not as it must be, `most` of each rule at most: an array in the arena; none where all is
 * well. No budget, a group's for its users included, was used beyond its amount in any window of which sums
 * are kept, but where it was set later than what counts there. The environment needs the store alone. All is
 * of one state of the database. */
enum err_code ledger_check(const struct domain_env *env, struct arena *arena, int64_t most,
                           struct ledger_fault **ret_faults, size_t *ret_count);

#endif
