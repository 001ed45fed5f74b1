/* Users. */

#include <string.h>

#include "store/store.h"
#include "store/token.h"
#include "store/user.h"
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

TEST(user_comes_back_whole)
{
	struct stores *s = *state;
	struct user user = {.username = "Zo\xc3\xab",
	                    .email = "z@example.com",
	                    .password_hash = "$h",
	                    .admin = true,
	                    .created_at = 1764291402480};
	struct user found;
	int64_t id = 0;
	assert_int_equal(store_begin(s->store, STORE_DURABLE), ERR_OK);
	assert_int_equal(store_user_add(s->store, &user, &id), ERR_OK);
	assert_int_equal(store_commit(s->store), ERR_OK);
	assert_int_equal(store_user_by_name(s->store, s->arena, "zO\xc3\xab", &found), ERR_OK);
	assert_int_equal(found.id, id);
	assert_string_equal(found.username, user.username);
	assert_string_equal(found.email, user.email);
	assert_string_equal(found.password_hash, user.password_hash);
	assert_true(found.admin);
	assert_false(found.disabled);
	assert_int_equal(found.created_at, user.created_at);
	assert_int_equal(store_user_by_name(s->store, s->arena, "ada", &found), ERR_OK);
	assert_null(found.email);
	assert_false(found.admin);
	assert_int_equal(store_user_by_name(s->store, s->arena, "bob", &found), ERR_NOT_FOUND);
}

TEST(names_differ_by_more_than_case)
{
	struct stores *s = *state;
	struct user user = {.username = "ADA", .password_hash = "$h"};
	int64_t id = 0;
	assert_int_equal(store_begin(s->store, STORE_RELAXED), ERR_OK);
	assert_int_equal(store_user_add(s->store, &user, &id), ERR_USERNAME_TAKEN);
	user.username = "adam";
	assert_int_equal(store_user_add(s->store, &user, &id), ERR_OK);
	assert_int_equal(store_commit(s->store), ERR_OK);
}

TEST(list_is_by_name_without_hashes)
{
	struct stores *s = *state;
	static const char *const names[] = {"ada", "Bea", "cleo"};
	struct user *users;
	size_t count;
	stores_user(s->store, "cleo");
	stores_user(s->store, "Bea");
	assert_int_equal(store_user_list(s->store, s->arena, &users, &count), ERR_OK);
	assert_int_equal(count, 3);
	for (size_t i = 0; i < count; i++) {
		assert_string_equal(users[i].username, names[i]);
		assert_null(users[i].password_hash);
	}
	for (int i = 0; i < 40; i++)
		stores_user(s->store, (char[]){'x', (char)('0' + i), '\0'});
	assert_int_equal(store_user_list(s->store, s->arena, &users, &count), ERR_OK);
	assert_int_equal(count, 43);
	assert_string_equal(users[2].username, "cleo");
}

static void
add_token(struct stores *s, uint8_t first)
{
	uint8_t hash[CRYPTO_HASH_SIZE] = {first};
	assert_int_equal(store_begin(s->store, STORE_RELAXED), ERR_OK);
	assert_int_equal(store_token_add(s->store, hash, s->user, NULL, 1000, 2000), ERR_OK);
	assert_int_equal(store_commit(s->store), ERR_OK);
}

static enum err_code
token_works(struct stores *s, uint8_t first, int64_t now)
{
	uint8_t hash[CRYPTO_HASH_SIZE] = {first};
	struct user user;
	enum err_code err = store_user_by_token(s->store, s->arena, hash, now, &user);
	if (err == ERR_OK) {
		assert_int_equal(user.id, s->user);
		assert_string_equal(user.username, "ada");
		assert_null(user.password_hash);
	}
	return err;
}

TEST(token_leads_to_its_user_until_it_expires)
{
	struct stores *s = *state;
	add_token(s, 1);
	assert_int_equal(token_works(s, 1, 1999), ERR_OK);
	assert_int_equal(token_works(s, 1, 2000), ERR_NOT_FOUND);
	assert_int_equal(token_works(s, 2, 1000), ERR_NOT_FOUND);
}

TEST(new_password_revokes_tokens)
{
	struct stores *s = *state;
	struct user user;
	add_token(s, 1);
	assert_int_equal(store_begin(s->store, STORE_DURABLE), ERR_OK);
	assert_int_equal(store_user_set_password(s->store, s->user, "$new", NULL), ERR_OK);
	assert_int_equal(store_user_set_password(s->store, 999, "$new", NULL), ERR_NOT_FOUND);
	assert_int_equal(store_commit(s->store), ERR_OK);
	assert_int_equal(token_works(s, 1, 1500), ERR_NOT_FOUND);
	assert_int_equal(store_user_by_name(s->store, s->arena, "ada", &user), ERR_OK);
	assert_string_equal(user.password_hash, "$new");
}

TEST(disabled_user_is_kept_out)
{
	struct stores *s = *state;
	struct user user;
	add_token(s, 1);
	assert_int_equal(store_begin(s->store, STORE_DURABLE), ERR_OK);
	assert_int_equal(store_user_disable(s->store, s->user, true), ERR_OK);
	assert_int_equal(store_user_disable(s->store, 999, true), ERR_NOT_FOUND);
	assert_int_equal(store_commit(s->store), ERR_OK);
	assert_int_equal(store_user_by_name(s->store, s->arena, "ada", &user), ERR_OK);
	assert_true(user.disabled);
	/* A token that slipped in beside the change is worth nothing either. */
	add_token(s, 2);
	assert_int_equal(token_works(s, 2, 1500), ERR_NOT_FOUND);

	assert_int_equal(store_begin(s->store, STORE_DURABLE), ERR_OK);
	assert_int_equal(store_user_disable(s->store, s->user, false), ERR_OK);
	assert_int_equal(store_commit(s->store), ERR_OK);
	assert_int_equal(token_works(s, 1, 1500), ERR_NOT_FOUND);
	assert_int_equal(token_works(s, 2, 1500), ERR_OK);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(user_comes_back_whole, setup, teardown),
	    cmocka_unit_test_setup_teardown(names_differ_by_more_than_case, setup, teardown),
	    cmocka_unit_test_setup_teardown(list_is_by_name_without_hashes, setup, teardown),
	    cmocka_unit_test_setup_teardown(token_leads_to_its_user_until_it_expires, setup, teardown),
	    cmocka_unit_test_setup_teardown(new_password_revokes_tokens, setup, teardown),
	    cmocka_unit_test_setup_teardown(disabled_user_is_kept_out, setup, teardown),
	};
	return cmocka_run_group_tests_name("store/user", tests, NULL, NULL);
}
