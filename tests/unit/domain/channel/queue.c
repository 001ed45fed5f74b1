/* Request queues: the order, the width, one queue apart from another, and requests that end at once. */
#include "domain/channel/queue.h"
#include "support/test.h"

enum { MANY = 100000 };

struct request {
	struct queue_entry entry;
	struct queue *queue;
	int *clock;  /* counts the starts */
	int turn;    /* which start this was; 0 = not started */
	bool leaves; /* at once */
	bool first;  /* before the others */
};

static void
on_start(void *cookie)
{
	struct request *request = cookie;
	request->turn = ++*request->clock;
	if (request->leaves)
		queue_leave(&request->entry);
}

static void
enter(struct request *request, struct queue *queue, int *clock)
{
	request->entry = (struct queue_entry){.start = on_start, .cookie = request, .first = request->first};
	request->queue = queue;
	request->clock = clock;
	queue_enter(queue, &request->entry);
}

TEST(as_many_start_as_the_queue_is_wide)
{
	struct queues *queues = queues_new(NULL, 2);
	struct queue *queue = queues_find(queues, "a");
	struct request requests[5] = {0};
	int clock = 0;
	for (int i = 0; i < 5; i++)
		enter(&requests[i], queue, &clock);
	assert_int_equal(clock, 2);
	queue_leave(&requests[0].entry);
	queue_leave(&requests[1].entry);
	assert_int_equal(clock, 4);
	for (int i = 0; i < 4; i++)
		assert_int_equal(requests[i].turn, i + 1);
	assert_int_equal(requests[4].turn, 0);
	queue_leave(&requests[2].entry);
	assert_int_equal(requests[4].turn, 5);
	queues_free(queues);
}

TEST(first_entries_start_before_the_others)
{
	struct queues *queues = queues_new(NULL, 1);
	struct queue *queue = queues_find(queues, "a");
	struct request requests[5] = {[2] = {.first = true}, [3] = {.first = true}};
	static const int turns[] = {1, 4, 2, 3, 5};
	int clock = 0;
	assert_int_equal(queues_count(queues, "b", true), 0);
	for (int i = 0; i < 5; i++)
		enter(&requests[i], queue, &clock);
	assert_int_equal(queues_count(queues, "a", true), 2);
	assert_int_equal(queues_count(queues, "a", false), 3);
	static const int order[] = {0, 2, 3, 1, 4};
	for (int i = 0; i < 5; i++)
		queue_leave(&requests[order[i]].entry);
	for (int i = 0; i < 5; i++)
		assert_int_equal(requests[i].turn, turns[i]);
	assert_int_equal(queues_count(queues, "a", true), 0);
	assert_int_equal(queues_count(queues, "a", false), 0);
	queues_free(queues);
}

TEST(a_full_queue_holds_no_other_up)
{
	struct queues *queues = queues_new(NULL, 1);
	struct request slow = {0}, behind = {0}, other = {0};
	int clock = 0;
	enter(&slow, queues_find(queues, "slow"), &clock);
	enter(&behind, queues_find(queues, "slow"), &clock);
	enter(&other, queues_find(queues, "other"), &clock);
	assert_int_equal(slow.turn, 1);
	assert_int_equal(behind.turn, 0);
	assert_int_equal(other.turn, 2);
	assert_ptr_equal(queues_find(queues, "slow"), slow.queue);
	assert_ptr_not_equal(other.queue, slow.queue);
	queue_leave(&slow.entry);
	assert_int_equal(behind.turn, 3);
	queues_free(queues);
}

TEST(entries_that_leave_at_once_need_no_stack)
{
	static struct request crowd[MANY];
	struct queues *queues = queues_new(NULL, 1);
	struct queue *queue = queues_find(queues, "a");
	struct request first = {0};
	int clock = 0;
	enter(&first, queue, &clock);
	for (int i = 0; i < MANY; i++) {
		crowd[i].leaves = true;
		enter(&crowd[i], queue, &clock);
	}
	assert_int_equal(clock, 1);
	queue_leave(&first.entry);
	assert_int_equal(clock, MANY + 1);
	assert_int_equal(crowd[MANY - 1].turn, MANY + 1);
	queues_free(queues);
}

TEST(a_drain_starts_all)
{
	struct queues *queues = queues_new(NULL, 1);
	struct request requests[3] = {0}, late = {0};
	int clock = 0;
	for (int i = 0; i < 3; i++)
		enter(&requests[i], queues_find(queues, "a"), &clock);
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
	    cmocka_unit_test(as_many_start_as_the_queue_is_wide),
	    cmocka_unit_test(first_entries_start_before_the_others),
	    cmocka_unit_test(a_full_queue_holds_no_other_up),
	    cmocka_unit_test(entries_that_leave_at_once_need_no_stack),
	    cmocka_unit_test(a_drain_starts_all),
	};
	return cmocka_run_group_tests_name("domain/channel/queue", tests, NULL, NULL);
}
