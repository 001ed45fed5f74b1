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
	    cmocka_unit_test_setup_teardown(writes_need_a_transaction, setup, teardown),
	};
	return cmocka_run_group_tests_name("store/db", tests, NULL, NULL);
}
