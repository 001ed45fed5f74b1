/* Budgets: see budget.h. */
#include "store/budget.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "store/db.h"

static const char *const subjects[] = {
    [BUDGET_USER] = "user", [BUDGET_KEY] = "key", [BUDGET_ALL] = "all", [BUDGET_CHANNEL] = "channel"};

const char *
budget_subject_word(enum budget_subject subject)
{
	return subjects[subject];
}

enum err_code
store_payer(struct store *store, int64_t user_id, struct payer *ret_payer)
{
	struct query query = db_query(store, SQL_BUDGET_PAYER);
	db_int(&query, ":user_id", user_id);
	bool found = db_step(&query);
	struct payer payer = {.budgets = {-1, -1, -1, -1}};
	if (found) {
		payer.group_id = db_column_int(&query, 0);
		payer.multiplier_ppm = db_column_int(&query, 1);
		for (int i = WINDOW_DAY; i <= WINDOW_MONTH; i++)
			if (!db_column_null(&query, 2 + i))
				payer.budgets[i] = db_column_int(&query, 2 + i);
	}
	enum err_code err = db_end_found(&query, found);
	if (err == ERR_OK)
		*ret_payer = payer;
	return err;
}

static void
read_row(struct query *query, struct arena *arena, void *ret_row)
{
	struct budget_row row = {.who = db_column_copy(query, arena, 1),
	                         .amount = db_column_int(query, 3),
	                         .since = db_column_int(query, 4)};
	const char *subject = db_column_text(query, 0), *period = db_column_text(query, 2);
	if (subject == NULL || period == NULL)
		return;
	while (row.subject < BUDGET_SUBJECT__MAX && strcmp(subjects[row.subject], subject) != 0)
		row.subject++;
	while (row.window < WINDOW__MAX && strcmp(window_word(row.window), period) != 0)
		row.window++;
	*(struct budget_row *)ret_row = row;
}

enum err_code
store_budget_of(struct store *store, struct arena *arena, const struct budget_owner *owner,
                struct budget_row **ret_rows, size_t *ret_count)
{
	char user[BUDGET_WHO], key[BUDGET_WHO];
	struct query query = db_query(store, SQL_BUDGET_OF);
	snprintf(user, sizeof(user), "%" PRId64, owner->user_id);
	snprintf(key, sizeof(key), "%" PRId64, owner->api_key);
	db_text(&query, ":user", user);
	db_text(&query, ":key", key);
	db_text(&query, ":channel", owner->channel);
	return db_end_list(&query, arena, read_row, sizeof(**ret_rows), ret_rows, ret_count);
}

enum err_code
store_budget_list(struct store *store, struct arena *arena, enum budget_subject subject, const char *who,
                  struct budget_row **ret_rows, size_t *ret_count)
{
	struct query query = db_query(store, SQL_BUDGET_LIST + (who != NULL ? BUDGET_LIST_WHO : 0U));
	db_text(&query, ":subject", subjects[subject]);
	if (who != NULL)
		db_text(&query, ":who", who);
	return db_end_list(&query, arena, read_row, sizeof(**ret_rows), ret_rows, ret_count);
}

enum err_code
store_budget_used(struct store *store, enum budget_subject subject, const char *who,
                  const struct window *window, int64_t *ret_used)
{
	static const enum sql_query names[] = {[BUDGET_USER] = SQL_BUDGET_USED_USER,
	                                       [BUDGET_KEY] = SQL_BUDGET_USED_KEY,
	                                       [BUDGET_ALL] = SQL_BUDGET_USED_ALL,
	                                       [BUDGET_CHANNEL] = SQL_BUDGET_USED_CHANNEL};
	struct query query = db_query(store, names[subject]);
	if (subject != BUDGET_ALL)
		db_text(&query, ":who", who);
	db_int(&query, ":first", window->first_day);
	db_int(&query, ":last", window->last_day);
	return db_end_number(&query, 0, ret_used);
}

enum err_code
store_budget_charged(struct store *store, const struct budget_row *row, const struct window *window,
                     bool *ret_charged)
{
	struct query query = db_query(store, SQL_BUDGET_CHARGED);
	db_text(&query, ":subject", subjects[row->subject]);
	db_text(&query, ":who", row->who);
	db_int(&query, ":since", row->since);
	db_int(&query, ":first", window->first_day);
	db_int(&query, ":last", window->last_day);
	bool charged = db_step(&query);
	enum err_code err = db_end(&query);
	if (err == ERR_OK)
		*ret_charged = charged;
	return err;
}

enum err_code
store_budget_set(struct store *store, const struct budget_row *row)
{
	struct query query = db_query(store, row->amount >= 0 ? SQL_BUDGET_SET : SQL_BUDGET_CLEAR);
	db_text(&query, ":subject", subjects[row->subject]);
	db_text(&query, ":who", row->who);
	db_text(&query, ":period", window_word(row->window));
	if (row->amount >= 0)
		db_int(&query, ":amount", row->amount);
	return db_run(&query);
}
