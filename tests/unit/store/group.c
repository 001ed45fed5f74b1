/* Groups of users, and what limits a user by its own settings, its group and its key. */
#include "store/group.h"

#include "store/key.h"
#include "store/store.h"
#include "store/user.h"
#include "support/raw.h"
#include "support/stores.h"
#include "support/test.h"

static int64_t
add(struct stores *s, const char *name, enum err_code expected)
{
	const struct group group = {.name = name,
	                            .multiplier_ppm = 900000,
	                            .models = "wan*",
	                            .max_open = 5,
	                            .rate = -1,
	                            .budget_day = -1,
	                            .budget_week = 0,
	                            .budget_month = 20000000,
	                            .created_at = 1000};
	int64_t id = 0;
	assert_int_equal(store_begin(s->store, STORE_RELAXED), ERR_OK);
	assert_int_equal(store_group_add(s->store, &group, &id), expected);
	if (expected == ERR_OK)
		assert_int_equal(store_commit(s->store), ERR_OK);
	else
		store_rollback(s->store);
	return id;
}

static void
set_user(struct stores *s, const struct user_settings *settings)
{
	assert_int_equal(store_begin(s->store, STORE_RELAXED), ERR_OK);
	assert_int_equal(store_user_set(s->store, 99, settings), ERR_NOT_FOUND);
	assert_int_equal(store_user_set(s->store, s->user, settings), ERR_OK);
	assert_int_equal(store_commit(s->store), ERR_OK);
}

TEST(a_group_is_read_as_it_was_written)
{
	struct stores *s = stores_new();
	struct group group, *groups;
	size_t count;
	int64_t id = add(s, "friends", ERR_OK);
	add(s, "Friends", ERR_CONFLICT);
	add(s, "agents", ERR_OK);
	assert_int_equal(store_group_by_name(s->store, s->arena, "FRIENDS", &group), ERR_OK);
	assert_int_equal(group.id, id);
	assert_string_equal(group.name, "friends");
	assert_string_equal(group.models, "wan*");
	assert_int_equal(group.multiplier_ppm, 900000);
	assert_int_equal(group.max_open, 5);
	assert_int_equal(group.rate, -1);
	assert_int_equal(group.budget_day, -1);
	assert_int_equal(group.budget_week, 0);
	assert_int_equal(group.budget_month, 20000000);
	assert_int_equal(store_group_list(s->store, s->arena, &groups, &count), ERR_OK);
	assert_int_equal(count, 2);
	assert_string_equal(groups[0].name, "agents");
	group.rate = 7;
	group.models = "";
	assert_int_equal(store_begin(s->store, STORE_RELAXED), ERR_OK);
	assert_int_equal(store_group_set(s->store, &group), ERR_OK);
	group.id = 99;
	assert_int_equal(store_group_set(s->store, &group), ERR_NOT_FOUND);
	assert_int_equal(store_commit(s->store), ERR_OK);
	assert_int_equal(store_group_get(s->store, s->arena, id, &group), ERR_OK);
	assert_int_equal(group.rate, 7);
	assert_string_equal(group.models, "");
	assert_int_equal(store_group_get(s->store, s->arena, 99, &group), ERR_NOT_FOUND);
	stores_free(s);
}

TEST(a_group_with_users_stays)
{
	struct stores *s = stores_new();
	int64_t id = add(s, "friends", ERR_OK), count;
	struct user_settings settings = {.group_id = id, .max_open = -1, .rate = -1, .note = "met in May"};
	set_user(s, &settings);
	assert_int_equal(store_user_settings(s->store, s->arena, s->user, &settings), ERR_OK);
	assert_int_equal(settings.group_id, id);
	assert_string_equal(settings.note, "met in May");
	assert_int_equal(store_group_users(s->store, id, &count), ERR_OK);
	assert_int_equal(count, 1);
	assert_int_equal(store_begin(s->store, STORE_RELAXED), ERR_OK);
	assert_int_equal(store_group_remove(s->store, id), ERR_CONFLICT);
	settings.group_id = 0;
	assert_int_equal(store_user_set(s->store, s->user, &settings), ERR_OK);
	assert_int_equal(store_group_remove(s->store, id), ERR_OK);
	assert_int_equal(store_group_remove(s->store, id), ERR_NOT_FOUND);
	assert_int_equal(store_commit(s->store), ERR_OK);
	stores_free(s);
}

TEST(limits_are_the_users_or_else_the_groups)
{
	struct stores *s = stores_new();
	struct user_limits limits;
	struct user_settings settings = {.max_open = -1, .rate = -1, .note = ""};
	raw_run(
	    s->store,
	    "INSERT INTO api_key (id, user_id, name, hint, created_at, expires_at, max_open, rate, models) "
	    "VALUES (7, 1, 'k', 'k', 1, 0, 2, 3, 'kling')");
	assert_int_equal(store_user_limits(s->store, s->arena, s->user, 0, &limits), ERR_OK);
	assert_int_equal(limits.max_open, -1);
	assert_int_equal(limits.rate, -1);
	assert_string_equal(limits.models, "");
	assert_int_equal(limits.key_max_open, 0);
	assert_string_equal(limits.key_models, "");
	settings.group_id = add(s, "friends", ERR_OK);
	set_user(s, &settings);
	assert_int_equal(store_user_limits(s->store, s->arena, s->user, 7, &limits), ERR_OK);
	assert_int_equal(limits.max_open, 5);
	assert_int_equal(limits.rate, -1);
	assert_string_equal(limits.models, "wan*");
	assert_int_equal(limits.key_max_open, 2);
	assert_int_equal(limits.key_rate, 3);
	assert_string_equal(limits.key_models, "kling");
	settings.max_open = 0;
	settings.rate = 9;
	set_user(s, &settings);
	assert_int_equal(store_user_limits(s->store, s->arena, s->user, 99, &limits), ERR_OK);
	assert_int_equal(limits.max_open, 0);
	assert_int_equal(limits.rate, 9);
	assert_int_equal(limits.key_rate, 0);
	assert_int_equal(store_user_limits(s->store, s->arena, 99, 7, &limits), ERR_NOT_FOUND);
	stores_free(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_group_is_read_as_it_was_written),
	    cmocka_unit_test(a_group_with_users_stays),
	    cmocka_unit_test(limits_are_the_users_or_else_the_groups),
	};
	return cmocka_run_group_tests_name("store/group", tests, NULL, NULL);
}
