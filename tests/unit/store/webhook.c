/* Webhooks in the database: what ends writes down whom to tell, in the same transaction; deliveries are
 * claimed like tasks, endpoint by endpoint; those of upstreams are taken once. */
#include <string.h>

#include <stdio.h>

#include "support/stores.h"
#include "store/clock.h"
#include "store/delivery.h"
#include "store/store.h"
#include "store/task.h"
#include "store/user.h"
#include "store/webhook.h"
#include "support/test.h"

#define WRITE(s, call)                                                                                       \
	do {                                                                                                 \
		assert_int_equal(store_begin((s)->store, STORE_RELAXED), ERR_OK);                            \
		assert_int_equal(call, ERR_OK);                                                              \
		assert_int_equal(store_commit((s)->store), ERR_OK);                                          \
	} while (0)

static int64_t
endpoint(struct stores *s, int64_t user, bool completed, bool failed)
{
	const struct webhook webhook = {
	    .url = "https://a.example/", .completed = completed, .failed = failed, .secret = "whsec_x"};
	int64_t id;
	WRITE(s, store_webhook_add(s->store, user, &webhook, &id));
	return id;
}

/* Adds a task and ends it so; gives its id. */
static int64_t
ended(struct stores *s, int64_t user, const char *video_id, enum task_state to)
{
	struct task task = stores_task(user, video_id);
	task.state = TASK_STATE_RUNNING;
	int64_t id = stores_add(s->store, &task);
	struct task_move move = stores_move(id, TASK_STATE_RUNNING, to);
	move.now = move.completed_at = 2000;
	stores_make(s->store, &move);
	return id;
}

static size_t
listed(struct stores *s, int64_t webhook, struct delivery **ret_deliveries)
{
	size_t count;
	const struct delivery_page page = {INT64_MAX, 1000};
	assert_int_equal(store_delivery_list(s->store, s->arena, webhook, &page, ret_deliveries, &count),
	                 ERR_OK);
	return count;
}

static size_t
claimed(struct stores *s, const char *owner, int64_t now, int64_t limit, struct delivery **ret_deliveries)
{
	const struct delivery_claim claim = {owner, now, now + 1000, limit, 4};
	size_t count;
	WRITE(s, store_delivery_claim(s->store, s->arena, &claim, ret_deliveries, &count));
	return count;
}

static int64_t
next_due(struct stores *s, int64_t now)
{
	int64_t due;
	assert_int_equal(store_delivery_next_due(s->store, now, 4, &due), ERR_OK);
	return due;
}

TEST(the_end_of_a_task_is_told_to_those_who_want_to_know)
{
	struct stores *s = stores_new();
	struct delivery *list;
	int64_t bea = stores_user(s->store, "bea");
	int64_t all = endpoint(s, s->user, true, true), good = endpoint(s, s->user, true, false);
	int64_t bad = endpoint(s, s->user, false, true), other = endpoint(s, bea, true, true);
	ended(s, s->user, "video_1", TASK_STATE_COMPLETED);
	ended(s, s->user, "video_2", TASK_STATE_FAILED);
	ended(s, s->user, "video_3", TASK_STATE_CANCELLED);
	assert_int_equal(listed(s, all, &list), 3);
	assert_string_equal(list[0].video_id, "video_3");
	assert_string_equal(list[0].event, "video.failed");
	assert_string_equal(list[1].event, "video.failed");
	assert_string_equal(list[2].event, "video.completed");
	assert_int_equal(list[2].created_at, 2000);
	assert_int_equal(list[2].due_at, 2000);
	assert_int_equal(list[2].attempt, 1);
	assert_int_equal(listed(s, good, &list), 1);
	assert_int_equal(listed(s, bad, &list), 2);
	assert_int_equal(listed(s, other, &list), 0);
	assert_int_equal(next_due(s, 1000), 2000);
	stores_free(s);
}

TEST(what_is_rolled_back_is_not_told)
{
	struct stores *s = stores_new();
	struct delivery *list;
	int64_t id = endpoint(s, s->user, true, true), rev;
	struct task task = stores_task(s->user, "video_1");
	struct task_move move =
	    stores_move(stores_add(s->store, &task), TASK_STATE_READY, TASK_STATE_CANCELLED);
	move.attempt = 1;
	assert_int_equal(store_begin(s->store, STORE_RELAXED), ERR_OK);
	assert_int_equal(store_task_move(s->store, &move, &rev), ERR_OK);
	assert_int_equal(listed(s, id, &list), 1);
	store_rollback(s->store);
	assert_int_equal(listed(s, id, &list), 0);
	assert_int_equal(next_due(s, 5000), INT64_MAX);
	stores_free(s);
}

