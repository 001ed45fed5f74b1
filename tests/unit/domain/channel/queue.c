/* Lanes: the order, the width, lanes apart from each other, and those whose turn is over at once. */
#include "domain/channel/queue.h"
#include "support/test.h"

enum { MANY = 100000 };

struct walker {
	struct queue_entry place;
	struct queue *queue;
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
		queue_leave(&walker->place);
}

static void
enter(struct walker *walker, struct queue *queue, int *clock)
{
	walker->place = (struct queue_entry){.go = on_turn, .cookie = walker, .first = walker->first};
	walker->queue = queue;
	walker->clock = clock;
	queue_enter(queue, &walker->place);
}

TEST(as_many_go_as_the_lane_is_wide)
{
	struct queues *queues = queues_new(NULL, 2);
	struct queue *queue = queues_find(queues, "a");
	struct walker walkers[5] = {0};
	int clock = 0;
	for (int i = 0; i < 5; i++)
		enter(&walkers[i], queue, &clock);
	assert_int_equal(clock, 2);
	queue_leave(&walkers[0].place);
	queue_leave(&walkers[1].place);
	assert_int_equal(clock, 4);
	for (int i = 0; i < 4; i++)
		assert_int_equal(walkers[i].turn, i + 1);
	assert_int_equal(walkers[4].turn, 0);
	queue_leave(&walkers[2].place);
	assert_int_equal(walkers[4].turn, 5);
	queues_free(queues);
}

TEST(those_who_go_first_stand_before_the_others)
{
	struct queues *queues = queues_new(NULL, 1);
	struct queue *queue = queues_find(queues, "a");
	struct walker walkers[5] = {[2] = {.first = true}, [3] = {.first = true}};
	static const int turns[] = {1, 4, 2, 3, 5};
	int clock = 0;
	assert_int_equal(queues_count(queues, "b", true), 0);
	for (int i = 0; i < 5; i++)
		enter(&walkers[i], queue, &clock);
	assert_int_equal(queues_count(queues, "a", true), 2);
	assert_int_equal(queues_count(queues, "a", false), 3);
	static const int order[] = {0, 2, 3, 1, 4};
	for (int i = 0; i < 5; i++)
		queue_leave(&walkers[order[i]].place);
	for (int i = 0; i < 5; i++)
		assert_int_equal(walkers[i].turn, turns[i]);
	assert_int_equal(queues_count(queues, "a", true), 0);
	assert_int_equal(queues_count(queues, "a", false), 0);
	queues_free(queues);
}

TEST(a_full_lane_holds_no_other_up)
{
	struct queues *queues = queues_new(NULL, 1);
	struct walker slow = {0}, behind = {0}, other = {0};
	int clock = 0;
	enter(&slow, queues_find(queues, "slow"), &clock);
	enter(&behind, queues_find(queues, "slow"), &clock);
	enter(&other, queues_find(queues, "other"), &clock);
	assert_int_equal(slow.turn, 1);
	assert_int_equal(behind.turn, 0);
	assert_int_equal(other.turn, 2);
	assert_ptr_equal(queues_find(queues, "slow"), slow.queue);
	assert_ptr_not_equal(other.queue, slow.queue);
	queue_leave(&slow.place);
	assert_int_equal(behind.turn, 3);
	queues_free(queues);
}

TEST(those_who_leave_at_once_need_no_stack)
{
	static struct walker crowd[MANY];
	struct queues *queues = queues_new(NULL, 1);
	struct queue *queue = queues_find(queues, "a");
	struct walker first = {0};
	int clock = 0;
	enter(&first, queue, &clock);
	for (int i = 0; i < MANY; i++) {
		crowd[i].leaves = true;
		enter(&crowd[i], queue, &clock);
	}
	assert_int_equal(clock, 1);
	queue_leave(&first.place);
	assert_int_equal(clock, MANY + 1);
	assert_int_equal(crowd[MANY - 1].turn, MANY + 1);
	queues_free(queues);
}

TEST(open_wide_lets_everybody_go)
{
	struct queues *queues = queues_new(NULL, 1);
	struct walker walkers[3] = {0}, late = {0};
	int clock = 0;
	for (int i = 0; i < 3; i++)
		enter(&walkers[i], queues_find(queues, "a"), &clock);
	queues_drain(queues);
	assert_int_equal(clock, 3);
	enter(&late, queues_find(queues, "a"), &clock);
	assert_int_equal(late.turn, 4);
	queues_free(queues);
	queues_free(NULL);
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
