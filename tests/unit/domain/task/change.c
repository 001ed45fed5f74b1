/* What users do to their tasks: from which state it may be done, and what it leaves. */

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "domain/task/admit.h"
#include "domain/task/change.h"
#include "domain/channel/channels.h"
#include "domain/task/create.h"
#include "domain/lease.h"
#include "store/store.h"
#include "store/task.h"
#include "support/domains.h"
#include "support/test.h"

static const struct {
	enum task_state from;
	enum err_code cancel, retry;
	bool due; /* afterwards it is due to be found, or cancelled upstream */
} rows[] = {
    {TASK_STATE_READY, ERR_OK, ERR_NOT_ENDED, false},
    {TASK_STATE_SENDING, ERR_OK, ERR_NOT_ENDED, true},
    {TASK_STATE_UNSURE, ERR_OK, ERR_NOT_ENDED, true},
    {TASK_STATE_RUNNING, ERR_OK, ERR_NOT_ENDED, true},
    {TASK_STATE_COMPLETED, ERR_NOT_OPEN, ERR_NOT_ENDED, false},
    {TASK_STATE_FAILED, ERR_NOT_OPEN, ERR_OK, false},
    {TASK_STATE_CANCELLED, ERR_OK, ERR_OK, false},
};
enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

/* Task "v" of our user in that state, without a lease where it has ended, else held by another process. */
static struct task
task_in(struct domains *d, enum task_state state)
{
	struct task task = stores_task(d->s->user, "v");
	bool ended = task_state_terminal(state);
	task.state = state;
	task.created_at = task.updated_at = clock_wall_ms();
	task.deadline_at = task.created_at + 60000;
	task.owner = ended || state == TASK_STATE_READY ? NULL : "other";
	task.due_at = ended ? 0 : task.created_at;
	task.external_id = state == TASK_STATE_RUNNING || state == TASK_STATE_COMPLETED ? "up-1" : NULL;
	stores_add(d->s->store, &task);
	return stores_get(d->s, "v");
}

TEST(an_open_task_is_cancelled_whoever_holds_it)
{
	for (int i = 0; i < ROWS; i++) {
		struct domains *d = domains_new(NULL, 0);
		struct task before = task_in(d, rows[i].from), told;
		bool own = i % 2 == 0;
		const struct change_target target = {
		    .user_id = d->s->user, .video_id = "v", .asker = own ? d->s->user : d->s->user + 1};
		assert_int_equal(change_cancel(&d->env, d->s->arena, &target, &told), rows[i].cancel);
		struct task row = stores_get(d->s, "v");
		if (rows[i].cancel == ERR_OK) {
			assert_int_equal(row.state, TASK_STATE_CANCELLED);
			assert_int_equal(told.state, TASK_STATE_CANCELLED);
			assert_int_equal(told.rev, row.rev);
			assert_null(row.owner);
			assert_int_equal(row.due_at > 0, rows[i].due);
			assert_int_equal(row.rev > before.rev, rows[i].from != TASK_STATE_CANCELLED);
			const char *by = rows[i].from == TASK_STATE_CANCELLED ? NULL
			                 : own                                ? "user"
			                                                      : "operator";
			assert_int_equal(row.cancelled_by == NULL, by == NULL);
			if (by != NULL) {
				assert_string_equal(row.cancelled_by, by);
				assert_string_equal(told.cancelled_by, by);
			}
		} else {
			assert_int_equal(row.rev, before.rev);
			assert_int_equal(row.state, rows[i].from);
		}
		domains_free(d);
	}
}