TEST(each_attempt_ends_once_for_each_event)
{
	struct stores *s = stores_new();
	struct delivery *list;
	int64_t hook = endpoint(s, s->user, true, true), id = ended(s, s->user, "video_1", TASK_STATE_FAILED),
	        rev;
	/* It is revived and fails again: known. It arrives late after all: news. */
	struct task_move move = stores_move(id, TASK_STATE_FAILED, TASK_STATE_RUNNING);
	stores_make(s->store, &move);
	move = stores_move(id, TASK_STATE_RUNNING, TASK_STATE_FAILED);
	stores_make(s->store, &move);
	assert_int_equal(listed(s, hook, &list), 1);
	move = stores_move(id, TASK_STATE_FAILED, TASK_STATE_COMPLETED);
	stores_make(s->store, &move);
	assert_int_equal(listed(s, hook, &list), 2);
	/* Another attempt that fails is another event. */
	int64_t again_id = ended(s, s->user, "video_2", TASK_STATE_FAILED);
	const struct task_retry again = {.id = again_id, .from = TASK_STATE_FAILED, .to = TASK_STATE_READY};
	WRITE(s, store_task_retry(s->store, &again, &rev));
	move = stores_move(again_id, TASK_STATE_READY, TASK_STATE_FAILED);
	move.attempt = 2;
	stores_make(s->store, &move);
	assert_int_equal(listed(s, hook, &list), 4);
	assert_int_equal(list[0].attempt, 2);
	assert_int_equal(list[1].attempt, 1);
	stores_free(s);
}

TEST(a_delivery_is_in_one_hand_at_a_time)
{
	struct stores *s = stores_new();
	struct delivery *list, *mine;
	int64_t hook = endpoint(s, s->user, true, true);
	ended(s, s->user, "video_1", TASK_STATE_COMPLETED);
	assert_int_equal(claimed(s, "p", 1999, 10, &list), 0);
	assert_int_equal(claimed(s, "p", 2000, 10, &mine), 1);
	assert_string_equal(mine[0].url, "https://a.example/");
	assert_string_equal(mine[0].secret, "whsec_x");
	assert_null(mine[0].owner);
	assert_int_equal(claimed(s, "q", 2999, 10, &list), 0);
	assert_int_equal(next_due(s, 2500), 3000);
	assert_int_equal(claimed(s, "q", 3000, 10, &list), 1);
	/* Who has lost the lease writes nothing. */
	struct delivery done = mine[0];
	done.owner = "p";
	done.due_at = 0;
	done.tries = 1;
	done.delivered_at = 3000;
	assert_int_equal(store_begin(s->store, STORE_RELAXED), ERR_OK);
	assert_int_equal(store_delivery_end(s->store, &done), ERR_CONFLICT);
	assert_int_equal(store_delivery_return(s->store, &done), ERR_CONFLICT);
	assert_int_equal(store_delivery_replay(s->store, hook, done.id, 4000), ERR_CONFLICT);
	assert_int_equal(store_commit(s->store), ERR_OK);
	done.owner = "q";
	WRITE(s, store_delivery_end(s->store, &done));
	assert_int_equal(listed(s, hook, &list), 1);
	assert_int_equal(list[0].delivered_at, 3000);
	assert_int_equal(next_due(s, 9000), INT64_MAX);
	/* It can be had again, by its own endpoint only. */
	assert_int_equal(store_begin(s->store, STORE_RELAXED), ERR_OK);
	assert_int_equal(store_delivery_replay(s->store, hook + 1, done.id, 4000), ERR_NOT_FOUND);
	assert_int_equal(store_delivery_replay(s->store, hook, done.id, 4000), ERR_OK);
	assert_int_equal(store_commit(s->store), ERR_OK);
	assert_int_equal(next_due(s, 9000), 4000);
	stores_free(s);
}

