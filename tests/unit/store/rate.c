/* Rate buckets. */

#include "store/rate.h"
#include "store/store.h"
#include "support/stores.h"
#include "support/test.h"

static int
setup(void **state)
{
	struct stores *s = stores_new();
	*state = s;
	return store_begin(s->store, STORE_RELAXED) == ERR_OK ? 0 : -1;
}

static int
teardown(void **state)
{
	stores_free(*state);
	return 0;
}

TEST(bucket_holds_a_minute_and_refills_evenly)
{
	struct stores *s = *state;
	int64_t now = 1764291402480, wait = -1;
	for (int i = 0; i < 6; i++) {
		assert_int_equal(store_rate_take(s->store, "create:1", 6, now, &wait), ERR_OK);
		assert_int_equal(wait, 0);
	}
	assert_int_equal(store_rate_take(s->store, "create:1", 6, now, &wait), ERR_RATE_LIMITED);
	assert_int_equal(wait, 10000);
	assert_int_equal(store_rate_take(s->store, "create:2", 6, now, &wait), ERR_OK);
	assert_int_equal(store_rate_take(s->store, "create:1", 6, now + 9999, &wait), ERR_RATE_LIMITED);
	assert_int_equal(wait, 1);
	assert_int_equal(store_rate_take(s->store, "create:1", 6, now + 10000, &wait), ERR_OK);
	assert_int_equal(store_rate_take(s->store, "create:1", 6, now + 10000, &wait), ERR_RATE_LIMITED);
	assert_int_equal(store_rate_refund(s->store, "create:1", 6), ERR_OK);
	assert_int_equal(store_rate_take_several(s->store, "create:1", 6, 2, now + 10000, &wait),
	                 ERR_RATE_LIMITED);
	assert_int_equal(wait, 10000);
	assert_int_equal(store_rate_take(s->store, "create:1", 6, now + 10000, &wait), ERR_OK);
}

TEST(odd_rates_are_exact)
{
	struct stores *s = *state;
	int64_t wait, taken = 0;
	for (int64_t now = 60000; now < 60000 + 600000; now++)
		taken += store_rate_take(s->store, "x", 7, now, &wait) == ERR_OK;
	assert_int_equal(taken, 7 + 70 - 1);
	for (int i = 0; i < 100000; i++)
		assert_int_equal(store_rate_take(s->store, "y", 100000000, 60000, &wait), ERR_OK);
	for (int i = 0; i < 100; i++)
		assert_int_equal(store_rate_take(s->store, "z", 0, 60000, &wait), ERR_OK);
	assert_int_equal(store_rate_refund(s->store, "z", 0), ERR_OK);
}

TEST(clock_that_is_set_back_begins_a_bucket_anew)
{
	struct stores *s = *state;
	int64_t wait = -1, day = 86400000, now = 1764291402480, count = -1;
	for (int i = 0; i < 2; i++)
		assert_int_equal(store_rate_take(s->store, "x", 2, now, &wait), ERR_OK);
	assert_int_equal(store_rate_take(s->store, "x", 2, now - 1000, &wait), ERR_RATE_LIMITED);
	for (int i = 0; i < 2; i++)
		assert_int_equal(store_rate_take(s->store, "x", 2, now - day, &wait), ERR_OK);
	assert_int_equal(store_rate_take(s->store, "x", 2, now - day, &wait), ERR_RATE_LIMITED);
	assert_int_equal(wait, 30000);
	/* What is asked for no more is forgotten; what can still count is not. */
	assert_int_equal(store_rate_take(s->store, "y", 2, now, &wait), ERR_OK);
	assert_int_equal(store_rate_purge(s->store, now - day, 100, &count), ERR_OK);
	assert_int_equal(count, 1);
	assert_int_equal(store_rate_take(s->store, "x", 2, now - day, &wait), ERR_RATE_LIMITED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(bucket_holds_a_minute_and_refills_evenly, setup, teardown),
	    cmocka_unit_test_setup_teardown(odd_rates_are_exact, setup, teardown),
	    cmocka_unit_test_setup_teardown(clock_that_is_set_back_begins_a_bucket_anew, setup, teardown),
	};
	return cmocka_run_group_tests_name("store/rate", tests, NULL, NULL);
}
