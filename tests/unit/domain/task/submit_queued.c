/* Submissions that wait in their channel's queue: what becomes of the task meanwhile counts. */

#include "base/loop.h"
#include "domain/task/change.h"
#include "domain/task/submit.h"
#include "store/task.h"
#include "support/domains.h"
#include "support/test.h"

#define ACCEPTED "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{\"id\":\"up-1\",\"status\":\"queued\"}"

/* Has two submissions wait behind one, does to the task "w" what `meanwhile` says, and lets all go on.
 * Returns how many were sent. */
static size_t
send_after(struct domains *d, void (*meanwhile)(struct domains *d))
{
	static const char *const names[] = {"v", "w", "x"};
	struct submitter *submitter = submit_new(&d->env);
	assert_non_null(submitter);
	for (int i = 0; i < 3; i++) {
		struct task task = domains_task(d, names[i], TASK_STATE_SENDING);
		assert_true(submit_unwatched(submitter, &task));
	}
	while (fake_upstream_requests(d->fake) == 0)
		loop_once(d->env.loop, 100);
	meanwhile(d);
	fake_upstream_release(d->fake);
	while (submit_active(submitter) > 0)
		loop_once(d->env.loop, 60000);
	submit_free(submitter);
	return fake_upstream_requests(d->fake);
}

static struct domains *
one_at_a_time(void)
{
	static const struct fake_step step = {FAKE_ANSWER, ACCEPTED, .held = true};
	struct domains *d = domains_new(&step, 1);
	domains_queues(d, 1);
	return d;
}

static void
leave_alone(struct domains *d)
{
	(void)d;
}

static void
cancel(struct domains *d)
{
	const struct change_target target = {.user_id = d->s->user, .video_id = "w"};
	struct task task;
	assert_int_equal(change_cancel(&d->env, d->s->arena, &target, &task), ERR_OK);
	assert_int_equal(task.state, TASK_STATE_CANCELLED);
}

static void
cancel_and_delete(struct domains *d)
{
	const struct change_target target = {.user_id = d->s->user, .video_id = "w"};
	assert_int_equal(change_delete(&d->env, d->s->arena, &target), ERR_OK);
}

TEST(what_has_waited_is_sent)
{
	struct domains *d = one_at_a_time();
	assert_int_equal(send_after(d, leave_alone), 3);
	assert_int_equal(stores_get(d->s, "w").state, TASK_STATE_RUNNING);
	domains_free(d);
}

TEST(what_is_cancelled_while_it_waits_is_not_sent)
{
	struct domains *d = one_at_a_time();
	assert_int_equal(send_after(d, cancel), 2);
	struct task task = stores_get(d->s, "w");
	assert_int_equal(task.state, TASK_STATE_CANCELLED);
	assert_int_equal(task.due_at, 0); /* there is nothing to look for upstream */
	assert_null(task.external_id);
	assert_int_equal(stores_get(d->s, "x").state, TASK_STATE_RUNNING);
	domains_free(d);
}

TEST(what_is_deleted_while_it_waits_is_not_sent)
{
	struct domains *d = one_at_a_time();
	assert_int_equal(send_after(d, cancel_and_delete), 2);
	domains_free(d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_has_waited_is_sent),
	    cmocka_unit_test(what_is_cancelled_while_it_waits_is_not_sent),
	    cmocka_unit_test(what_is_deleted_while_it_waits_is_not_sent),
	};
	return cmocka_run_group_tests_name("domain/task/submit_queued", tests, NULL, NULL);
}