TEST(what_piles_up_at_one_endpoint_holds_no_other)
{
	struct stores *s = stores_new();
	struct delivery *list;
	char name[32];
	int64_t bea = stores_user(s->store, "bea");
	int64_t slow = endpoint(s, s->user, true, true), quick = endpoint(s, bea, true, true);
	for (int i = 0; i < 50; i++) {
		snprintf(name, sizeof(name), "video_%d", i);
		ended(s, s->user, name, TASK_STATE_COMPLETED);
	}
	assert_int_equal(claimed(s, "p", 5000, 100, &list), 4);
	assert_int_equal(claimed(s, "q", 5000, 100, &list), 0);
	assert_int_equal(next_due(s, 5000), INT64_MAX);
	ended(s, bea, "video_bea", TASK_STATE_COMPLETED);
	assert_int_equal(next_due(s, 5000), 2000);
	assert_int_equal(claimed(s, "p", 5000, 100, &list), 1);
	assert_int_equal(list[0].webhook_id, quick);
	/* The holder dies: its leases run out, and count no longer. */
	assert_int_equal(claimed(s, "q", 7000, 100, &list), 4 + 1);
	assert_int_equal(listed(s, slow, &list), 50);
	stores_free(s);
}

TEST(users_take_turns)
{
	struct stores *s = stores_new();
	struct delivery *list;
	char name[32];
	size_t of_bea = 0;
	int64_t bea = stores_user(s->store, "bea"), few;
	for (int i = 0; i < 5; i++)
		endpoint(s, s->user, true, true);
	for (int i = 0; i < 20; i++) {
		snprintf(name, sizeof(name), "video_%d", i);
		ended(s, s->user, name, TASK_STATE_COMPLETED);
	}
	few = endpoint(s, bea, true, true);
	ended(s, bea, "video_bea", TASK_STATE_COMPLETED);
	/* The hundred of one user came first, and so does that user's first endpoint; the otof_bea come after
	 * bea's. */
	assert_int_equal(claimed(s, "p", 5000, 8, &list), 8);
	for (size_t i = 0; i < 8; i++)
		of_bea += list[i].webhook_id == few;
	assert_int_equal(of_bea, 1);
	/* One place is free, and bea has fewer leases. */
	ended(s, bea, "video_bea_2", TASK_STATE_COMPLETED);
	assert_int_equal(claimed(s, "q", 5000, 1, &list), 1);
	assert_int_equal(list[0].webhook_id, few);
	assert_int_equal(claimed(s, "q", 5000, 1, &list), 1);
	assert_int_not_equal(list[0].webhook_id, few);
	stores_free(s);
}

TEST(what_is_due_is_found_behind_what_is_not)
{
	struct stores *s = stores_new();
	struct delivery *list;
	int64_t bea = stores_user(s->store, "bea"), early = endpoint(s, s->user, true, true);
	endpoint(s, bea, true, true);
	ended(s, s->user, "video_1", TASK_STATE_COMPLETED);
	ended(s, s->user, "video_2", TASK_STATE_COMPLETED);
	ended(s, bea, "video_bea", TASK_STATE_COMPLETED);
	/* One of the first user is under a lease; bea's is put off, so that bea, who has no lease, is not
	 * due. */
	assert_int_equal(claimed(s, "p", 5000, 1, &list), 1);
	assert_int_equal(list[0].webhook_id, early);
	assert_int_equal(claimed(s, "p", 5000, 1, &list), 1);
	list[0].owner = "p";
	list[0].due_at = 9000;
	WRITE(s, store_delivery_return(s->store, &list[0]));
	assert_int_equal(next_due(s, 5000), 2000);
	assert_int_equal(claimed(s, "p", 5000, 10, &list), 1);
	assert_int_equal(list[0].webhook_id, early);
	stores_free(s);
}

