/* Lanes: the order, the width, lanes apart from each other, and those whose turn is over at once. */
#include "domain/lane.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { MANY = 100000 };

struct walker {
	struct lane_place place;
	struct lane *lane;
	int *clock;  /* counts the turns */
	int turn;    /* when his was; 0 = not yet */
	bool leaves; /* at once */
	bool first;  /* before the others */
};

static void
on_turn(void *cookie)
{
	struct walker *walker = cookie;
	walker->turn = ++*walker->clock;
	if (walker->leaves)
		lane_leave(&walker->place);
}

static void
enter(struct walker *walker, struct lane *lane, int *clock)
{
	walker->place = (struct lane_place){.go = on_turn, .cookie = walker, .first = walker->first};
	walker->lane = lane;
	walker->clock = clock;
	lane_enter(lane, &walker->place);
}

static void
as_many_go_as_the_lane_is_wide(void **state)
{
	struct lanes *lanes = lanes_new(NULL, 2);
	struct lane *lane = lanes_named(lanes, "a");
	struct walker walkers[5] = {0};
	int clock = 0;
	(void)state;
	for (int i = 0; i < 5; i++)
		enter(&walkers[i], lane, &clock);
	assert_int_equal(clock, 2);
	lane_leave(&walkers[0].place);
	lane_leave(&walkers[1].place);
	assert_int_equal(clock, 4);
	for (int i = 0; i < 4; i++)
		assert_int_equal(walkers[i].turn, i + 1);
	assert_int_equal(walkers[4].turn, 0);
	lane_leave(&walkers[2].place);
	assert_int_equal(walkers[4].turn, 5);
	lanes_free(lanes);
}

static void
those_who_go_first_stand_before_the_others(void **state)
{
	struct lanes *lanes = lanes_new(NULL, 1);
	struct lane *lane = lanes_named(lanes, "a");
	struct walker walkers[5] = {[2] = {.first = true}, [3] = {.first = true}};
	static const int turns[] = {1, 4, 2, 3, 5};
	int clock = 0;
	(void)state;
	assert_int_equal(lanes_count(lanes, "b", true), 0);
	for (int i = 0; i < 5; i++)
		enter(&walkers[i], lane, &clock);
	assert_int_equal(lanes_count(lanes, "a", true), 2);
	assert_int_equal(lanes_count(lanes, "a", false), 3);
	static const int order[] = {0, 2, 3, 1, 4};
	for (int i = 0; i < 5; i++)
		lane_leave(&walkers[order[i]].place);
	for (int i = 0; i < 5; i++)
		assert_int_equal(walkers[i].turn, turns[i]);
	assert_int_equal(lanes_count(lanes, "a", true), 0);
	assert_int_equal(lanes_count(lanes, "a", false), 0);
	lanes_free(lanes);
}

static void
a_full_lane_holds_no_other_up(void **state)
{
	struct lanes *lanes = lanes_new(NULL, 1);
	struct walker slow = {0}, behind = {0}, other = {0};
	int clock = 0;
	(void)state;
	enter(&slow, lanes_named(lanes, "slow"), &clock);
	enter(&behind, lanes_named(lanes, "slow"), &clock);
	enter(&other, lanes_named(lanes, "other"), &clock);
	assert_int_equal(slow.turn, 1);
	assert_int_equal(behind.turn, 0);
	assert_int_equal(other.turn, 2);
	assert_ptr_equal(lanes_named(lanes, "slow"), slow.lane);
	assert_ptr_not_equal(other.lane, slow.lane);
	lane_leave(&slow.place);
	assert_int_equal(behind.turn, 3);
	lanes_free(lanes);
}

static void
those_who_leave_at_once_need_no_stack(void **state)
{
	static struct walker crowd[MANY];
	struct lanes *lanes = lanes_new(NULL, 1);
	struct lane *lane = lanes_named(lanes, "a");
	struct walker first = {0};
	int clock = 0;
	(void)state;
	enter(&first, lane, &clock);
	for (int i = 0; i < MANY; i++) {
		crowd[i].leaves = true;
		enter(&crowd[i], lane, &clock);
	}
	assert_int_equal(clock, 1);
	lane_leave(&first.place);
	assert_int_equal(clock, MANY + 1);
	assert_int_equal(crowd[MANY - 1].turn, MANY + 1);
	lanes_free(lanes);
}

static void
open_wide_lets_everybody_go(void **state)
{
	struct lanes *lanes = lanes_new(NULL, 1);
	struct walker walkers[3] = {0}, late = {0};
	int clock = 0;
	(void)state;
	for (int i = 0; i < 3; i++)
		enter(&walkers[i], lanes_named(lanes, "a"), &clock);
	lanes_open_wide(lanes);
	assert_int_equal(clock, 3);
	enter(&late, lanes_named(lanes, "a"), &clock);
	assert_int_equal(late.turn, 4);
	lanes_free(lanes);
	lanes_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(as_many_go_as_the_lane_is_wide),
	    cmocka_unit_test(those_who_go_first_stand_before_the_others),
	    cmocka_unit_test(a_full_lane_holds_no_other_up),
	    cmocka_unit_test(those_who_leave_at_once_need_no_stack),
	    cmocka_unit_test(open_wide_lets_everybody_go),
	};
	return cmocka_run_group_tests_name("domain/lane", tests, NULL, NULL);
}
