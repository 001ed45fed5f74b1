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

static void
read_day(struct query *query, struct arena *arena, void *ret_day)
{
	(void)arena;
	*(struct budget_day *)ret_day =
	    (struct budget_day){.day = db_column_int(query, 0), .amount = db_column_int(query, 1)};
}

enum err_code
store_budget_days(struct store *store, struct arena *arena, enum budget_subject subject, const char *who,
                  struct budget_day **ret_days, size_t *ret_count)
{
	static const enum sql_query names[] = {[BUDGET_USER] = SQL_BUDGET_DAYS_USER,
	                                       [BUDGET_KEY] = SQL_BUDGET_DAYS_KEY,
	                                       [BUDGET_ALL] = SQL_BUDGET_DAYS_ALL,
	                                       [BUDGET_CHANNEL] = SQL_BUDGET_DAYS_CHANNEL};
	struct query query = db_query(store, names[subject]);
	if (subject != BUDGET_ALL)
		db_text(&query, ":who", who);
	return db_end_list(&query, arena, read_day, sizeof(**ret_days), ret_days, ret_count);
}

static void
bind_span(struct query *query, const struct budget_row *row, const struct window *window)
{
	if (row->subject != BUDGET_USER)
		db_text(query, ":subject", subjects[row->subject]);
	db_text(query, ":who", row->who);
	db_int(query, ":first", window->first_day);
	db_int(query, ":last", window->last_day);
}

enum err_code
store_budget_kept(struct store *store, const struct budget_row *row, const struct window *window, bool sunday,
                  int64_t *ret_used)
{
	bool user = row->subject == BUDGET_USER;
	struct query query = db_query(store, SQL_BUDGET_LAST + (user ? BUDGET_LAST_USER : 0U));
	bind_span(&query, row, window);
	db_int(&query, ":since", row->since);
	db_int(&query, ":group_id", row->group_id);
	db_natural(&query, ":sunday", row->window == WINDOW_WEEK ? sunday : -1);
	int64_t last = db_step(&query) ? db_column_int(&query, 0) : 0, used = 0;
	enum err_code err = db_end(&query);
	if (err == ERR_OK && last > 0) {
		query = db_query(store, SQL_BUDGET_UNTIL + (user ? BUDGET_UNTIL_USER : 0U));
		bind_span(&query, row, window);
		db_int(&query, ":id", last);
		err = db_end_number(&query, 0, &used);
	}
	if (err == ERR_OK)
		*ret_used = used;
	return err;
}

static void
read_group_row(struct query *query, struct arena *arena, void *ret_row)
{
	read_row(query, arena, ret_row);
	((struct budget_row *)ret_row)->group_id = db_column_int(query, 5);
}

enum err_code
store_budget_of_groups(struct store *store, struct arena *arena, struct budget_row **ret_rows,
                       size_t *ret_count)
{
	struct query query = db_query(store, SQL_BUDGET_OF_GROUPS);
	return db_end_list(&query, arena, read_group_row, sizeof(**ret_rows), ret_rows, ret_count);
}

/* Notes that a budget of the user's own is gone: its group's counts from now on. */
static enum err_code
note_left(struct store *store, const char *who)
{
	struct query query = db_query(store, SQL_BUDGET_LEFT);
	db_text(&query, ":who", who);
	return db_run(&query);
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
	enum err_code err = db_run(&query);
	bool left = err == ERR_OK && row->amount < 0 && row->subject == BUDGET_USER;
	return left ? note_left(store, row->who) : err;
}
