/* Polls against an upstream that follows a script: from the question to the row. What each answer means
 * stands in the test of decide. */
#include <string.h>

#include "base/clock.h"
#include "base/loop.h"
#include "domain/channel/channels.h"
#include "domain/task/poll.h"
#include "store/store.h"
#include "store/fault.h"
#include "support/domains.h"
#include "upstream/http/client.h"
#include "support/test.h"

#define ANSWER(status, headers, body) "HTTP/1.1 " status "\r\nConnection: close\r\n" headers "\r\n" body
#define COMPLETED                     "{\"status\":\"completed\",\"video_url\":\"https://cdn.example.com/v.mp4\"}"
#define SAYS(json)                    ANSWER("200 OK", "", json)

/* Who has the polls made; what became of the last one. */
static struct {
	bool ours;
	enum poll_end end;
	int64_t next;
	size_t ended;
} user;

static bool
may(void *cookie)
{
	(void)cookie;
	return user.ours;
}

static void
done(void *cookie, void *of, const struct task *task, enum poll_end end, int64_t next)
{
	(void)cookie;
	assert_ptr_equal(of, &user);
	assert_non_null(task->video_id);
	user.end = end;
	user.next = next;
	user.ended++;
}

static struct poll_driver *
new_driver(struct domains *d)
{
	const struct poll_user all = {.may_ask = may, .may_write = may, .done = done};
	user.ours = true;
	user.ended = 0;
	struct poll_driver *driver = poll_driver_new(&d->env, &all);
	assert_non_null(driver);
	return driver;
}

static void
start(struct poll_driver *driver, const struct task *task)
{
	assert_true(poll_driver_start(driver, task, clock_wall_ms(), &user));
}

static void
run(struct domains *d, const struct poll_driver *poll_driver)
{
	while (poll_driver_active(poll_driver) > 0)
		loop_once(d->env.loop, 60000);
}

/* Polls the task once and gives the row afterwards. */
static struct task
poll_once(struct domains *d, const struct task *task)
{
	struct poll_driver *driver = new_driver(d);
	start(driver, task);
	run(d, driver);
	poll_driver_free(driver);
	assert_int_equal(user.ended, 1);
	return stores_get(d->s, task->video_id);
}

TEST(a_task_is_followed_to_its_end)
{
	const struct fake_step steps[] = {
	    {FAKE_ANSWER, SAYS("{\"status\":\"in_progress\",\"progress\":30}")},
	    {FAKE_ANSWER, SAYS("{\"status\":\"in_progress\",\"progress\":30}")},
	    {FAKE_ANSWER, SAYS("{\"status\":\"in_progress\",\"progress\":10}")},
	    {FAKE_ANSWER, SAYS("{\"status\":\"completed\",\"progress\":100}")},
	    {FAKE_ANSWER, SAYS(COMPLETED)},
	};
	struct domains *d = domains_new(steps, 5);
	struct task task = domains_task(d, "v", TASK_STATE_RUNNING);
	int64_t rev = task.rev;
	task = poll_once(d, &task);
	assert_int_equal(task.state, TASK_STATE_RUNNING);
	assert_int_equal(task.progress, 30);
	assert_true(task.rev > rev);
	assert_null(task.owner);
	assert_in_range(user.next, clock_wall_ms() + 900, clock_wall_ms() + 3100);
	/* The same and less are no news, and write nothing: no transaction begins. Nor does news write when
	 * the next look is. */
	rev = task.rev;
	const int64_t due_at = task.due_at;
	for (int i = 0; i < 2; i++) {
		store_fault_set(d->env.store, 1000, ERR_NO_SPACE);
		task = poll_once(d, &task);
		assert_int_equal(user.end, POLL_JUDGED);
		assert_true(user.next > clock_wall_ms());
		assert_int_equal(task.progress, 30);
		assert_int_equal(task.rev, rev);
		assert_int_equal(task.due_at, due_at);
	}
	store_fault_set(d->env.store, 0, 0);
	/* Without a link it is not there yet. */
	task = poll_once(d, &task);
	assert_int_equal(task.state, TASK_STATE_RUNNING);
	assert_int_equal(task.progress, 99);
	task = poll_once(d, &task);
	assert_int_equal(task.state, TASK_STATE_COMPLETED);
	assert_int_equal(task.progress, 100);
	assert_string_equal(task.video_url, "https://cdn.example.com/v.mp4");
	assert_true(task.completed_at > 0);
	assert_int_equal(task.due_at, 0);
	assert_non_null(strstr(fake_upstream_request(d->fake, 0), "GET /sora/v1/videos/up-1 "));
	domains_free(d);
}

