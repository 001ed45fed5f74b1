/* Injected failures, for tests: the only hook of its kind, in the one place that all statements pass. */
#ifndef STORE_FAULT_H
#define STORE_FAULT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct store;

/* Lets the n-th step from now on (of any statement, BEGIN and COMMIT among them) fail with `err` in place of
 * being made. 0 = no step fails. */
void store_fault_set(struct store *store, int64_t nth, enum err_code err);

/* True where the injected failure has not come yet. */
bool store_fault_pending(const struct store *store);

/* For the store itself: counts a step; true where it is the one that is to fail. */
bool store_fault_due(struct store *store);

#endif
