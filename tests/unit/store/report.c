/* Charges and their sums, as they are shown; a month's sums cost the same for a million charges. */
#include "store/report.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/arena.h"
#include "store/store.h"
#include "support/raw.h"
#include "support/stores.h"
#include "support/test.h"

enum { DAY = 20000 };

static void
usage(struct stores *s, int64_t user, int day, const char *model, int64_t key)
{
	raw_run(s->store,
	        arena_printf(s->arena,
	                     "INSERT INTO usage_day (user_id, day, model, api_key, channel, group_id, "
	                     "completed, failed, cancelled, seconds, charged, cost, unknown) "
	                     "VALUES (%d, %d, '%s', %d, 'c', 0, 1, 2, 3, 4, 5, 6, 7)",
	                     (int)user, DAY + day, model, (int)key));
}

static struct report_sums
sum(struct stores *s, int64_t user, int first, int last, enum report_by by)
{
	const struct report_span span = {user, DAY + first, DAY + last, by};
	struct report_sums sums;
	assert_int_equal(store_report_usage(s->store, s->arena, &span, &sums), ERR_OK);
	return sums;
}

TEST(sums_are_of_the_days_and_the_user)
{
	struct stores *s = stores_new();
	int64_t bea = stores_user(s->store, "bea");
	usage(s, s->user, 0, "a", 0);
	usage(s, s->user, 1, "a", 0);
	usage(s, s->user, 1, "b", 7);
	usage(s, s->user, 2, "", 0);
	usage(s, bea, 1, "a", 0);
	struct report_sums sums = sum(s, s->user, 0, 1, REPORT_BY_DAY);
	assert_int_equal(sums.count, 2);
	assert_string_equal(sums.items[0].part, "20000");
	assert_int_equal(sums.items[1].completed, 2);
	assert_int_equal(sums.items[1].failed, 4);
	assert_int_equal(sums.items[1].cancelled, 6);
	assert_int_equal(sums.items[1].seconds, 8);
	assert_int_equal(sums.items[1].charged, 10);
	assert_int_equal(sums.items[1].cost, 12);
	assert_int_equal(sums.items[1].unknown, 14);
	sums = sum(s, s->user, 0, 2, REPORT_BY_MODEL);
	assert_int_equal(sums.count, 3);
	assert_string_equal(sums.items[0].part, "");
	assert_string_equal(sums.items[1].part, "a");
	assert_int_equal(sums.items[1].completed, 2);
	sums = sum(s, s->user, 0, 2, REPORT_BY_KEY);
	assert_int_equal(sums.count, 2);
	assert_string_equal(sums.items[1].part, "7");
	sums = sum(s, 0, 1, 1, REPORT_BY_USER);
	assert_int_equal(sums.count, 2);
	sums = sum(s, 0, 0, 2, REPORT_BY_CHANNEL);
	assert_int_equal(sums.count, 1);
	assert_int_equal(sums.items[0].completed, 5);
	assert_int_equal(sum(s, s->user, 3, 9, REPORT_BY_DAY).count, 0);
	stores_free(s);
}

static void
charge(struct stores *s, int id, int user, int key)
{
	raw_run(s->store,
	        arena_printf(
	            s->arena,
	            "INSERT INTO charge (id, task_id, attempt, user_id, api_key, group_id, model, channel, "
	            "job, size, seconds, tariff_id, multiplier_ppm, cancel, late_hold, reserved, day, "
	            "created_at) SELECT %d, id, %d, %d, %d, 0, 'm', 'c', 'create', '', 8, 1, 1000000, "
	            "'never', 0, 80, 1, %d FROM task LIMIT 1",
	            id, id, user, key, 1000 + id));
}

TEST(charges_come_with_names_a_page_at_a_time)
{
	struct stores *s = stores_new();
	struct report_page page;
	int64_t bea = stores_user(s->store, "bea");
	const struct task task = stores_task(s->user, "video_a");
	stores_add(s->store, &task);
	raw_run(
	    s->store,
	    "INSERT INTO tariff (id, side, channel, model, job, size, image, audio, images, flat, "
	    "per_second, min_seconds, step_seconds, default_seconds, default_size, max_seconds, settle, "
	    "valid_from, created_at, created_by) VALUES (1, 'price', '', '*', 'any', 'any', 'any', 'any', 0, "
	    "0, 10, 0, 1, 0, '', 0, 'asked', 0, 0, 'x')");
	raw_run(s->store, "INSERT INTO api_key (id, user_id, name, hint, created_at, expires_at) "
	                  "VALUES (7, 1, 'camera', 'k', 1, 0)");
	for (int i = 1; i <= 5; i++)
		charge(s, i, i == 3 ? (int)bea : (int)s->user, i == 5 ? 7 : i == 4 ? 8 : 0);
	assert_int_equal(store_report_charges(s->store, s->arena, s->user, INT64_MAX, 2, &page), ERR_OK);
	assert_int_equal(page.count, 2);
	assert_int_equal(page.items[0].charge.id, 5);
	assert_string_equal(page.items[0].key, "camera");
	assert_string_equal(page.items[0].video_id, "video_a");
	assert_int_equal(page.items[0].charge.state, CHARGE_HELD);
	assert_int_equal(page.items[0].charge.reserved, 80);
	assert_int_equal(page.items[0].charge.cost, -1);
	assert_null(page.items[1].key); /* which was revoked */
	assert_int_equal(store_report_charges(s->store, s->arena, s->user, 4, 9, &page), ERR_OK);
	assert_int_equal(page.count, 2);
	assert_int_equal(page.items[0].charge.id, 2);
	assert_int_equal(store_report_charges(s->store, s->arena, 0, INT64_MAX, 9, &page), ERR_OK);
	assert_int_equal(page.count, 5);
	assert_string_equal(page.items[2].username, "bea");
	stores_free(s);
}

/* A user of a million charges a month, by fifty models and ten keys: 15 000 rows of sums. */
TEST(a_month_is_summed_up_in_no_time)
{
	struct stores *s = stores_new();
	raw_run(
	    s->store,
	    "WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 15499) "
	    "INSERT INTO usage_day SELECT 1, 20000 + i % 31, 'model-' || (i / 31 % 50), i / 1550, 'c', 0, "
	    "60, 3, 2, 480, 48000000, 0, 65 FROM n");
	clock_t best = LONG_MAX;
	for (int i = 0; i < 5; i++) {
		clock_t begun = clock();
		struct report_sums sums = sum(s, s->user, 0, 30, REPORT_BY_DAY);
		clock_t took = clock() - begun;
		assert_int_equal(sums.count, 31);
		assert_int_equal(sums.items[0].completed, 60 * 500);
		best = took < best ? took : best;
	}
	/* Of the processor's time, however many others want it: it is 4 ms. */
	assert_in_range(best, 0, CLOCKS_PER_SEC / 1000 * 30);
	stores_free(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(sums_are_of_the_days_and_the_user),
	    cmocka_unit_test(charges_come_with_names_a_page_at_a_time),
	    cmocka_unit_test(a_month_is_summed_up_in_no_time),
	};
	return cmocka_run_group_tests_name("store/report", tests, NULL, NULL);
}
