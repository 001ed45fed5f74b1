/* Delivering: deliveries end one by one, and each end is reported, so that the next one in wait starts at
 * once and not at the next pass by chance. */

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/loop.h"
#include "domain/webhook/deliver.h"
#include "store/delivery.h"
#include "store/store.h"
#include "store/task.h"
#include "store/webhook.h"
#include "support/domains.h"
#include "support/raw.h"
#include "support/test.h"

#define TAKEN "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"

struct ends {
	struct deliverer *deliverer;
	size_t count;
	size_t active; /* after the last of them */
};

static void
on_end(void *cookie)
{
	struct ends *ends = cookie;
	ends->count++;
	ends->active = deliver_active(ends->deliverer);
}

/* An endpoint of the user at the fake upstream, with so many events to send; gives its id. */
static int64_t
endpoint(struct domains *d, int events)
{
	struct webhook webhook = {.url = d->base, .completed = true, .secret = "whsec_bm9ib2R5"};
	char name[32];
	int64_t id;
	d->config.webhook_private = "on";
	d->config.webhook_timeout = 15000;
	assert_int_equal(store_begin(d->s->store, STORE_RELAXED), ERR_OK);
	assert_int_equal(store_webhook_add(d->s->store, d->s->user, &webhook, &id), ERR_OK);
	assert_int_equal(store_commit(d->s->store), ERR_OK);
	for (int i = 0; i < events; i++) {
		snprintf(name, sizeof(name), "video_%d", i);
		struct task task = domains_task(d, name, TASK_STATE_RUNNING);
		struct task_move move = stores_move(task.id, TASK_STATE_RUNNING, TASK_STATE_COMPLETED);
		move.owner = task.owner;
		move.now = clock_wall_ms();
		stores_make(d->s->store, &move);
	}
	return id;
}

static size_t
pass(struct domains *d, struct deliverer *deliverer)
{
	size_t claimed;
	assert_int_equal(deliver_pass(deliverer, d->s->arena, clock_wall_ms(), &claimed), ERR_OK);
	return claimed;
}

TEST(each_end_is_told_and_leaves_room_for_another)
{
	const struct fake_step step = {.act = FAKE_ANSWER, .bytes = TAKEN};
	struct domains *d = domains_new(&step, 1);
	struct ends ends = {0};
	endpoint(d, DELIVER_PER_ENDPOINT + 2);
	ends.deliverer = deliver_new(&d->env, on_end, &ends);
	assert_non_null(ends.deliverer);
	assert_int_equal(pass(d, ends.deliverer), DELIVER_PER_ENDPOINT);
	assert_int_equal(pass(d, ends.deliverer), 0);
	assert_int_equal(ends.count, 0);
	while (ends.count == 0)
		loop_once(d->env.loop, 60000);
	assert_int_equal(ends.active, DELIVER_PER_ENDPOINT - ends.count);
	assert_in_range(pass(d, ends.deliverer), 1, 2);
	while (ends.count < DELIVER_PER_ENDPOINT + 2) {
		loop_once(d->env.loop, 60000);
		pass(d, ends.deliverer);
	}
	assert_int_equal(ends.active, 0);
	assert_int_equal(fake_upstream_requests(d->fake), DELIVER_PER_ENDPOINT + 2);
	deliver_free(ends.deliverer);
	domains_free(d);
}

/* More than the rate waits, and no pass looks at it until then; of the rate of a host, that of all users, one
 * user has half. */
TEST(an_endpoint_gets_no_more_than_its_rate)
{
	const struct fake_step step = {.act = FAKE_ANSWER, .bytes = TAKEN};
	for (int of_host = 0; of_host < 2; of_host++) {
		struct domains *d = domains_new(&step, 1);
		struct ends ends = {0};
		int64_t due;
		endpoint(d, 3);
		d->config.rate_webhook = of_host ? 4 : 2;
		d->config.rate_webhook_host = of_host ? 4 : 3 * 2;
		ends.deliverer = deliver_new(&d->env, on_end, &ends);
		assert_non_null(ends.deliverer);
		assert_int_equal(pass(d, ends.deliverer), 2);
		assert_int_equal(deliver_next_due(ends.deliverer, &due), ERR_OK);
		assert_in_range(due - clock_wall_ms(), 10000, 30000);
		assert_int_equal(pass(d, ends.deliverer), 0);
		while (ends.count < 2)
			loop_once(d->env.loop, 60000);
		size_t claimed;
		assert_int_equal(deliver_pass(ends.deliverer, d->s->arena, due, &claimed), ERR_OK);
		/* By the clock it is too early still: it rests on. */
		assert_int_equal(claimed, 0);
		d->config.rate_webhook = d->config.rate_webhook_host = 0;
		assert_int_equal(deliver_pass(ends.deliverer, d->s->arena, due + 60000, &claimed), ERR_OK);
		assert_int_equal(claimed, 1);
		while (ends.count < 3)
			loop_once(d->env.loop, 60000);
		deliver_free(ends.deliverer);
		domains_free(d);
	}
}

