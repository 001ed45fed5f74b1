/* The check of the accounts: see ledger.h. */
#include "store/ledger.h"

#include "store/db.h"

/* Appends the rows of one rule. */
static enum err_code
check_rule(struct store *store, struct arena *arena, enum sql_query rule, int64_t most, struct db_list *list)
{
	struct query query = db_query(store, rule);
	struct ledger_fault *fault;
	db_int(&query, ":most", most);
	while ((fault = db_next(&query, arena, list, sizeof(*fault))) != NULL) {
		fault->rule = db_column_copy(&query, arena, 0);
		fault->what = db_column_copy(&query, arena, 1);
	}
	return db_end(&query);
}

enum err_code
store_ledger_check(struct store *store, struct arena *arena, int64_t most, struct ledger_fault **ret_faults,
                   size_t *ret_count)
{
	static const enum sql_query rules[] = {
	    SQL_LEDGER_BALANCES, SQL_LEDGER_STRANGERS, SQL_LEDGER_RUNNING, SQL_LEDGER_LIMITS,
	    SQL_LEDGER_CHARGES,  SQL_LEDGER_HELD,      SQL_LEDGER_TASKS,   SQL_LEDGER_OPEN,
	    SQL_LEDGER_SPENT,    SQL_LEDGER_USED,      SQL_LEDGER_TALLY,   SQL_LEDGER_CODES,
	};
	struct db_list list = {0};
	enum err_code err = ERR_OK;
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]) && err == ERR_OK; i++)
		err = check_rule(store, arena, rules[i], most, &list);
	if (err == ERR_OK) {
		*ret_faults = list.items;
		*ret_count = list.count;
	}
	return err;
}
