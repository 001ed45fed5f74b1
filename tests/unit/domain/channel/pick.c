/* The choice of a channel: pure. */
#include <stdio.h>

#include "base/crypto.h"
#include "domain/channel/pick.h"
#include "support/test.h"

enum { DRAWS = 6000 };

TEST(open_ones_come_first_then_priority_then_weight)
{
	static const struct {
		struct pick_option options[3];
		double dice;
		size_t chosen;
	} rows[] = {
	    {{{0, 1, true}, {1, 1, true}, {0, 1, true}}, 0.99, 1},
	    {{{0, 1, true}, {9, 1, false}, {0, 1, false}}, 0.5, 0},
	    {{{0, 1, false}, {9, 1, false}, {0, 1, false}}, 0.5, 1},
	    {{{0, 1, true}, {0, 1, true}, {0, 1, true}}, 0.0, 0},
	    {{{0, 1, true}, {0, 1, true}, {0, 1, true}}, 0.34, 1},
	    {{{0, 1, true}, {0, 1, true}, {0, 1, true}}, 0.999999, 2},
	    {{{0, 3, true}, {0, 1, true}, {-1, 50, true}}, 0.74, 0},
	    {{{0, 3, true}, {0, 1, true}, {-1, 50, true}}, 0.76, 1},
	    {{{-5, 1, true}, {-6, 1, true}, {-7, 1, true}}, 0.9, 0},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (pick(rows[i].options, 3, rows[i].dice) != rows[i].chosen)
			fail_msg("row %d: %d", (int)i, (int)pick(rows[i].options, 3, rows[i].dice));
	assert_int_equal(pick(rows[0].options, 1, 0.5), 0);
}

/* The dice of ids spread as weights want it, and are the same each time. */
TEST(ids_share_by_weight)
{
	const struct pick_option options[] = {{0, 1, true}, {0, 2, true}};
	size_t count[2] = {0};
	for (int i = 0; i < DRAWS; i++) {
		char id[32];
		snprintf(id, sizeof(id), "video_%d", i);
		double dice = pick_dice(id, 1);
		assert_true(dice >= 0 && dice < 1);
		assert_true(dice == pick_dice(id, 1));
		assert_true(dice != pick_dice(id, 2));
		count[pick(options, 2, dice)]++;
	}
	assert_in_range(count[0], DRAWS / 3 - DRAWS / 20, DRAWS / 3 + DRAWS / 20);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(open_ones_come_first_then_priority_then_weight),
	    cmocka_unit_test(ids_share_by_weight),
	};
	return crypto_open() ? cmocka_run_group_tests_name("domain/channel/pick", tests, NULL, NULL) : 1;
}
