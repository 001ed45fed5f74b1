/* What the answers to submissions say of their channel, whatever has become of the task. */

#include "base/clock.h"
#include "base/crypto.h"
#include "domain/channel/health.h"
#include "domain/task/submit_outcome.h"
#include "store/channel.h"
#include "store/channel_model.h"
#include "store/store.h"
#include "support/domains.h"
#include "support/raw.h"
#include "support/test.h"

static const struct submit_answer accepted = {.verdict = SUBMIT_ACCEPTED, .external_id = "up-9"};

/* Settles in a transaction of its own. */
static enum err_code
settle_now(struct domains *d, const struct submit_answer *answer, struct task *task)
{
	assert_int_equal(store_begin(d->s->store, STORE_DURABLE), ERR_OK);
	enum err_code err = submit_outcome_apply(&d->env, d->s->arena, answer, task);
	assert_int_equal(store_commit(d->s->store), ERR_OK);
	return err;
}

/* The user has cancelled it meanwhile: what its answer says of the channel counts all the same, and where it
 * was the probe another may be. */
TEST(an_answer_to_a_cancelled_task_is_noted)
{
	static const struct {
		struct submit_answer answer;
		bool model_waits, account_waits; /* as was asked for */
	} rows[] = {
	    {{.verdict = SUBMIT_NOT_ACCEPTED, .status = 429, .retry_after_ms = 50000, .fault = true},
	     true,
	     false},
	    {{.verdict = SUBMIT_NOT_ACCEPTED, .ours = true}, false, false},
	    {{.verdict = SUBMIT_NO_ACCOUNT, .status = 401, .retry_after_ms = 50000}, false, true},
	    {{.verdict = SUBMIT_REFUSED, .status = 400}, false, false},
	    {{.verdict = SUBMIT_REFUSED, .status = 404, .no_model = true}, false, false},
	    {{.verdict = SUBMIT_UNKNOWN, .status = 500, .retry_after_ms = 50000, .fault = true}, true, false},
	    {{.verdict = SUBMIT_UNKNOWN}, false, false},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct domains *d = domains_new(NULL, 0);
		int64_t now = clock_wall_ms(), soon = now + 20000;
		struct task ours = domains_task(d, "v", TASK_STATE_SENDING);
		struct task_move cancel = stores_move(ours.id, TASK_STATE_SENDING, TASK_STATE_CANCELLED);
		struct model_health model = {
		    .failures = 2, .until = soon, .probe = ours.id, .failed_at = now - 9, .task = 99};
		const struct channel_health account = {
		    .account_failures = 1, .account_until = soon, .account_probe = ours.id};
		cancel.owner = ours.owner;
		cancel.due_at = ours.due_at;
		stores_make(d->s->store, &cancel);
		assert_int_equal(store_begin(d->s->store, STORE_DURABLE), ERR_OK);
		assert_int_equal(store_channel_set_health(d->s->store, "default", &account), ERR_OK);
		assert_int_equal(store_channel_set_model(d->s->store, "default", ours.model, &model, now),
		                 ERR_OK);
		assert_int_equal(store_commit(d->s->store), ERR_OK);
		assert_int_equal(settle_now(d, &rows[i].answer, &ours), ERR_OK);
		assert_int_equal(store_channel_model(d->s->store, "default", ours.model, &model), ERR_OK);
		assert_int_equal(model.probe, 0);
		assert_int_equal(model.until > now + 40000, rows[i].model_waits);
		assert_true(model.until < soon || rows[i].model_waits);
		assert_int_equal(domains_health(d).account_probe, 0);
		assert_int_equal(domains_health(d).account_until > now + 40000, rows[i].account_waits);
		assert_true(domains_health(d).account_until < soon || rows[i].account_waits);
		domains_free(d);
	}
}

/* An upstream that takes some and turns others away with Retry-After has asked for a cooldown all the same;
 * where it turns one task away, that is for this one. */
TEST(an_acceptance_does_not_end_a_rest)
{
	for (int turned_away = 1; turned_away <= 2; turned_away++) {
		struct domains *d = domains_new(NULL, 0);
		const struct submit_answer busy = {
		    .verdict = SUBMIT_NOT_ACCEPTED, .status = 429, .retry_after_ms = 50000, .fault = true};
		struct model_health health;
		for (int i = 0; i < turned_away; i++) {
			struct task task = domains_task(d, i == 0 ? "a" : "b", TASK_STATE_SENDING);
			assert_int_equal(settle_now(d, &busy, &task), ERR_OK);
			assert_true(stores_get(d->s, task.video_id).due_at > clock_wall_ms() + 40000);
		}
		struct task taken = domains_task(d, "c", TASK_STATE_SENDING);
		assert_int_equal(settle_now(d, &accepted, &taken), ERR_OK);
		assert_int_equal(store_channel_model(d->s->store, "default", "sora_video2", &health), ERR_OK);
		assert_int_equal(health.until > clock_wall_ms() + 40000, turned_away == 2);
		assert_int_equal(health.failures, 0);
		assert_int_equal(domains_health(d).failures, 0);
		domains_free(d);
	}
}

