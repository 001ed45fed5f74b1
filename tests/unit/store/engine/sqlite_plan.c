/* The query plan of every statement: none goes through a whole table of tasks, users or tokens. */

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "store/db.h"
#include "store/engine/sqlite.h"
#include "store/row.h"
#include "store/sql_text.h"
#include "support/stores.h"
#include "support/test.h"

static int
setup(void **state)
{
	*state = stores_new();
	return 0;
}

static int
teardown(void **state)
{
	stores_free(*state);
	return 0;
}

/* For the operator, all rows wanted. */
static const enum sql_query whole_table[] = {SQL_USER_LIST, SQL_GROUP_LIST, SQL_DATABASE_COUNTS_MATCH,
                                             SQL_DATABASE_COUNTS_FILL};

static sqlite3 *
sqlite_of(struct store *store)
{
	struct sqlite *sqlite = store->db;
	return sqlite->db;
}

/* One column of what `how` says about the statement as one text, a line for each step. */
static void
explain_by(struct store *store, const char *how, int column, int name, struct buf *plan)
{
	struct buf sql, room;
	sqlite3_stmt *stmt = NULL;
	buf_init(&sql, 65536);
	buf_init(&room, 65536);
	buf_init(plan, 65536);
	assert_true(buf_addf(&sql, "%s %s", how, sql_text(sql_sqlite_queries, name, &room)));
	buf_free(&room);
	assert_int_equal(sqlite3_prepare_v2(sqlite_of(store), buf_str(&sql), -1, &stmt, NULL), SQLITE_OK);
	while (sqlite3_step(stmt) == SQLITE_ROW)
		assert_true(buf_addf(plan, "%s\n", (const char *)sqlite3_column_text(stmt, column)));
	assert_int_equal(sqlite3_finalize(stmt), SQLITE_OK);
	buf_free(&sql);
}

/* The whole plan. */
static void
explain(struct store *store, int name, struct buf *plan)
{
	explain_by(store, "EXPLAIN QUERY PLAN", 3, name, plan);
}

/* True where a step goes through a whole table. By an index it does so too: only SEARCH is bounded. */
static bool
scans(const char *plan)
{
	static const char *const steps[] = {
	    "SCAN task", "SCAN user",     "SCAN token", "SCAN rate",         "SCAN t\n",
	    "SCAN u\n",  "SCAN delivery", "SCAN d\n",   "SCAN search_block", "SCAN search_part"};
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		if (strstr(plan, steps[i]) != NULL)
			return true;
	return false;
}

TEST(no_statement_scans)
{
	struct stores *s = *state;
	for (int i = 0; i < SQL__MAX; i++) {
		struct buf plan;
		bool allowed = false;
		for (size_t j = 0; j < sizeof(whole_table) / sizeof(whole_table[0]); j++)
			allowed |= whole_table[j] == (enum sql_query)i;
		if (strncmp(sql_sqlite_queries[i], "PRAGMA", 6) ==
		    0) /* SQLite obeys some while it prepares them */
			continue;
		explain(s->store, i, &plan);
		if (scans(buf_str(&plan)) != allowed)
			fail_msg("%s: %s", sql_sqlite_queries[i], buf_str(&plan));
		buf_free(&plan);
	}
}

/* A temporary table costs as much as many rows. What each write of a task evaluates needs one at most: the
 * column's condition that the state is one of seven. */
TEST(writes_of_tasks_make_no_tables)
{
	struct stores *s = *state;
	static const struct {
		enum sql_query name;
		int most;
	} statements[] = {{SQL_TASK_ADD, 1},
	                  {SQL_TASK_MOVE, 1},
	                  {SQL_TASK_RETRY, 1},
	                  {SQL_TASK_STAY, 0},
	                  {SQL_USER_OPEN, 0},
	                  {SQL_KEY_OPEN, 0},
	                  {SQL_CHARGE_ADD, 0},
	                  {SQL_CHARGE_TASK, 0},
	                  {SQL_CHARGE_END, 0},
	                  {SQL_CHARGE_SPEND, 0},
	                  {SQL_CHARGE_SPEND_CHANNEL, 0},
	                  {SQL_CHARGE_COUNT, 0},
	                  {SQL_ACCOUNT_MOVE, 0},
	                  {SQL_ACCOUNT_TRANSFER, 0}};
	for (size_t i = 0; i < sizeof(statements) / sizeof(statements[0]); i++) {
		struct buf steps;
		int count = 0;
		explain_by(s->store, "EXPLAIN", 1, (int)statements[i].name, &steps);
		for (const char *at = buf_str(&steps); (at = strstr(at, "OpenEphemeral")) != NULL; at++)
			count++;
		if (count > statements[i].most)
			fail_msg("%s: %d temporary tables", sql_sqlite_queries[statements[i].name], count);
		buf_free(&steps);
	}
}

