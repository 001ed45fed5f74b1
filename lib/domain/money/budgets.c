/* The budgets of a user or a key: see budgets.h. */
#include "domain/money/budgets.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>

enum err_code
budgets_read(struct store *store, struct arena *arena, enum budget_subject subject, int64_t id,
             int64_t ret_budgets[WINDOW__MAX])
{
	char who[BUDGET_WHO];
	struct budget_row *rows = NULL;
	size_t count = 0;
	snprintf(who, sizeof(who), "%" PRId64, id);
	for (int i = 0; i < WINDOW__MAX; i++)
		ret_budgets[i] = -1;
	enum err_code err = store_budget_list(store, arena, subject, who, &rows, &count);
	for (size_t i = 0; err == ERR_OK && i < count; i++)
		ret_budgets[rows[i].window] = rows[i].amount;
	return err;
}

enum err_code
budgets_write(struct store *store, enum budget_subject subject, int64_t id,
              const int64_t budgets[WINDOW__MAX])
{
	char who[BUDGET_WHO];
	enum err_code err = ERR_OK;
	snprintf(who, sizeof(who), "%" PRId64, id);
	for (int i = 0; i < WINDOW__MAX && err == ERR_OK; i++) {
		const struct budget_row row = {subject, who, (enum window_kind)i, budgets[i]};
		err = store_budget_set(store, &row);
	}
	return err;
}