/* A task that was sent before the key was refused is taken after that: the key may be dead all the same, and
 * what the upstream asked for holds. */
TEST(what_was_sent_before_ends_no_trouble_of_the_account)
{
	struct domains *d = domains_new(NULL, 0);
	struct submit_answer refused = {.verdict = SUBMIT_NO_ACCOUNT, .status = 401, .retry_after_ms = 50000};
	int64_t now = clock_wall_ms();
	struct task early = domains_task(d, "a", TASK_STATE_SENDING);
	struct task also_early = domains_task(d, "b", TASK_STATE_SENDING);
	struct task told = domains_task(d, "c", TASK_STATE_SENDING);
	raw_run(d->s->store, "UPDATE task SET sent_at = 5 WHERE video_id IN ('a', 'b')");
	assert_int_equal(settle_now(d, &refused, &told), ERR_OK);
	assert_int_equal(settle_now(d, &accepted, &early), ERR_OK);
	assert_int_equal(domains_health(d).account_failures, 1);
	assert_true(domains_health(d).account_until > now + 40000);
	assert_int_equal(domains_health(d).accepted_at, 0);
	/* Another is told to come later still. */
	refused.retry_after_ms = 90000;
	assert_int_equal(settle_now(d, &refused, &also_early), ERR_OK);
	assert_int_equal(domains_health(d).account_failures, 1);
	assert_true(domains_health(d).account_until > now + 80000);
	domains_free(d);
}

/* Two programs look at the same channel: the trouble that the second finds with the new key stays. */
TEST(another_key_ends_the_trouble_of_the_one_before)
{
	struct domains *d = domains_new(NULL, 0);
	const struct channel_health health = {.account_failures = 3,
	                                      .account_until = INT64_MAX,
	                                      .account_asked_until = INT64_MAX,
	                                      .account_key = "one"};
	domains_set_health(d, health);
	assert_int_equal(health_note_key(d->s->store, "default", "one"), ERR_OK);
	assert_int_equal(domains_health(d).account_failures, 3);
	assert_int_equal(health_note_key(d->s->store, "default", "two"), ERR_OK);
	assert_int_equal(domains_health(d).account_failures, 0);
	assert_int_equal(domains_health(d).account_until, 0);
	assert_int_equal(domains_health(d).account_asked_until, 0);
	/* So it does where a task was taken since, and a wait is left. */
	int64_t later = clock_wall_ms() + 50000;
	domains_set_health(d, (struct channel_health){.account_failures = 1,
	                                              .account_until = later,
	                                              .account_asked_until = later,
	                                              .account_key = "one"});
	struct task task = domains_task(d, "v", TASK_STATE_SENDING);
	assert_int_equal(settle_now(d, &accepted, &task), ERR_OK);
	assert_int_equal(domains_health(d).account_failures, 0);
	assert_int_equal(health_note_key(d->s->store, "default", "one"), ERR_OK);
	assert_int_equal(domains_health(d).account_until, later);
	assert_int_equal(health_note_key(d->s->store, "default", "two"), ERR_OK);
	assert_int_equal(domains_health(d).account_until, 0);
	domains_free(d);
}

/* A gateway that says when to come back asks for fewer requests; it is not gone. */
TEST(a_gateway_that_asks_for_a_wait_is_obeyed)
{
	struct domains *d = domains_new(NULL, 0);
	const struct submit_answer busy = {
	    .verdict = SUBMIT_UNKNOWN, .status = 502, .retry_after_ms = 50000, .fault = true, .lost = true};
	struct model_health health;
	int64_t now = clock_wall_ms();
	for (int i = 0; i < 2; i++) {
		struct task task = domains_task(d, i == 0 ? "a" : "b", TASK_STATE_SENDING);
		assert_int_equal(settle_now(d, &busy, &task), ERR_OK);
	}
	assert_int_equal(store_channel_model(d->s->store, "default", "sora_video2", &health), ERR_OK);
	assert_true(health.until > now + 40000);
	assert_int_equal(domains_health(d).lost, 0);
	domains_free(d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_answer_to_a_cancelled_task_is_noted),
	    cmocka_unit_test(an_acceptance_does_not_end_a_rest),
	    cmocka_unit_test(what_was_sent_before_ends_no_trouble_of_the_account),
	    cmocka_unit_test(another_key_ends_the_trouble_of_the_one_before),
	    cmocka_unit_test(a_gateway_that_asks_for_a_wait_is_obeyed),
	};
	return crypto_open() ? cmocka_run_group_tests_name("domain/task/submit_health", tests, NULL, NULL)
	                     : 1;
}