TEST(a_failed_or_cancelled_task_is_tried_again)
{
	for (int i = 0; i < ROWS; i++) {
		struct domains *d = domains_new(NULL, 0);
		struct task before = task_in(d, rows[i].from), told;
		const struct change_target target = {d->s->user, "v"};
		int64_t now = clock_wall_ms();
		assert_int_equal(
		    change_retry(&d->env, d->s->arena, &target, &told, &(struct change_refusal){0}),
		    rows[i].retry);
		struct task row = stores_get(d->s, "v");
		assert_int_equal(row.attempt, rows[i].retry == ERR_OK ? 2 : 1);
		if (rows[i].retry == ERR_OK) {
			assert_int_equal(row.state, TASK_STATE_SENDING);
			assert_string_equal(row.owner, "me");
			assert_in_range(row.due_at, now + lease_submit(&d->config),
			                clock_wall_ms() + lease_submit(&d->config));
			assert_true(row.deadline_at >= now + d->config.task_deadline);
			assert_int_equal(told.attempt, 2);
			assert_null(row.cancelled_by);
		} else {
			assert_int_equal(row.rev, before.rev);
		}
		domains_free(d);
	}
}

TEST(while_its_channel_rests_it_waits)
{
	struct domains *d = domains_new(NULL, 0);
	const struct change_target target = {d->s->user, "v"};
	struct task told;
	task_in(d, TASK_STATE_FAILED);
	domains_set_health(d, (struct channel_health){.cooldown_until = clock_wall_ms() + 60000});
	assert_int_equal(change_retry(&d->env, d->s->arena, &target, &told, &(struct change_refusal){0}),
	                 ERR_OK);
	struct task row = stores_get(d->s, "v");
	assert_int_equal(row.state, TASK_STATE_READY);
	assert_null(row.owner);
	assert_int_equal(told.state, TASK_STATE_READY);
	domains_free(d);
}

/* The operator moves the channel just before the transaction of a retry. */
TEST(another_attempt_goes_where_its_channel_is)
{
	struct domains *d = domains_new(NULL, 0);
	const struct change_target target = {d->s->user, "v"};
	struct task told;
	d->config.upstream_base = "";
	domains_configure(d);
	setenv("KEY_BEFORE", "one", 1);
	setenv("KEY_AFTER", "two", 1);
	domains_channel(d, "http://127.0.0.1:1", "env:KEY_BEFORE");
	task_in(d, TASK_STATE_FAILED);
	domains_channel_meanwhile(d, "http://127.0.0.1:2", "env:KEY_AFTER");
	assert_int_equal(change_retry(&d->env, d->s->arena, &target, &told, &(struct change_refusal){0}),
	                 ERR_OK);
	assert_null(d->other);
	struct task row = stores_get(d->s, "v");
	const struct channel *channel = channels_for_task(d->channels, &row);
	assert_non_null(channel);
	assert_string_equal(channel->base, "http://127.0.0.1:2");
	assert_string_equal(channel->key_id, row.key_id);
	channel_release(channel);
	domains_free(d);
}

/* Each attempt is a job that is paid for. */
TEST(it_counts_like_a_creation)
{
	struct domains *d = domains_new(NULL, 0);
	const struct change_target target = {d->s->user, "v"};
	struct task told;
	struct change_refusal refusal = {0};
	task_in(d, TASK_STATE_FAILED);
	d->config.rate_create = 1;
	assert_int_equal(store_begin(d->s->store, STORE_RELAXED), ERR_OK);
	struct admit one = {.user_id = d->s->user, .count = 1};
	int64_t now = clock_wall_ms();
	assert_int_equal(admit_check(&d->env, d->s->arena, &one, now, &refusal.wait_ms), ERR_OK);
	assert_int_equal(admit_count(&d->env, &one, now), ERR_OK);
	assert_int_equal(store_commit(d->s->store), ERR_OK);
	assert_int_equal(change_retry(&d->env, d->s->arena, &target, &told, &refusal), ERR_RATE_LIMITED);
	assert_in_range(refusal.wait_ms, 1, 60000);
	assert_int_equal(stores_get(d->s, "v").state, TASK_STATE_FAILED);
	d->config.rate_create = 0;
	assert_int_equal(change_retry(&d->env, d->s->arena, &target, &told, &refusal), ERR_OK);
	domains_free(d);
}