TEST(rubbish_never_ends_a_task)
{
	const struct fake_step steps[] = {
	    {FAKE_ANSWER, ANSWER("200 OK", "Content-Type: text/html\r\n", "<html>failed</html>")},
	    {FAKE_ANSWER, ANSWER("500 Oops", "", "{\"status\":\"failed\"}")},
	    {FAKE_HANG_UP},
	    {FAKE_ANSWER, SAYS("{\"status\":\"pondering\"}")},
	    {FAKE_ANSWER, ANSWER("404 Not Found", "", "{\"status\":\"failed\"}")},
	};
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		struct domains *d = domains_new(&steps[i], 1);
		struct task task = domains_task(d, "v", TASK_STATE_RUNNING);
		int64_t rev = task.rev;
		task = poll_once(d, &task);
		assert_int_equal(task.state, TASK_STATE_RUNNING);
		assert_int_equal(task.rev, rev);
		assert_true(task.due_at > clock_wall_ms());
		assert_int_equal(task.not_found_count, i == 4);
		domains_free(d);
	}
}

TEST(the_third_404_ends_it)
{
	const struct fake_step step = {FAKE_ANSWER, ANSWER("404 Not Found", "", "{}")};
	struct domains *d = domains_new(&step, 1);
	struct task task = domains_task(d, "v", TASK_STATE_RUNNING);
	for (int i = 1; i <= 3; i++) {
		task = poll_once(d, &task);
		assert_int_equal(task.state, i < 3 ? TASK_STATE_RUNNING : TASK_STATE_FAILED);
	}
	assert_string_equal(task.error_code, "upstream_lost");
	domains_free(d);
}

/* ---- the channel ---- */

TEST(a_channel_that_asks_for_rest_is_left_alone)
{
	const struct fake_step step = {FAKE_ANSWER, ANSWER("429 Slow Down", "Retry-After: 30\r\n", "")};
	struct domains *d = domains_new(&step, 1);
	struct task first = domains_task(d, "a", TASK_STATE_RUNNING);
	struct task second = domains_task(d, "b", TASK_STATE_RUNNING);
	first = poll_once(d, &first);
	int64_t until = domains_health(d).poll_until;
	assert_int_equal(domains_health(d).cooldown_until, 0); /* new work is another matter */
	assert_in_range(until, clock_wall_ms() + 29000, clock_wall_ms() + 30000);
	assert_true(first.due_at >= until - 100);
	const struct task before = second;
	second = poll_once(d, &second);
	assert_int_equal(user.end, POLL_NOT_MADE);
	assert_in_range(user.next, until, until + 2000);
	assert_int_equal(second.due_at, before.due_at);
	assert_int_equal(second.tries, 0);
	assert_int_equal(fake_upstream_connections(d->fake), 1);
	domains_free(d);
}

TEST(a_deadline_passes_while_a_channel_rests)
{
	const struct fake_step step = {FAKE_ANSWER, SAYS(COMPLETED)};
	struct domains *d = domains_new(&step, 1);
	domains_set_health(d,
	                   (struct channel_health){.failures = 9, .cooldown_until = clock_wall_ms() + 60000});
	d->config.task_deadline = 30000;
	struct task soon = domains_task(d, "soon", TASK_STATE_RUNNING);
	d->config.task_deadline = 0;
	struct task over = domains_task(d, "over", TASK_STATE_RUNNING);
	soon = poll_once(d, &soon);
	assert_int_equal(soon.state, TASK_STATE_RUNNING);
	assert_int_equal(user.next, soon.deadline_at);
	over = poll_once(d, &over);
	assert_int_equal(over.state, TASK_STATE_FAILED);
	assert_string_equal(over.error_code, "timeout");
	assert_true(over.due_at > clock_wall_ms());
	assert_int_equal(fake_upstream_connections(d->fake), 0);
	assert_int_equal(domains_health(d).failures, 9);
	domains_free(d);
}

