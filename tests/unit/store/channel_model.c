/* What is kept of models at channels: each by itself, and never more than a hundred of a channel. */
#include "store/channel_model.h"

#include <stddef.h>
#include <stdio.h>

#include "store/channel.h"
#include "store/clock.h"
#include "store/store.h"
#include "support/stores.h"
#include "support/test.h"

enum { NOW = 1000000, MOST = 100 };

static void
put(struct stores *s, const char *channel, const char *model, struct model_health health)
{
	assert_int_equal(store_begin(s->store, STORE_RELAXED), ERR_OK);
	assert_int_equal(store_channel_set_model(s->store, channel, model, &health, NOW), ERR_OK);
	assert_int_equal(store_commit(s->store), ERR_OK);
}

static struct model_health
get(struct stores *s, const char *channel, const char *model)
{
	struct model_health health;
	assert_int_equal(store_channel_model(s->store, channel, model, &health), ERR_OK);
	return health;
}

TEST(each_is_kept_by_itself)
{
	struct stores *s = stores_new();
	const struct model_health all = {2, NOW + 1, NOW + 2, 3, 4, 5, 6, 7, true};
	struct model_cooldown *list;
	size_t count;
	put(s, "a", "m", all);
	put(s, "a", NULL, (struct model_health){.until = NOW + 9});
	put(s, "b", "m", (struct model_health){.until = NOW});
	struct model_health row = get(s, "a", "m");
	assert_memory_equal(&row, &all, offsetof(struct model_health, throttled) + 1);
	assert_int_equal(get(s, "a", "").until, NOW + 9);
	assert_int_equal(get(s, "a", "other").until, 0);
	assert_int_equal(store_channel_resting(s->store, s->arena, NULL, NOW, &list, &count), ERR_OK);
	assert_int_equal(count, 2);
	assert_string_equal(list[1].channel, "a");
	assert_string_equal(list[1].model, "m");
	assert_int_equal(list[1].until, NOW + 1);
	assert_true(list[1].throttled);
	assert_int_equal(store_channel_resting(s->store, s->arena, "b", NOW - 1, &list, &count), ERR_OK);
	assert_int_equal(count, 1);
	stores_free(s);
}

/* Names come from clients: those that cool down stay, then those that failed last. */
TEST(a_channel_has_a_hundred_at_most)
{
	struct stores *s = stores_new();
	char name[16];
	put(s, "a", "rests", (struct model_health){.until = NOW + 1, .failed_at = 1});
	put(s, "other", "m", (struct model_health){.failed_at = 1});
	for (int i = 0; i < 3 * MOST; i++) {
		snprintf(name, sizeof(name), "m%d", i);
		put(s, "a", name, (struct model_health){.failures = 1, .failed_at = 100 + i});
	}
	int kept = 0;
	for (int i = 0; i < 3 * MOST; i++) {
		snprintf(name, sizeof(name), "m%d", i);
		kept += get(s, "a", name).failures > 0;
	}
	assert_int_equal(kept, MOST - 1);
	assert_int_equal(get(s, "a", "m299").failures, 1);
	assert_int_equal(get(s, "a", "rests").until, NOW + 1);
	assert_int_equal(get(s, "other", "m").failed_at, 1);
	stores_free(s);
}

/* A wait lasts as long as was meant, whatever the clock is set to. */
TEST(its_times_go_with_the_clock)
{
	struct stores *s = stores_new();
	put(s, "a", "m", (struct model_health){2, 500, 600, 3, 4, 0, 700, 8, true});
	assert_int_equal(store_begin(s->store, STORE_RELAXED), ERR_OK);
	assert_int_equal(store_clock_shift(s->store, 1000), ERR_OK);
	assert_int_equal(store_clock_back(s->store, 100, 200, 200, true), ERR_OK);
	assert_int_equal(store_commit(s->store), ERR_OK);
	struct model_health row = get(s, "a", "m");
	const struct model_health moved = {2, 1500, 1600, 3, 4, 0, 1700, 8, true};
	assert_memory_equal(&row, &moved, offsetof(struct model_health, throttled) + 1);
	assert_int_equal(store_begin(s->store, STORE_RELAXED), ERR_OK);
	assert_int_equal(store_clock_back(s->store, 100, 200, 200, false), ERR_OK);
	assert_int_equal(store_commit(s->store), ERR_OK);
	assert_int_equal(get(s, "a", "m").until, 100);
	stores_free(s);
}

/* They were said to the key before. */
TEST(another_key_forgets_them)
{
	struct stores *s = stores_new();
	put(s, "a", "m", (struct model_health){.until = NOW + 9, .failed_at = 1});
	put(s, "b", "m", (struct model_health){.until = NOW + 9, .failed_at = 1});
	assert_int_equal(store_begin(s->store, STORE_RELAXED), ERR_OK);
	assert_int_equal(
	    store_channel_put(s->store, &(struct channel_row){.name = "a", .models = "", .weight = 1}),
	    ERR_OK);
	assert_int_equal(store_channel_add_key(s->store, "a", "env:KEY"), ERR_OK);
	assert_int_equal(store_commit(s->store), ERR_OK);
	assert_int_equal(get(s, "a", "m").until, 0);
	assert_int_equal(get(s, "b", "m").until, NOW + 9);
	stores_free(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_is_kept_by_itself),
	    cmocka_unit_test(a_channel_has_a_hundred_at_most),
	    cmocka_unit_test(its_times_go_with_the_clock),
	    cmocka_unit_test(another_key_forgets_them),
	};
	return cmocka_run_group_tests_name("store/channel_model", tests, NULL, NULL);
}
