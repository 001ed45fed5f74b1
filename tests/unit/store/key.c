/* API keys: they let in as tokens do, and what ends logins leaves them alone. */

#include "store/key.h"
#include "store/store.h"
#include "store/token.h"
#include "store/user.h"
#include "support/stores.h"
#include "support/test.h"

static const uint8_t hash[CRYPTO_HASH_SIZE] = {1}, other_hash[CRYPTO_HASH_SIZE] = {2};

static int64_t
add(struct stores *s, int64_t user, const uint8_t of[CRYPTO_HASH_SIZE], int64_t expires_at)
{
	const struct key key = {
	    .name = "camera", .hint = "sk-ab…yz", .created_at = 1000, .expires_at = expires_at};
	int64_t id;
	assert_int_equal(store_begin(s->store, STORE_RELAXED), ERR_OK);
	assert_int_equal(store_key_add(s->store, user, &key, of, &id), ERR_OK);
	assert_int_equal(store_commit(s->store), ERR_OK);
	return id;
}

static enum err_code
whose(struct stores *s, const uint8_t of[CRYPTO_HASH_SIZE], int64_t now, struct user *ret_user)
{
	return store_user_by_token(s->store, s->arena, of, now, ret_user);
}

static enum err_code
remove_key(struct stores *s, int64_t user, int64_t id)
{
	assert_int_equal(store_begin(s->store, STORE_RELAXED), ERR_OK);
	enum err_code err = store_key_remove(s->store, user, id);
	assert_int_equal(store_commit(s->store), ERR_OK);
	return err;
}

TEST(a_key_lets_in_until_it_is_removed)
{
	struct stores *s = stores_new();
	int64_t other = stores_user(s->store, "bea"), id = add(s, s->user, hash, 0);
	struct user user;
	assert_int_equal(whose(s, hash, INT64_MAX - 1, &user), ERR_OK);
	assert_int_equal(user.id, s->user);
	assert_int_equal(user.key_id, id);
	assert_int_equal(user.used_at, 0);
	assert_int_equal(remove_key(s, other, id), ERR_NOT_FOUND);
	assert_int_equal(whose(s, hash, 2000, &user), ERR_OK);
	assert_int_equal(remove_key(s, s->user, id), ERR_OK);
	assert_int_equal(whose(s, hash, 2000, &user), ERR_NOT_FOUND);
	assert_int_equal(remove_key(s, s->user, id), ERR_NOT_FOUND);
	id = add(s, other, hash, 0);
	assert_int_equal(remove_key(s, 0, id), ERR_OK);
	stores_free(s);
}

TEST(a_key_expires)
{
	struct stores *s = stores_new();
	struct user user;
	add(s, s->user, hash, 5000);
	assert_int_equal(whose(s, hash, 4999, &user), ERR_OK);
	assert_int_equal(whose(s, hash, 5000, &user), ERR_NOT_FOUND);
	stores_free(s);
}

TEST(keys_are_listed_with_their_last_use)
{
	struct stores *s = stores_new();
	struct key *keys;
	size_t count;
	struct user user;
	int64_t first = add(s, s->user, hash, 0), second = add(s, s->user, other_hash, 7000);
	assert_int_equal(store_begin(s->store, STORE_RELAXED), ERR_OK);
	assert_int_equal(store_key_used(s->store, first, 3000), ERR_OK);
	assert_int_equal(store_commit(s->store), ERR_OK);
	assert_int_equal(store_key_list(s->store, s->arena, s->user, &keys, &count), ERR_OK);
	assert_int_equal(count, 2);
	assert_int_equal(keys[0].id, second);
	assert_int_equal(keys[0].expires_at, 7000);
	assert_int_equal(keys[1].last_used_at, 3000);
	assert_string_equal(keys[1].name, "camera");
	assert_string_equal(keys[1].hint, "sk-ab…yz");
	assert_int_equal(whose(s, hash, 4000, &user), ERR_OK);
	assert_int_equal(user.used_at, 3000);
	assert_int_equal(store_key_list(s->store, s->arena, s->user + 1, &keys, &count), ERR_OK);
	assert_int_equal(count, 0);
	stores_free(s);
}

TEST(what_ends_logins_leaves_keys_alone)
{
	struct stores *s = stores_new();
	struct user user;
	add(s, s->user, hash, 0);
	assert_int_equal(store_begin(s->store, STORE_RELAXED), ERR_OK);
	assert_int_equal(store_token_add(s->store, other_hash, s->user, NULL, 1000, 9000), ERR_OK);
	assert_int_equal(store_token_revoke(s->store, hash), ERR_NOT_FOUND);
	assert_int_equal(store_user_set_password(s->store, s->user, "$new", NULL), ERR_OK);
	assert_int_equal(store_commit(s->store), ERR_OK);
	assert_int_equal(whose(s, other_hash, 2000, &user), ERR_NOT_FOUND);
	assert_int_equal(whose(s, hash, 2000, &user), ERR_OK);
	for (int disabled = 1; disabled >= 0; disabled--) {
		assert_int_equal(store_begin(s->store, STORE_RELAXED), ERR_OK);
		assert_int_equal(store_user_disable(s->store, s->user, disabled), ERR_OK);
		assert_int_equal(store_commit(s->store), ERR_OK);
		assert_int_equal(whose(s, hash, 2000, &user), disabled ? ERR_NOT_FOUND : ERR_OK);
	}
	stores_free(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_key_lets_in_until_it_is_removed),
	    cmocka_unit_test(a_key_expires),
	    cmocka_unit_test(keys_are_listed_with_their_last_use),
	    cmocka_unit_test(what_ends_logins_leaves_keys_alone),
	};
	return cmocka_run_group_tests_name("store/key", tests, NULL, NULL);
}