TEST(who_is_disabled_gets_nothing)
{
	struct stores *s = stores_new();
	struct delivery *list;
	struct webhook *webhooks;
	size_t count;
	int64_t hook = endpoint(s, s->user, true, true);
	ended(s, s->user, "video_1", TASK_STATE_COMPLETED);
	WRITE(s, store_webhook_disable(s->store, hook, "gone"));
	assert_int_equal(claimed(s, "p", 5000, 10, &list), 0);
	assert_int_equal(listed(s, hook, &list), 1);
	assert_int_equal(list[0].due_at, 0);
	assert_string_equal(list[0].error, "The endpoint was disabled.");
	ended(s, s->user, "video_2", TASK_STATE_COMPLETED);
	assert_int_equal(listed(s, hook, &list), 1);

	/* Enabled again, but its user is not. */
	assert_int_equal(store_webhook_list(s->store, s->arena, s->user, &webhooks, &count), ERR_OK);
	assert_int_equal(count, 1);
	assert_string_equal(webhooks[0].note, "gone");
	webhooks[0].enabled = true;
	WRITE(s, store_webhook_set(s->store, &webhooks[0]));
	ended(s, s->user, "video_3", TASK_STATE_COMPLETED);
	WRITE(s, store_user_disable(s->store, s->user, true));
	assert_int_equal(claimed(s, "p", 5000, 10, &list), 0);
	assert_int_equal(next_due(s, 5000), INT64_MAX);
	WRITE(s, store_user_disable(s->store, s->user, false));

	/* Deleted: gone for its user, and from the file with its last delivery. */
	ended(s, s->user, "video_4", TASK_STATE_COMPLETED);
	WRITE(s, store_webhook_delete(s->store, hook));
	assert_int_equal(store_webhook_get(s->store, s->arena, s->user, hook, &webhooks[0]), ERR_NOT_FOUND);
	assert_int_equal(claimed(s, "p", 5000, 10, &list), 0);
	WRITE(s, store_delivery_purge(s->store, 2000, 10));
	assert_int_equal(listed(s, hook, &list), 3);
	WRITE(s, store_delivery_purge(s->store, 2001, 10));
	assert_int_equal(listed(s, hook, &list), 0);
	stores_free(s);
}

TEST(what_waits_is_not_purged)
{
	struct stores *s = stores_new();
	struct delivery *list;
	int64_t hook = endpoint(s, s->user, true, true);
	ended(s, s->user, "video_1", TASK_STATE_COMPLETED);
	WRITE(s, store_delivery_purge(s->store, INT64_MAX, 10));
	assert_int_equal(listed(s, hook, &list), 1);
	stores_free(s);
}

TEST(failures_are_counted_from_the_first)
{
	struct stores *s = stores_new();
	int64_t since, hook = endpoint(s, s->user, true, true);
	struct delivery delivery = {.webhook_id = hook, .url = "https://a.example/", .tried_at = 5000};
	WRITE(s, store_webhook_fails(s->store, &delivery, &since));
	assert_int_equal(since, 5000);
	delivery.tried_at = 6000;
	WRITE(s, store_webhook_fails(s->store, &delivery, &since));
	assert_int_equal(since, 5000);
	WRITE(s, store_webhook_works(s->store, hook));
	delivery.url = "https://before.example/"; /* it led there when this one was sent */
	assert_int_equal(store_begin(s->store, STORE_RELAXED), ERR_OK);
	assert_int_equal(store_webhook_fails(s->store, &delivery, &since), ERR_NOT_FOUND);
	store_rollback(s->store);
	delivery.url = "https://a.example/";
	delivery.tried_at = 7000;
	WRITE(s, store_webhook_fails(s->store, &delivery, &since));
	assert_int_equal(since, 7000);
	stores_free(s);
}

TEST(a_clock_set_back_holds_nothing_up)
{
	struct stores *s = stores_new();
	endpoint(s, s->user, true, true);
	ended(s, s->user, "video_1", TASK_STATE_COMPLETED);
	WRITE(s, store_clock_back(s->store, 500, 600, 600, false));
	assert_int_equal(next_due(s, 500), 500);
	stores_free(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_end_of_a_task_is_told_to_those_who_want_to_know),
	    cmocka_unit_test(what_is_rolled_back_is_not_told),
	    cmocka_unit_test(each_attempt_ends_once_for_each_event),
	    cmocka_unit_test(a_delivery_is_in_one_hand_at_a_time),
	    cmocka_unit_test(what_piles_up_at_one_endpoint_holds_no_other),
	    cmocka_unit_test(users_take_turns),
	    cmocka_unit_test(what_is_due_is_found_behind_what_is_not),
	    cmocka_unit_test(who_is_disabled_gets_nothing),
	    cmocka_unit_test(what_waits_is_not_purged),
	    cmocka_unit_test(failures_are_counted_from_the_first),
	    cmocka_unit_test(a_clock_set_back_holds_nothing_up),
	};
	return cmocka_run_group_tests_name("store/webhook", tests, NULL, NULL);
}