TEST(sums_by_day_start_at_their_first_day)
{
	struct stores *s = *state;
	static const struct {
		enum sql_query name;
		const char *way_in;
	} sums[] = {
	    {SQL_BUDGET_USED_USER, "spend_day USING PRIMARY KEY (user_id=? AND day>? AND day<?)"},
	    {SQL_BUDGET_USED_KEY, "spend_day USING INDEX spend_day_key (api_key=? AND day>? AND day<?)"},
	    {SQL_BUDGET_USED_CHANNEL, "spend_channel USING PRIMARY KEY (channel=? AND day>? AND day<?)"},
	    {SQL_BUDGET_USED_ALL, "spend_channel USING INDEX spend_channel_day (day>? AND day<?)"},
	};
	for (size_t i = 0; i < sizeof(sums) / sizeof(sums[0]); i++) {
		struct buf plan;
		explain(s->store, (int)sums[i].name, &plan);
		if (strstr(buf_str(&plan), sums[i].way_in) == NULL)
			fail_msg("%s: %s", sql_sqlite_queries[sums[i].name], buf_str(&plan));
		buf_free(&plan);
	}
}

/* The ways into a table that a list of this shape may take. */
static const char *
page_in(unsigned shape)
{
	if (shape & LIST_PAGE_STATUS)
		return "INDEX task_user_status (user_id=? AND status=? AND deleted=? AND id";
	return shape & LIST_PAGE_MODEL
	           ? "INDEX task_user_model (user_id=? AND deleted=? AND <expr>=? AND rowid"
	           : "INDEX task_user (user_id=? AND deleted=? AND rowid";
}

static const char *
walk_in(unsigned shape)
{
	bool user = shape & LIST_WALK_USER, status = shape & LIST_WALK_STATUS,
	     model = shape & LIST_WALK_MODEL;
	if (shape & LIST_WALK_UPDATED)
		return !user    ? "INDEX task_rev (rev"
		       : status ? "INDEX task_user_status_rev (user_id=? AND status=? AND rev"
		                : "INDEX task_user_rev (user_id=? AND rev";
	if (!user)
		return status ? "INDEX task_status (status=? AND rowid" : "INTEGER PRIMARY KEY (rowid";
	return page_in((status ? LIST_PAGE_STATUS : 0) | (model ? LIST_PAGE_MODEL : 0));
}

static void
check_list(struct store *store, int name, const char *way_in)
{
	struct buf plan;
	explain(store, name, &plan);
	const char *text = buf_str(&plan);
	if (scans(text) || strstr(text, "TEMP B-TREE") != NULL || strstr(text, way_in) == NULL)
		fail_msg("%s: %s", sql_sqlite_queries[name], text);
	buf_free(&plan);
}

TEST(lists_start_where_they_are_read)
{
	struct stores *s = *state;
	assert_int_equal(SQL_LIST_PAGE__LAST - SQL_LIST_PAGE, 7);
	assert_int_equal(SQL_LIST_WALK__LAST - SQL_LIST_WALK, 63);
	for (int name = SQL_LIST_PAGE; name <= SQL_LIST_PAGE__LAST; name++)
		check_list(s->store, name, page_in((unsigned)(name - SQL_LIST_PAGE)));
	for (int name = SQL_LIST_WALK; name <= SQL_LIST_WALK__LAST; name++)
		check_list(s->store, name, walk_in((unsigned)(name - SQL_LIST_WALK)));
}

TEST(rows_stand_as_they_are_read)
{
	struct stores *s = *state;
	static const struct {
		enum sql_query name;
		enum row_kind kind;
	} loaders[] = {
	    {SQL_TASK_GET, ROW_WHOLE},        {SQL_TASK_BY_REQUEST, ROW_WHOLE},
	    {SQL_CLAIM_LOAD, ROW_WHOLE},      {SQL_TASK_MATCH_CONTENT, ROW_WHOLE},
	    {SQL_CHANNEL_BACKLOG, ROW_WHOLE}, {SQL_SHARE_TASK, ROW_WHOLE},
	    {SQL_FEED_SINCE, ROW_SHOWN},      {SQL_LIST_PAGE, ROW_SHOWN},
	    {SQL_LIST_REQUESTED, ROW_SHOWN},  {SQL_LIST_ONE, ROW_SHOWN},
	    {SQL_SHARE_RUNNING, ROW_POLLED},  {SQL_SHARE_LATE, ROW_POLLED},
	};
	for (size_t i = 0; i < sizeof(loaders) / sizeof(loaders[0]); i++) {
		sqlite3_stmt *stmt = NULL;
		struct buf room;
		int column = 0;
		buf_init(&room, 65536);
		const char *text = sql_text(sql_sqlite_queries, (int)loaders[i].name, &room);
		assert_int_equal(sqlite3_prepare_v2(sqlite_of(s->store), text, -1, &stmt, NULL), SQLITE_OK);
		buf_free(&room);
		const char *word;
		for (; (word = row_column(loaders[i].kind, column)) != NULL; column++)
			assert_string_equal(sqlite3_column_name(stmt, column), word);
		assert_int_equal(sqlite3_column_count(stmt), column);
		sqlite3_finalize(stmt);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(no_statement_scans, setup, teardown),
	    cmocka_unit_test_setup_teardown(writes_of_tasks_make_no_tables, setup, teardown),
	    cmocka_unit_test_setup_teardown(sums_by_day_start_at_their_first_day, setup, teardown),
	    cmocka_unit_test_setup_teardown(lists_start_where_they_are_read, setup, teardown),
	    cmocka_unit_test_setup_teardown(rows_stand_as_they_are_read, setup, teardown),
	};
	return cmocka_run_group_tests_name("store/engine/sqlite_plan", tests, NULL, NULL);
}