TEST(what_is_abandoned_is_due_at_once_for_others)
{
	const struct fake_step step = {.act = FAKE_SILENT};
	struct domains *d = domains_new(&step, 1);
	struct ends ends = {0};
	struct delivery *list;
	size_t count;
	int64_t id = endpoint(d, 1);
	ends.deliverer = deliver_new(&d->env, on_end, &ends);
	assert_non_null(ends.deliverer);
	assert_int_equal(pass(d, ends.deliverer), 1);
	deliver_abandon(ends.deliverer);
	assert_int_equal(ends.count, 1);
	assert_int_equal(deliver_active(ends.deliverer), 0);
	const struct delivery_page page = {INT64_MAX, 10};
	assert_int_equal(store_delivery_list(d->s->store, d->s->arena, id, &page, &list, &count), ERR_OK);
	assert_int_equal(count, 1);
	assert_null(list[0].owner);
	assert_int_equal(list[0].tries, 0);
	assert_true(list[0].due_at > 0 && list[0].due_at <= clock_wall_ms());
	deliver_free(ends.deliverer);
	domains_free(d);
}

/* Three days without success count once a delivery has come to its end: an endpoint that was down for a
 * while, long ago, and nothing was sent since, is not given up for one failure. */
TEST(an_endpoint_is_given_up_at_the_end_of_a_schedule_only)
{
	const struct fake_step step = {.act = FAKE_HANG_UP};
	for (int last = 0; last < 2; last++) {
		struct domains *d = domains_new(&step, 1);
		struct ends ends = {0};
		struct delivery *list;
		struct webhook webhook;
		size_t count;
		int64_t id = endpoint(d, 1), since;
		const struct delivery_page page = {INT64_MAX, 10};
		assert_int_equal(store_delivery_list(d->s->store, d->s->arena, id, &page, &list, &count),
		                 ERR_OK);
		struct delivery tried = list[0];
		tried.url = d->base;
		tried.owner = "me";
		tried.tried_at = clock_wall_ms() - 4 * (int64_t)DELIVER_FAILING_MS;
		tried.tries = last ? 9 : 0;
		tried.due_at = clock_wall_ms();
		const struct delivery_claim claim = {"me", tried.due_at, tried.due_at + 1000, 1, 1};
		assert_int_equal(store_begin(d->s->store, STORE_RELAXED), ERR_OK);
		assert_int_equal(store_delivery_claim(d->s->store, d->s->arena, &claim, &list, &count),
		                 ERR_OK);
		assert_int_equal(store_delivery_end(d->s->store, &tried), ERR_OK);
		assert_int_equal(store_webhook_fails(d->s->store, &tried, &since), ERR_OK);
		assert_int_equal(store_commit(d->s->store), ERR_OK);
		ends.deliverer = deliver_new(&d->env, on_end, &ends);
		assert_int_equal(pass(d, ends.deliverer), 1);
		while (ends.count == 0)
			loop_once(d->env.loop, 60000);
		assert_int_equal(store_webhook_get(d->s->store, d->s->arena, d->s->user, id, &webhook),
		                 ERR_OK);
		assert_int_equal(webhook.enabled, !last);
		deliver_free(ends.deliverer);
		domains_free(d);
	}
}

TEST(webhooks_are_tried_ten_times_over_three_days)
{
	const int64_t hour = 3600000;
	static const int64_t seconds[] = {5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400};
	int64_t least = 0;
	for (size_t f = 0; f < sizeof(seconds) / sizeof(seconds[0]); f++) {
		for (double d = 0; d < 1; d += 0.249) {
			int64_t wait = deliver_wait((int64_t)f + 1, 0, d);
			assert_in_range(wait, seconds[f] * 900, seconds[f] * 1100);
			assert_in_range(deliver_wait((int64_t)f + 1, 2 * hour, d), 2 * hour, 27 * hour);
			assert_true(deliver_wait((int64_t)f + 1, INT64_MAX, d) <= 27 * hour);
			assert_int_equal(deliver_wait((int64_t)f + 1, INT64_MIN, d), wait);
		}
		least += deliver_wait((int64_t)f + 1, 0, 0.5);
	}
	assert_int_equal(least, (75 * 3600 + 35 * 60 + 5) * INT64_C(1000));
	assert_int_equal(deliver_wait(10, 0, 0.5), -1);
	assert_int_equal(deliver_wait(INT64_MAX, hour, 0.5), -1);
	assert_in_range(deliver_wait(0, 0, 0.5), 4500, 5500);
	assert_true(deliver_wait(1, 0, 0) != deliver_wait(1, 0, 0.999));
}

TEST(nothing_is_sent_by_a_clock_that_was_set_a_moment_ago)
{
	const struct fake_step step = {.act = FAKE_ANSWER, .bytes = TAKEN};
	struct domains *d = domains_new(&step, 1);
	struct ends ends = {0};
	endpoint(d, 1);
	ends.deliverer = deliver_new(&d->env, on_end, &ends);
	assert_non_null(ends.deliverer);
	domains_clock_set(d);
	assert_int_equal(pass(d, ends.deliverer), 0);
	domains_clock_move(d);
	raw_run(d->s->store, "UPDATE delivery SET due_at = 1");
	assert_int_equal(pass(d, ends.deliverer), 1);
	while (ends.count < 1)
		loop_once(d->env.loop, 60000);
	deliver_free(ends.deliverer);
	domains_free(d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_end_is_told_and_leaves_room_for_another),
	    cmocka_unit_test(an_endpoint_gets_no_more_than_its_rate),
	    cmocka_unit_test(an_endpoint_is_given_up_at_the_end_of_a_schedule_only),
	    cmocka_unit_test(webhooks_are_tried_ten_times_over_three_days),
	    cmocka_unit_test(what_is_abandoned_is_due_at_once_for_others),
	    cmocka_unit_test(nothing_is_sent_by_a_clock_that_was_set_a_moment_ago),
	};
	return cmocka_run_group_tests_name("domain/webhook/deliver", tests, NULL, NULL);
}
