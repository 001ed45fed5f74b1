/* The budgets of a user or a key, one a window. Belongs to the store's thread. Errors are the store's. */
#ifndef DOMAIN_MONEY_BUDGETS_H
#define DOMAIN_MONEY_BUDGETS_H

#include <stdint.h>

#include "base/err.h"
#include "base/window.h"
#include "store/budget.h"

struct arena;
struct store;

/* Reads them, in micro-units; -1 where there is none. `id` is the user's or the key's. */
enum err_code budgets_read(struct store *store, struct arena *arena, enum budget_subject subject, int64_t id,
                           int64_t ret_budgets[WINDOW__MAX]);

/* Writes them, inside the caller's transaction; -1 removes one. */
enum err_code budgets_write(struct store *store, enum budget_subject subject, int64_t id,
                            const int64_t budgets[WINDOW__MAX]);

#endif