/* A poller may be looking at it: for a late video, or to call it off. */
TEST(what_somebody_looks_at_is_not_tried_again)
{
	struct domains *d = domains_new(NULL, 0);
	const struct change_target target = {d->s->user, "v"};
	struct task told;
	domains_task(d, "v", TASK_STATE_FAILED);
	assert_int_equal(change_retry(&d->env, d->s->arena, &target, &told, &(struct change_refusal){0}),
	                 ERR_BUSY);
	assert_int_equal(stores_get(d->s, "v").attempt, 1);
	domains_free(d);
}

/* Another attempt would forget the job that is still to be cancelled upstream; where the upstream cannot do
 * that, it is none. */
TEST(a_job_that_is_called_off_comes_first)
{
	for (int can = 0; can < 2; can++) {
		struct domains *d = domains_new_as(can ? "openai" : "sora", NULL, 0);
		const struct change_target target = {d->s->user, "v"};
		struct task told;
		task_in(d, TASK_STATE_RUNNING);
		assert_int_equal(change_cancel(&d->env, d->s->arena, &target, &told), ERR_OK);
		assert_int_equal(
		    change_retry(&d->env, d->s->arena, &target, &told, &(struct change_refusal){0}),
		    can ? ERR_BUSY : ERR_OK);
		domains_free(d);
	}
}

/* So does a job that may still turn up: its id is on its way, or is looked for. */
TEST(a_job_whose_id_is_not_known_yet_comes_first)
{
	static const enum task_state sent[] = {TASK_STATE_SENDING, TASK_STATE_UNSURE};
	for (int i = 0; i < 4; i++) {
		bool can = i % 2 != 0;
		struct domains *d = domains_new_as(can ? "openai" : "sora", NULL, 0);
		const struct change_target target = {d->s->user, "v"};
		struct task told;
		task_in(d, sent[i / 2]);
		assert_int_equal(change_cancel(&d->env, d->s->arena, &target, &told), ERR_OK);
		assert_int_equal(
		    change_retry(&d->env, d->s->arena, &target, &told, &(struct change_refusal){0}),
		    can ? ERR_BUSY : ERR_OK);
		domains_free(d);
	}
}

/* So does one whose channel cannot be used now, and may be able to. */
TEST(a_job_is_called_off_when_its_channel_is_back)
{
	struct domains *d = domains_new(NULL, 0);
	const struct change_target target = {d->s->user, "v"};
	struct task told, task = stores_task(d->s->user, "v");
	domains_channel(d, d->base, "file:/nowhere/key");
	task.state = TASK_STATE_RUNNING;
	task.channel = "x";
	task.external_id = "up-1";
	stores_add(d->s->store, &task);
	assert_int_equal(change_cancel(&d->env, d->s->arena, &target, &told), ERR_OK);
	assert_int_equal(change_retry(&d->env, d->s->arena, &target, &told, &(struct change_refusal){0}),
	                 ERR_BUSY);
	domains_channel(d, NULL, NULL);
	assert_int_equal(change_retry(&d->env, d->s->arena, &target, &told, &(struct change_refusal){0}),
	                 ERR_OK);
	domains_free(d);
}

/* Another attempt may go to another channel, unless it is made from a video of the one that is gone. */
TEST(a_channel_that_is_gone_tries_nothing)
{
	struct domains *d = domains_new(NULL, 0);
	struct task task = stores_task(d->s->user, "v"), told;
	task.state = TASK_STATE_FAILED;
	task.channel = "gone";
	stores_add(d->s->store, &task);
	task.video_id = "w";
	task.client_request_id = NULL;
	task.source_external_id = "video of gone";
	stores_add(d->s->store, &task);
	const struct change_target plain = {d->s->user, "v"}, remix = {d->s->user, "w"};
	assert_int_equal(change_retry(&d->env, d->s->arena, &remix, &told, &(struct change_refusal){0}),
	                 ERR_NO_CHANNEL);
	assert_int_equal(change_retry(&d->env, d->s->arena, &plain, &told, &(struct change_refusal){0}),
	                 ERR_OK);
	assert_string_equal(told.channel, "default");
	assert_string_equal(stores_get(d->s, "v").channel, "default");
	assert_int_equal(stores_get(d->s, "v").state, TASK_STATE_SENDING);
	domains_free(d);
}

