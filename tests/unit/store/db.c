/* Running statements. */

#include "store/store.h"
#include "store/db.h"
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

/* What holds the binding of parameters together. */
TEST(parameters_cannot_be_mixed_up)
{
	struct stores *s = *state;
	struct query query = db_query(s->store, SQL_CHANNEL_GET);
	db_text(&query, ":nmae", "x");
	assert_int_equal(db_end(&query), ERR_INTERNAL);
	query = db_query(s->store, SQL_TASK_BY_REQUEST);
	db_int(&query, ":user_id", 1);
	assert_false(db_step(&query));
	assert_int_equal(db_end(&query), ERR_INTERNAL);
}

/* They have no order: each is found from wherever the last one stood. */
TEST(parameters_go_in_any_order)
{
	struct stores *s = *state;
	static const char *const names[] = {":user_id", ":client_request_id"};
	struct task task = stores_task(s->user, "video_1");
	task.client_request_id = "req";
	stores_add(s->store, &task);
	for (int order = 0; order < 8; order++) {
		struct query query = db_query(s->store, SQL_TASK_BY_REQUEST);
		for (int i = 0; i < 2; i++) {
			const char *name = names[(i + order) % 2];
			if (name == names[0])
				db_int(&query, name, s->user);
			else
				db_text(&query, name, "req");
			if (order >= 6)
				break;
		}
		/* Of one that is missing no trace stays in the next use. */
		bool found = db_step(&query);
		assert_int_equal(found, order < 6);
		assert_int_equal(db_end(&query), found ? ERR_OK : ERR_INTERNAL);
	}
}

/* Outside a transaction a write would be committed at once. */
TEST(writes_need_a_transaction)
{
	struct stores *s = *state;
	struct query query = db_query(s->store, SQL_CHANNEL_KNOW);
	db_text(&query, ":name", "x");
	assert_int_equal(db_run(&query), ERR_INTERNAL);
	assert_int_equal(store_begin(s->store, STORE_RELAXED), ERR_OK);
	query = db_query(s->store, SQL_CHANNEL_KNOW);
	db_text(&query, ":name", "x");
	assert_int_equal(db_run(&query), ERR_OK);
	assert_int_equal(db_changes(s->store), 1);
	assert_int_equal(store_commit(s->store), ERR_OK);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(parameters_cannot_be_mixed_up, setup, teardown),
	    cmocka_unit_test_setup_teardown(parameters_go_in_any_order, setup, teardown),
	    cmocka_unit_test_setup_teardown(writes_need_a_transaction, setup, teardown),
	};
	return cmocka_run_group_tests_name("store/db", tests, NULL, NULL);
}