TEST(failing_polls_count_against_the_channel_and_news_for_it)
{
	const struct fake_step steps[] = {
	    {FAKE_HANG_UP},
	    {FAKE_HANG_UP},
	    {FAKE_ANSWER, SAYS("{\"status\":\"queued\"}")},
	};
	struct domains *d = domains_new(steps, 3);
	struct task task = domains_task(d, "v", TASK_STATE_RUNNING);
	const int64_t failures[] = {1, 2, 0};
	for (int i = 0; i < 3; i++) {
		task = poll_once(d, &task);
		assert_int_equal(domains_health(d).failures, failures[i]);
		assert_int_equal(task.tries, failures[i]);
	}
	domains_free(d);
}

/* What the key for new work does not know is about one orphan, and no reason to leave all others waiting. */
TEST(an_orphan_does_not_rest_its_channel)
{
	const struct fake_step steps[] = {{FAKE_ANSWER, ANSWER("404 Not Found", "", "{}")},
	                                  {FAKE_ANSWER, ANSWER("403 Not yours", "", "{}")},
	                                  {FAKE_ANSWER, ANSWER("404 Not Found", "", "{}")},
	                                  {FAKE_ANSWER, ANSWER("401 Who", "", "{}")}};
	struct domains *d = domains_new(steps, 4);
	const struct channel *channel = channels_find(d->channels, "default");
	struct task task = stores_task(d->s->user, "v");
	task.key_id = arena_printf(d->s->arena, "000000000000%s", strchr(channel->key_id, '.'));
	channel_release(channel);
	task.state = TASK_STATE_RUNNING;
	task.external_id = "up-1";
	task.deadline_at = clock_wall_ms() + 3600000;
	stores_add(d->s->store, &task);
	task = stores_get(d->s, "v");
	for (int i = 0; i < 4; i++) {
		task = poll_once(d, &task);
		assert_int_equal(task.state, TASK_STATE_RUNNING);
		assert_int_equal(task.tries, i + 1);
		assert_int_equal(domains_health(d).failures, 0);
	}
	domains_free(d);
}

TEST(a_task_of_a_channel_that_is_gone_waits_for_its_deadline)
{
	struct domains *d = domains_new(NULL, 0);
	struct task task = stores_task(d->s->user, "v");
	task.channel = "gone";
	task.state = TASK_STATE_RUNNING;
	task.external_id = "up-1";
	task.deadline_at = clock_wall_ms() + 90000;
	task.id = stores_add(d->s->store, &task);
	struct task row = poll_once(d, &task);
	assert_int_equal(row.state, TASK_STATE_RUNNING);
	assert_in_range(user.next, clock_wall_ms() + 59000, clock_wall_ms() + 90000);
	domains_deadline(d, &row, clock_wall_ms() - 1);
	row = poll_once(d, &row);
	assert_int_equal(row.state, TASK_STATE_FAILED);
	assert_string_equal(row.error_code, "timeout");
	/* It is polled no more once the time for late videos is over, too. */
	d->config.late_window = 0;
	domains_deadline(d, &row, clock_wall_ms() - 1);
	row = poll_once(d, &row);
	assert_int_equal(row.due_at, 0);
	domains_free(d);
}

/* ---- writing ---- */

TEST(a_video_that_comes_late_is_delivered)
{
	const struct fake_step step = {FAKE_ANSWER, SAYS(COMPLETED)};
	struct domains *d = domains_new(&step, 1);
	d->config.task_deadline = 0;
	struct task task = stores_task(d->s->user, "v");
	task.state = TASK_STATE_FAILED;
	task.error_code = "timeout";
	task.error_message = "Too late.";
	task.external_id = "up-1";
	task.id = stores_add(d->s->store, &task);
	task = poll_once(d, &task);
	assert_int_equal(task.state, TASK_STATE_COMPLETED);
	assert_int_equal(task.progress, 100);
	assert_null(task.error_code);
	assert_null(task.error_message);
	domains_free(d);
}

TEST(a_task_that_was_taken_over_does_not_hold_the_others_back)
{
	const struct fake_step step = {FAKE_ANSWER, SAYS(COMPLETED)};
	struct domains *d = domains_new(&step, 1);
	struct poll_driver *poll_driver = new_driver(d);
	struct task lost = domains_task(d, "lost", TASK_STATE_RUNNING);
	struct task kept = domains_task(d, "kept", TASK_STATE_RUNNING);
	lost.owner = "a process that slept";
	start(poll_driver, &lost);
	start(poll_driver, &kept);
	run(d, poll_driver);
	assert_int_equal(stores_get(d->s, "lost").state, TASK_STATE_RUNNING);
	assert_int_equal(stores_get(d->s, "kept").state, TASK_STATE_COMPLETED);
	poll_driver_free(poll_driver);
	domains_free(d);
}