TEST(deleting_takes_what_a_person_wrote)
{
	for (int i = 0; i < ROWS; i++) {
		struct domains *d = domains_new(NULL, 0);
		const struct change_target target = {d->s->user, "v"};
		char path[256], last[256];
		struct stat st;
		struct task task = task_in(d, TASK_STATE_CANCELLED);
		/* The same with an image. */
		task = stores_task(d->s->user, "w");
		task.state = rows[i].from;
		task.input_file = "image.png";
		task.input_type = "image/png";
		task.images = "[{\"role\":\"last\",\"file\":\"last.png\",\"type\":\"image/png\"}]";
		task.error_message = task.state == TASK_STATE_FAILED ? "not allowed: a cat" : NULL;
		task.owner = task_state_terminal(task.state) ? NULL : "other";
		stores_add(d->s->store, &task);
		snprintf(path, sizeof(path), "%s/uploads", d->config.data);
		mkdir(path, 0700);
		snprintf(path, sizeof(path), "%s/uploads/image.png", d->config.data);
		close(open(path, O_WRONLY | O_CREAT, 0600));
		snprintf(last, sizeof(last), "%s/uploads/last.png", d->config.data);
		close(open(last, O_WRONLY | O_CREAT, 0600));

		const struct change_target with_image = {d->s->user, "w"};
		assert_int_equal(change_delete(&d->env, d->s->arena, &target), ERR_OK);
		assert_int_equal(change_delete(&d->env, d->s->arena, &with_image), ERR_OK);
		assert_int_equal(change_delete(&d->env, d->s->arena, &with_image), ERR_TASK_NOT_FOUND);
		assert_int_equal(store_task_find(d->s->store, d->s->arena, 0, "w", &task), ERR_OK);
		assert_true(task.deleted && task_state_terminal(task.state));
		assert_string_equal(task.prompt, "");
		assert_null(task.error_message); /* it may quote the prompt */
		assert_null(task.input_file);
		assert_int_equal(stat(path, &st), -1);
		assert_int_equal(stat(last, &st), -1);
		domains_free(d);
	}
}

TEST(another_users_task_is_not_there)
{
	struct domains *d = domains_new(NULL, 0);
	const struct change_target target = {stores_user(d->s->store, "eve"), "v"};
	struct task before = task_in(d, TASK_STATE_FAILED), told;
	assert_int_equal(change_cancel(&d->env, d->s->arena, &target, &told), ERR_TASK_NOT_FOUND);
	assert_int_equal(change_retry(&d->env, d->s->arena, &target, &told, &(struct change_refusal){0}),
	                 ERR_TASK_NOT_FOUND);
	assert_int_equal(change_delete(&d->env, d->s->arena, &target), ERR_TASK_NOT_FOUND);
	assert_int_equal(stores_get(d->s, "v").rev, before.rev);
	const struct change_target any_user = {0, "v"};
	assert_int_equal(change_delete(&d->env, d->s->arena, &any_user), ERR_OK);
	domains_free(d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_open_task_is_cancelled_whoever_holds_it),
	    cmocka_unit_test(a_failed_or_cancelled_task_is_tried_again),
	    cmocka_unit_test(while_its_channel_rests_it_waits),
	    cmocka_unit_test(another_attempt_goes_where_its_channel_is),
	    cmocka_unit_test(it_counts_like_a_creation),
	    cmocka_unit_test(what_somebody_looks_at_is_not_tried_again),
	    cmocka_unit_test(a_job_that_is_called_off_comes_first),
	    cmocka_unit_test(a_job_whose_id_is_not_known_yet_comes_first),
	    cmocka_unit_test(a_job_is_called_off_when_its_channel_is_back),
	    cmocka_unit_test(a_channel_that_is_gone_tries_nothing),
	    cmocka_unit_test(deleting_takes_what_a_person_wrote),
	    cmocka_unit_test(another_users_task_is_not_there),
	};
	return cmocka_run_group_tests_name("domain/task/change", tests, NULL, NULL);
}
