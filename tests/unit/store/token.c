/* Tokens, and forgetting what is over. */

#include <stdio.h>

#include "store/rate.h"
#include "store/store.h"
#include "store/token.h"
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

TEST(token_is_revoked_once)
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

TEST(purge_forgets_what_is_over)
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
	    cmocka_unit_test_setup_teardown(purge_forgets_what_is_over, setup, teardown),
	};
	return cmocka_run_group_tests_name("store/token", tests, NULL, NULL);
}
