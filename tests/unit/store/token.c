/* Tokens, rate buckets, and forgetting both. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <stdio.h>

#include "support/stores.h"

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

static enum err_code
add(struct stores *s, uint8_t first, int64_t user, int64_t expires_at)
{
	uint8_t hash[CRYPTO_HASH_SIZE] = {first};
	return store_token_add(s->store, hash, user, NULL, 1000, expires_at);
}

static enum err_code
revoke(struct stores *s, uint8_t first)
{
	uint8_t hash[CRYPTO_HASH_SIZE] = {first};
	return store_token_revoke(s->store, hash);
}

static void
token_is_revoked_once(void **state)
{
	struct stores *s = *state;
	assert_int_equal(add(s, 1, s->user, 2000), ERR_OK);
	assert_int_equal(add(s, 1, s->user, 2000), ERR_CONFLICT);
	assert_int_equal(add(s, 2, 999, 2000), ERR_NOT_FOUND);
	assert_int_equal(revoke(s, 2), ERR_NOT_FOUND);
	assert_int_equal(revoke(s, 1), ERR_OK);
	assert_int_equal(revoke(s, 1), ERR_NOT_FOUND);
	assert_int_equal(store_commit(s->store), ERR_OK);
}

static void
bucket_holds_a_minute_and_refills_evenly(void **state)
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
	assert_int_equal(store_rate_take(s->store, "create:1", 6, now + 10000, &wait), ERR_OK);
}

static void
odd_rates_are_exact(void **state)
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

static void
clock_that_is_set_back_begins_a_bucket_anew(void **state)
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
	assert_int_equal(store_purge(s->store, now - day, 100, &count), ERR_OK);
	assert_int_equal(count, 1);
	assert_int_equal(store_rate_take(s->store, "x", 2, now - day, &wait), ERR_RATE_LIMITED);
}

static void
purge_forgets_what_is_over(void **state)
{
	struct stores *s = *state;
	int64_t wait, count = -1;
	char name[16];
	for (uint8_t i = 0; i < 10; i++)
		assert_int_equal(add(s, i, s->user, 2000 + i), ERR_OK);
	for (int i = 0; i < 10; i++) {
		snprintf(name, sizeof(name), "b%d", i);
		assert_int_equal(store_rate_take(s->store, name, 60, 1000 + i, &wait), ERR_OK);
	}
	assert_int_equal(store_purge(s->store, 1999, 4, &count), ERR_OK);
	assert_int_equal(count, 0);
	assert_int_equal(store_purge(s->store, 2004, 4, &count), ERR_OK);
	assert_int_equal(count, 4);
	assert_int_equal(store_purge(s->store, 2004, 4, &count), ERR_OK);
	assert_int_equal(count, 4);
	assert_int_equal(store_purge(s->store, 2004, 100, &count), ERR_OK);
	assert_int_equal(count, 2);
	assert_int_equal(revoke(s, 4), ERR_NOT_FOUND);
	assert_int_equal(revoke(s, 5), ERR_OK);
	assert_int_equal(store_purge(s->store, 1764291402480, 100, &count), ERR_OK);
	assert_int_equal(count, 9);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(token_is_revoked_once, setup, teardown),
	    cmocka_unit_test_setup_teardown(bucket_holds_a_minute_and_refills_evenly, setup, teardown),
	    cmocka_unit_test_setup_teardown(odd_rates_are_exact, setup, teardown),
	    cmocka_unit_test_setup_teardown(clock_that_is_set_back_begins_a_bucket_anew, setup, teardown),
	    cmocka_unit_test_setup_teardown(purge_forgets_what_is_over, setup, teardown),
	};
	return cmocka_run_group_tests_name("store/token", tests, NULL, NULL);
}