/* Another poller holds the task's share by now: what was decided is not written. */
TEST(what_is_no_longer_ours_is_not_written)
{
	const struct fake_step step = {.act = FAKE_ANSWER, .bytes = SAYS(COMPLETED), .held = true};
	struct domains *d = domains_new(&step, 1);
	struct poll_driver *poll_driver = new_driver(d);
	struct task task = domains_task(d, "v", TASK_STATE_RUNNING);
	start(poll_driver, &task);
	while (fake_upstream_requests(d->fake) == 0)
		loop_once(d->env.loop, 10);
	user.ours = false;
	fake_upstream_release(d->fake);
	run(d, poll_driver);
	assert_int_equal(user.end, POLL_TAKEN);
	assert_int_equal(stores_get(d->s, "v").state, TASK_STATE_RUNNING);
	/* And nothing more is asked. */
	start(poll_driver, &task);
	run(d, poll_driver);
	assert_int_equal(user.end, POLL_NOT_MADE);
	assert_int_equal(fake_upstream_requests(d->fake), 1);
	poll_driver_free(poll_driver);
	domains_free(d);
}

/* An answer that comes after the clock was set, and before the times in the database are moved with it, says
 * nothing: the task would seem to have reached its deadline. */
TEST(nothing_is_judged_by_a_clock_that_was_set)
{
	const struct fake_step step = {FAKE_ANSWER, SAYS("{\"status\":\"queued\"}")};
	struct domains *d = domains_new(&step, 1);
	struct poll_driver *poll_driver = new_driver(d);
	struct task task = domains_task(d, "v", TASK_STATE_RUNNING);
	const int64_t right = clock_wall_ms() - clock_boot_ms(), steps[] = {-86400000, 86400000};
	for (int i = 0; i < 2; i++) {
		poll_driver_clock(poll_driver, right + steps[i]);
		start(poll_driver, &task);
		run(d, poll_driver);
		assert_int_equal(user.end, POLL_NOT_MADE);
	}
	poll_driver_clock(poll_driver, right);
	start(poll_driver, &task);
	run(d, poll_driver);
	assert_int_equal(user.end, POLL_JUDGED);
	poll_driver_free(poll_driver);
	domains_free(d);
}

TEST(what_cannot_be_written_is_polled_again)
{
	const struct fake_step step = {FAKE_ANSWER, SAYS(COMPLETED)};
	bool failed = true;
	for (int64_t nth = 1; failed; nth++) {
		struct domains *d = domains_new(&step, 1);
		struct task task = domains_task(d, "v", TASK_STATE_RUNNING);
		struct poll_driver *poll_driver = new_driver(d);
		start(poll_driver, &task);
		store_fault_set(d->env.store, nth, ERR_NO_SPACE);
		run(d, poll_driver);
		failed = !store_fault_pending(d->env.store);
		store_fault_set(d->env.store, 0, 0);
		struct task row = stores_get(d->s, "v");
		assert_int_equal(row.state, failed ? TASK_STATE_RUNNING : TASK_STATE_COMPLETED);
		assert_int_equal(user.end, failed ? POLL_NOT_MADE : POLL_JUDGED);
		assert_true(failed ? user.next > clock_wall_ms() : user.next == 0);
		assert_true(failed || nth > 3);
		poll_driver_free(poll_driver);
		domains_free(d);
	}
}

TEST(many_answers_are_all_written)
{
	enum { MANY = 230 };
	struct domains *d = domains_new(NULL, 0);
	struct poll_driver *poll_driver = new_driver(d);
	for (int i = 0; i < MANY; i++) {
		const char *id = arena_printf(d->s->arena, "v%d", i);
		struct task task = domains_task(d, id, TASK_STATE_RUNNING);
		start(poll_driver, &task);
	}
	run(d, poll_driver);
	assert_int_equal(user.ended, MANY);
	for (int i = 0; i < MANY; i++)
		assert_int_equal(stores_get(d->s, arena_printf(d->s->arena, "v%d", i)).tries, 1);
	poll_driver_free(poll_driver);
	domains_free(d);
}

TEST(no_more_are_asked_at_a_time_than_there_are_connections)
{
	enum { MANY = 20 };
	const struct fake_step step = {
	    .act = FAKE_ANSWER, .bytes = SAYS("{\"status\":\"queued\"}"), .held = true};
	struct domains *d = domains_new(&step, 1);
	struct poll_driver *poll_driver = new_driver(d);
	size_t most = (size_t)d->config.channel_connections;
	for (int i = 0; i < MANY; i++) {
		struct task task = domains_task(d, arena_printf(d->s->arena, "v%d", i), TASK_STATE_RUNNING);
		start(poll_driver, &task);
	}
	while (fake_upstream_requests(d->fake) < most)
		loop_once(d->env.loop, 10);
	assert_int_equal(fake_upstream_connections(d->fake), most);
	fake_upstream_release(d->fake);
	run(d, poll_driver);
	assert_int_equal(fake_upstream_requests(d->fake), MANY);
	assert_int_equal(user.ended, MANY);
	poll_driver_free(poll_driver);
	domains_free(d);
}

TEST(what_was_queued_while_the_lease_ended_is_not_asked)
{
	const struct fake_step step = {
	    .act = FAKE_ANSWER, .bytes = SAYS("{\"status\":\"queued\"}"), .held = true};
	struct domains *d = domains_new(&step, 1);
	domains_queues(d, 1);
	struct poll_driver *poll_driver = new_driver(d);
	struct task first = domains_task(d, "v0", TASK_STATE_RUNNING);
	struct task second = domains_task(d, "v1", TASK_STATE_RUNNING);
	start(poll_driver, &first);
	start(poll_driver, &second);
	while (fake_upstream_requests(d->fake) == 0)
		loop_once(d->env.loop, 10);
	user.ours = false;
	fake_upstream_release(d->fake);
	run(d, poll_driver);
	assert_int_equal(user.ended, 2);
	assert_int_equal(fake_upstream_requests(d->fake), 1);
	assert_int_equal(stores_get(d->s, "v1").tries, 0);
	poll_driver_free(poll_driver);
	domains_free(d);
}

/* ---- life ---- */

TEST(abandoned_polls_are_due_at_once_and_not_judged)
{
	const struct fake_step step = {FAKE_SILENT};
	struct domains *d = domains_new(&step, 1);
	domains_queues(d, 1);
	struct task task = domains_task(d, "v", TASK_STATE_RUNNING);
	struct task behind = domains_task(d, "behind", TASK_STATE_RUNNING);
	struct poll_driver *poll_driver = new_driver(d);
	domains_set_health(d, (struct channel_health){.failures = 1});
	start(poll_driver, &task);
	start(poll_driver, &behind);
	while (fake_upstream_requests(d->fake) == 0)
		loop_once(d->env.loop, 10);
	poll_driver_abandon(poll_driver);
	domains_hang_up(d);
	poll_driver_free(poll_driver);
	task = stores_get(d->s, "v");
	assert_null(task.owner);
	assert_int_equal(task.tries, 0);
	assert_int_equal(user.ended, 2);
	assert_int_equal(user.end, POLL_NOT_MADE);
	assert_int_equal(user.next, 0);
	assert_int_equal(fake_upstream_requests(d->fake), 1);
	assert_int_equal(domains_health(d).failures, 1);
	domains_free(d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_task_is_followed_to_its_end),
	    cmocka_unit_test(rubbish_never_ends_a_task),
	    cmocka_unit_test(the_third_404_ends_it),
	    cmocka_unit_test(a_channel_that_asks_for_rest_is_left_alone),
	    cmocka_unit_test(a_deadline_passes_while_a_channel_rests),
	    cmocka_unit_test(failing_polls_count_against_the_channel_and_news_for_it),
	    cmocka_unit_test(an_orphan_does_not_rest_its_channel),
	    cmocka_unit_test(a_task_of_a_channel_that_is_gone_waits_for_its_deadline),
	    cmocka_unit_test(a_video_that_comes_late_is_delivered),
	    cmocka_unit_test(a_task_that_was_taken_over_does_not_hold_the_others_back),
	    cmocka_unit_test(what_is_no_longer_ours_is_not_written),
	    cmocka_unit_test(nothing_is_judged_by_a_clock_that_was_set),
	    cmocka_unit_test(what_cannot_be_written_is_polled_again),
	    cmocka_unit_test(many_answers_are_all_written),
	    cmocka_unit_test(no_more_are_asked_at_a_time_than_there_are_connections),
	    cmocka_unit_test(what_was_queued_while_the_lease_ended_is_not_asked),
	    cmocka_unit_test(abandoned_polls_are_due_at_once_and_not_judged),
	};
	return cmocka_run_group_tests_name("domain/task/poll", tests, NULL, NULL);
}
