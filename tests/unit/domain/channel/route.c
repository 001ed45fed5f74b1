/* Which channel a task goes to, what may make it go to another, and what never does. */

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "domain/channel/channels.h"
#include "domain/channel/rebalance.h"
#include "domain/channel/route.h"
#include "domain/task/submit_outcome.h"
#include "store/channel.h"
#include "store/store.h"
#include "support/domains.h"
#include "support/raw.h"
#include "support/test.h"

/* Says something of a channel. */
static void
put(struct domains *d, struct channel_row row)
{
	row.dialect = row.dialect ? row.dialect : "sora";
	row.models = row.models ? row.models : "";
	row.weight = row.weight ? row.weight : 1;
	if (strcmp(row.name, "default") != 0)
		row.base = "http://127.0.0.1:1";
	assert_int_equal(store_begin(d->s->store, STORE_DURABLE), ERR_OK);
	assert_int_equal(store_channel_put(d->s->store, &row), ERR_OK);
	assert_int_equal(store_commit(d->s->store), ERR_OK);
	channels_refresh(d->channels, d->s->store);
}

static void
rests(struct domains *d, const char *name, int64_t until)
{
	const struct channel_health health = {.failures = 1, .cooldown_until = until};
	assert_int_equal(store_begin(d->s->store, STORE_RELAXED), ERR_OK);
	assert_int_equal(store_channel_set_health(d->s->store, name, &health), ERR_OK);
	assert_int_equal(store_commit(d->s->store), ERR_OK);
}

/* A READY task without a lease. */
static struct task
ready(struct domains *d, const char *video_id, const char *source)
{
	struct task task = stores_task(d->s->user, video_id);
	task.created_at = task.due_at = clock_wall_ms();
	task.deadline_at = task.created_at + d->config.task_deadline;
	task.source_external_id = source;
	stores_add(d->s->store, &task);
	return stores_get(d->s, video_id);
}

TEST(the_model_decides_first)
{
	static const struct {
		const char *model, *channel;
		enum err_code err;
	} rows[] = {{"a", "b", ERR_OK},
	            {"c", "b", ERR_OK},
	            {"both", "c", ERR_OK},
	            {"any", "default", ERR_OK},
	            {NULL, "c", ERR_OK}};
	struct domains *d = domains_new(NULL, 0);
	put(d, (struct channel_row){.name = "b", .models = "a=x c both", .enabled = true});
	put(d, (struct channel_row){.name = "c", .models = "both", .priority = 1, .enabled = true});
	put(d, (struct channel_row){.name = "off", .models = "off", .priority = 9});
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct task task = {.video_id = "v", .model = rows[i].model};
		struct route_choice choice;
		assert_int_equal(route_choose(&d->env, &task, 0, &choice), rows[i].err);
		assert_string_equal(choice.channel->name, rows[i].channel);
		assert_true(choice.open);
		channel_release(choice.channel);
	}
	/* Who is promised the model of a channel that is switched off is not given another's. */
	struct task task = {.video_id = "v", .model = "off"};
	struct route_choice choice;
	assert_int_equal(route_choose(&d->env, &task, 0, &choice), ERR_NO_MODEL);
	put(d, (struct channel_row){.name = "default", .models = "one"});
	task.model = "any";
	assert_int_equal(route_choose(&d->env, &task, 0, &choice), ERR_NO_MODEL);
	put(d, (struct channel_row){.name = "b"});
	put(d, (struct channel_row){.name = "c"});
	assert_int_equal(route_choose(&d->env, &task, 0, &choice), ERR_NO_CHANNEL);
	domains_free(d);
}

TEST(one_that_rests_is_taken_only_where_all_do)
{
	struct domains *d = domains_new(NULL, 0);
	const struct task task = {.video_id = "v"};
	struct route_choice choice;
	put(d, (struct channel_row){.name = "b", .priority = 5, .enabled = true});
	rests(d, "b", clock_wall_ms() + 60000);
	assert_int_equal(route_choose(&d->env, &task, 0, &choice), ERR_OK);
	assert_string_equal(choice.channel->name, "default");
	assert_true(choice.open);
	channel_release(choice.channel);
	rests(d, "default", clock_wall_ms() + 60000);
	assert_int_equal(route_choose(&d->env, &task, 0, &choice), ERR_OK);
	assert_string_equal(choice.channel->name, "b");
	assert_false(choice.open);
	channel_release(choice.channel);
	rests(d, "b", clock_wall_ms() - 1);
	assert_int_equal(route_choose(&d->env, &task, 0, &choice), ERR_OK);
	assert_string_equal(choice.channel->name, "b");
	assert_true(choice.open);
	channel_release(choice.channel);
	domains_free(d);
}

/* Who comes new stands behind those that wait. */
TEST(limits_count_what_waits)
{
	struct domains *d = domains_new(NULL, 0);
	const struct task any = {0};
	bool open;
	put(d, (struct channel_row){.name = "default", .concurrency = 2, .enabled = true});
	const struct channel *channel = channels_find(d->channels, "default");
	domains_task(d, "one", TASK_STATE_RUNNING);
	assert_int_equal(route_open(&d->env, channel, &any, &open), ERR_OK);
	assert_true(open);
	ready(d, "two", NULL);
	assert_int_equal(route_open(&d->env, channel, &any, &open), ERR_OK);
	assert_false(open);
	channel_release(channel);
	domains_free(d);
}

/* What each verdict does to the channel of a task, where another is open. */
TEST(only_what_was_surely_not_accepted_moves)
{
	static const struct {
		struct submit_answer answer;
		const char *source;
		enum task_state state;
		const char *channel;
	} rows[] = {
	    {{.verdict = SUBMIT_NOT_ACCEPTED}, NULL, TASK_STATE_READY, "b"},
	    {{.verdict = SUBMIT_NOT_ACCEPTED}, "its video", TASK_STATE_READY, "default"},
	    {{.verdict = SUBMIT_NOT_ACCEPTED, .ours = true}, NULL, TASK_STATE_READY, "default"},
	    {{.verdict = SUBMIT_UNKNOWN}, NULL, TASK_STATE_FAILED, "default"},
	    {{.verdict = SUBMIT_REFUSED}, NULL, TASK_STATE_FAILED, "default"},
	    {{.verdict = SUBMIT_ACCEPTED, .external_id = "up"}, NULL, TASK_STATE_RUNNING, "default"},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct domains *d = domains_new(NULL, 0);
		put(d, (struct channel_row){.name = "b", .enabled = true});
		struct task task = stores_task(d->s->user, "v");
		task.state = TASK_STATE_SENDING;
		task.owner = "me";
		task.source_external_id = rows[i].source;
		task.deadline_at = clock_wall_ms() + 60000;
		stores_add(d->s->store, &task);
		task = stores_get(d->s, "v");
		assert_int_equal(store_begin(d->s->store, STORE_DURABLE), ERR_OK);
		assert_int_equal(submit_outcome_apply(&d->env, d->s->arena, &rows[i].answer, &task), ERR_OK);
		assert_int_equal(store_commit(d->s->store), ERR_OK);
		assert_string_equal(task.channel, rows[i].channel);
		task = stores_get(d->s, "v");
		assert_int_equal(task.state, rows[i].state);
		assert_string_equal(task.channel, rows[i].channel);
		domains_free(d);
	}
}

/* A task that is told to come later goes to each channel once, at once; then it waits. */
TEST(who_is_told_to_come_later_asks_each_once)
{
	const struct submit_answer later = {
	    .verdict = SUBMIT_NOT_ACCEPTED, .status = 429, .retry_after_ms = 20000, .fault = true};
	struct domains *d = domains_new(NULL, 0);
	put(d, (struct channel_row){.name = "b", .priority = 2, .enabled = true});
	put(d, (struct channel_row){.name = "c", .priority = 1, .enabled = true});
	domains_task(d, "v", TASK_STATE_SENDING);
	static const char *const channels[] = {"b", "c", "c"};
	for (int i = 0; i < 3; i++) {
		struct task task = stores_get(d->s, "v");
		assert_int_equal(store_begin(d->s->store, STORE_DURABLE), ERR_OK);
		assert_int_equal(submit_outcome_apply(&d->env, d->s->arena, &later, &task), ERR_OK);
		assert_int_equal(store_commit(d->s->store), ERR_OK);
		task = stores_get(d->s, "v");
		assert_string_equal(task.channel, channels[i]);
		assert_int_equal(task.due_at > clock_wall_ms() + 10000, i == 2);
		if (i == 2) {
			assert_null(task.turned_away); /* the next round begins anew */
			break;
		}
		struct task_move claim = stores_move(task.id, TASK_STATE_READY, TASK_STATE_SENDING);
		claim.new_owner = "me";
		claim.due_at = task.due_at;
		claim.tries = task.tries;
		stores_make(d->s->store, &claim);
	}
	domains_free(d);
}

/* Sends the task "v" to its channel, which answers so. */
static struct task
answered(struct domains *d, int64_t retry_after)
{
	const struct submit_answer later = {
	    .verdict = SUBMIT_NOT_ACCEPTED, .status = 429, .retry_after_ms = retry_after, .fault = true};
	struct task task = stores_get(d->s, "v");
	if (task.state == TASK_STATE_READY) {
		struct task_move claim = stores_move(task.id, TASK_STATE_READY, TASK_STATE_SENDING);
		claim.new_owner = "me";
		claim.due_at = task.due_at;
		claim.tries = task.tries;
		stores_make(d->s->store, &claim);
		task = stores_get(d->s, "v");
	}
	assert_int_equal(store_begin(d->s->store, STORE_DURABLE), ERR_OK);
	assert_int_equal(submit_outcome_apply(&d->env, d->s->arena, &later, &task), ERR_OK);
	assert_int_equal(store_commit(d->s->store), ERR_OK);
	return stores_get(d->s, "v");
}

/* The first channel's wait is over much later than the second's: the task does not come back before. */
TEST(a_task_does_not_come_back_before_it_was_told_to)
{
	struct domains *d = domains_new(NULL, 0);
	struct submit_answer fine = {.verdict = SUBMIT_ACCEPTED, .external_id = "up"};
	int64_t now = clock_wall_ms();
	put(d, (struct channel_row){.name = "b", .enabled = true});
	domains_task(d, "v", TASK_STATE_SENDING);
	assert_string_equal(answered(d, 70000).channel, "b");
	/* Meanwhile the first takes others, as the wait was this task's alone, and tells another the same. */
	struct task other = domains_task(d, "w", TASK_STATE_SENDING);
	assert_int_equal(store_begin(d->s->store, STORE_DURABLE), ERR_OK);
	assert_int_equal(submit_outcome_apply(&d->env, d->s->arena, &fine, &other), ERR_OK);
	assert_int_equal(store_commit(d->s->store), ERR_OK);
	for (int round = 0; round < 3; round++) {
		struct task task = answered(d, 100);
		assert_string_equal(task.channel, "b");
		assert_true(task.due_at < now + 60000);
		/* Its own channel rests: it waits all the same. */
		rests(d, "b", now + 60000);
		task.owner = NULL;
		bool moved;
		assert_int_equal(store_begin(d->s->store, STORE_DURABLE), ERR_OK);
		assert_int_equal(route_reassign(&d->env, d->s->arena, &task, &moved), ERR_OK);
		assert_int_equal(store_commit(d->s->store), ERR_OK);
		assert_false(moved);
		rests(d, "b", 0);
	}
	/* Wherever it is: it is not sent there, either. */
	struct task task = stores_get(d->s, "v");
	assert_int_equal(store_begin(d->s->store, STORE_DURABLE), ERR_OK);
	assert_int_equal(store_channel_reassign(d->s->store, &task, "default"), ERR_OK);
	assert_int_equal(store_commit(d->s->store), ERR_OK);
	put(d, (struct channel_row){.name = "b"}); /* switched off */
	raw_run(d->s->store, "UPDATE task SET owner = 'me', due_at = 5 WHERE video_id = 'v'");
	task = stores_get(d->s, "v");
	assert_int_equal(store_begin(d->s->store, STORE_DURABLE), ERR_OK);
	assert_int_equal(submit_claim(&d->env, d->s->arena, 77, &task), ERR_OK);
	assert_int_equal(store_commit(d->s->store), ERR_OK);
	task = stores_get(d->s, "v");
	assert_int_equal(task.state, TASK_STATE_READY);
	assert_in_range(task.due_at, now + 60000, now + 80000);
	domains_free(d);
}

TEST(what_waits_is_relieved)
{
	struct domains *d = domains_new(NULL, 0);
	struct rebalance_cursor *cursor = rebalance_cursor_new();
	ready(d, "plain", NULL);
	ready(d, "remix", "its video");
	assert_int_equal(rebalance(&d->env, cursor), ERR_OK);
	assert_string_equal(stores_get(d->s, "plain").channel, "default");
	put(d, (struct channel_row){.name = "b", .concurrency = 1, .enabled = true});
	assert_int_equal(rebalance(&d->env, cursor), ERR_OK);
	assert_string_equal(stores_get(d->s, "plain").channel, "default"); /* it is open itself */
	rests(d, "default", clock_wall_ms() + 60000);
	ready(d, "second", NULL);
	assert_int_equal(rebalance(&d->env, cursor), ERR_OK);
	assert_string_equal(stores_get(d->s, "plain").channel, "b");
	assert_string_equal(stores_get(d->s, "remix").channel, "default");
	assert_string_equal(stores_get(d->s, "second").channel, "default"); /* there is room for one */
	rebalance_cursor_free(cursor);
	domains_free(d);
}

/* A task behind many that no other channel takes is found all the same, and so are these once one takes them.
 */
TEST(what_cannot_move_hides_nobody)
{
	enum { MANY = 250 };
	struct domains *d = domains_new(NULL, 0);
	struct rebalance_cursor *cursor = rebalance_cursor_new();
	put(d, (struct channel_row){.name = "default", .models = "m1 m2", .enabled = true});
	put(d, (struct channel_row){.name = "b", .models = "m2", .enabled = true});
	rests(d, "default", clock_wall_ms() + 3600000);
	struct task task = stores_task(d->s->user, "last");
	task.due_at = clock_wall_ms();
	task.model = "m2";
	stores_add(d->s->store, &task);
	for (int i = 0; i < MANY; i++) {
		task = stores_task(d->s->user, arena_printf(d->s->arena, "v%d", i));
		task.model = "m1";
		stores_add(d->s->store, &task);
	}
	for (int looks = 0; looks < 3; looks++)
		assert_int_equal(rebalance(&d->env, cursor), ERR_OK);
	assert_string_equal(stores_get(d->s, "last").channel, "b");
	put(d, (struct channel_row){.name = "b", .models = "m1 m2", .enabled = true});
	for (int looks = 0; looks < 3; looks++)
		assert_int_equal(rebalance(&d->env, cursor), ERR_OK);
	for (int i = 0; i < MANY; i++)
		assert_string_equal(stores_get(d->s, arena_printf(d->s->arena, "v%d", i)).channel, "b");
	rebalance_cursor_free(cursor);
	rebalance_cursor_free(NULL);
	domains_free(d);
}

/* The key for new work cannot be read, an earlier one can: nothing of this channel's moves before its own key
 * is back, but for what may go elsewhere. */
TEST(who_waits_for_a_key_goes_elsewhere)
{
	struct domains *d = domains_new(NULL, 0);
	setenv("EARLIER_KEY", "one", 1);
	domains_channel(d, "http://127.0.0.1:1", "env:EARLIER_KEY");
	domains_channel(d, "http://127.0.0.1:1", "env:NO_SUCH_KEY");
	struct task plain = stores_task(d->s->user, "plain");
	plain.channel = "x";
	plain.owner = "me";
	plain.deadline_at = clock_wall_ms() + 3600000;
	struct task remix = plain;
	remix.video_id = "remix";
	remix.source_external_id = "its video";
	remix.key_id = "000000000000";
	stores_add(d->s->store, &plain);
	stores_add(d->s->store, &remix);
	plain = stores_get(d->s, "plain");
	remix = stores_get(d->s, "remix");
	assert_int_equal(store_begin(d->s->store, STORE_DURABLE), ERR_OK);
	assert_int_equal(submit_claim(&d->env, d->s->arena, 77, &plain), ERR_OK);
	assert_int_equal(submit_claim(&d->env, d->s->arena, 77, &remix), ERR_OK);
	assert_int_equal(store_commit(d->s->store), ERR_OK);
	plain = stores_get(d->s, "plain");
	assert_string_equal(plain.channel, "default");
	assert_int_equal(plain.state, TASK_STATE_READY);
	assert_null(plain.owner);
	assert_true(plain.due_at <= clock_wall_ms());
	remix = stores_get(d->s, "remix");
	assert_string_equal(remix.channel, "x");
	assert_int_equal(remix.state, TASK_STATE_READY);
	assert_true(remix.due_at > clock_wall_ms());
	domains_free(d);
}

/* A channel that cannot be told of an image is no choice for a task that has one. */
TEST(an_image_goes_where_it_is_taken)
{
	static const char plain[] =
	    "{\"auth\":{\"header\":\"X\",\"prefix\":\"\"},\"submit\":{\"path\":\"/s\",\"body\":\"json\","
	    "\"accepted\":[200],\"fields\":{\"prompt\":\"prompt\"}},\"poll\":{\"path\":\"/s/{id}\","
	    "\"accepted\":[200]},\"answer\":{\"id\":[\"/id\"],\"status\":[\"/status\"],\"video_url\":[\"/"
	    "url\"]},"
	    "\"words\":{\"completed\":[\"done\"],\"failed\":[\"bad\"]}}";
	struct domains *d = domains_new(NULL, 0);
	struct route_choice choice;
	char path[400];
	snprintf(path, sizeof(path), "%s/dialects", d->s->dir);
	assert_int_equal(mkdir(path, 0700), 0);
	snprintf(path, sizeof(path), "%s/dialects/plain.json", d->s->dir);
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	assert_true(fputs(plain, file) >= 0);
	assert_int_equal(fclose(file), 0);
	put(d, (struct channel_row){.name = "b", .dialect = "plain", .priority = 5, .enabled = true});
	struct task task = {.video_id = "v"};
	for (int image = 0; image < 2; image++) {
		task.input_file = image ? "file-1" : NULL;
		assert_int_equal(route_choose(&d->env, &task, 0, &choice), ERR_OK);
		assert_string_equal(choice.channel->name, image ? "default" : "b");
		channel_release(choice.channel);
	}
	put(d, (struct channel_row){.name = "default"});
	assert_int_equal(route_choose(&d->env, &task, 0, &choice), ERR_UNSUPPORTED_FIELD);
	assert_string_equal(choice.unsaid.field, "input_reference");
	domains_free(d);
}

/* Switched off, a channel still makes what is made from its own videos; the rest waits for another. */
TEST(a_channel_that_is_switched_off_gets_no_new_work)
{
	struct domains *d = domains_new(NULL, 0);
	put(d, (struct channel_row){.name = "default"});
	struct task plain = domains_task(d, "plain", TASK_STATE_READY);
	struct task remix = stores_task(d->s->user, "remix");
	remix.source_external_id = "its video";
	remix.owner = "me";
	remix.deadline_at = plain.deadline_at;
	stores_add(d->s->store, &remix);
	remix = stores_get(d->s, "remix");
	assert_int_equal(store_begin(d->s->store, STORE_DURABLE), ERR_OK);
	assert_int_equal(submit_claim(&d->env, d->s->arena, 77, &plain), ERR_OK);
	assert_int_equal(submit_claim(&d->env, d->s->arena, 77, &remix), ERR_OK);
	assert_int_equal(store_commit(d->s->store), ERR_OK);
	assert_null(plain.owner);
	plain = stores_get(d->s, "plain");
	assert_int_equal(plain.state, TASK_STATE_READY);
	assert_null(plain.owner);
	assert_true(plain.due_at > clock_wall_ms());
	assert_int_equal(stores_get(d->s, "remix").state, TASK_STATE_SENDING);
	domains_free(d);
}

/* Else it would be claimed again at once, and again, as long as the channel is switched off. */
TEST(what_waits_for_a_channel_that_is_switched_off_waits_a_while)
{
	static const int64_t intervals[] = {500, 1000, 60000};
	for (size_t i = 0; i < sizeof(intervals) / sizeof(intervals[0]); i++) {
		struct domains *d = domains_new(NULL, 0);
		d->config.poll_interval_max = intervals[i];
		put(d, (struct channel_row){.name = "default"});
		struct task task = domains_task(d, "v", TASK_STATE_READY);
		int64_t now = clock_wall_ms();
		assert_int_equal(store_begin(d->s->store, STORE_DURABLE), ERR_OK);
		assert_int_equal(submit_claim(&d->env, d->s->arena, 77, &task), ERR_OK);
		assert_int_equal(store_commit(d->s->store), ERR_OK);
		assert_true(stores_get(d->s, "v").due_at >= now + intervals[i]);
		domains_free(d);
	}
}

/* A claim that meets a channel that has filled up since gives the task back. */
TEST(a_claim_minds_the_limits)
{
	struct domains *d = domains_new(NULL, 0);
	put(d, (struct channel_row){.name = "default", .rate = 1, .enabled = true});
	struct task one = domains_task(d, "one", TASK_STATE_READY),
	            two = domains_task(d, "two", TASK_STATE_READY);
	assert_int_equal(store_begin(d->s->store, STORE_DURABLE), ERR_OK);
	assert_int_equal(submit_claim(&d->env, d->s->arena, 77, &one), ERR_OK);
	assert_int_equal(submit_claim(&d->env, d->s->arena, 77, &two), ERR_OK);
	assert_int_equal(store_commit(d->s->store), ERR_OK);
	assert_int_equal(stores_get(d->s, "one").state, TASK_STATE_SENDING);
	assert_int_equal(stores_get(d->s, "two").state, TASK_STATE_READY);
	domains_free(d);
}

/* The row says by which key a task is sent; without it nothing is repeated, as it would be another's job. */
TEST(the_key_is_noted_and_minded)
{
	struct domains *d = domains_new(NULL, 0);
	d->config.upstream_idempotency = "on";
	domains_configure(d);
	struct task task = domains_task(d, "v", TASK_STATE_READY);
	assert_int_equal(store_begin(d->s->store, STORE_DURABLE), ERR_OK);
	assert_int_equal(submit_claim(&d->env, d->s->arena, 77, &task), ERR_OK);
	assert_int_equal(store_commit(d->s->store), ERR_OK);
	task = stores_get(d->s, "v");
	assert_non_null(task.key_id);
	assert_null(strstr(task.key_id, "key"));
	task.state = TASK_STATE_UNSURE;
	assert_int_equal(unsure_next_step(&d->env, &task), UNSURE_REPEAT);
	const struct channel *channel = channels_for_task(d->channels, &task);
	assert_true(channel_is_of(channel, &task));
	channel_release(channel);

	d->config.upstream_key = "another key";
	domains_configure(d);
	assert_int_equal(unsure_next_step(&d->env, &task), UNSURE_GIVE_UP);
	channel = channels_for_task(d->channels, &task);
	assert_string_equal(channel->key, "another key");
	assert_false(channel_is_of(channel, &task));
	channel_release(channel);
	domains_free(d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_model_decides_first),
	    cmocka_unit_test(one_that_rests_is_taken_only_where_all_do),
	    cmocka_unit_test(limits_count_what_waits),
	    cmocka_unit_test(only_what_was_surely_not_accepted_moves),
	    cmocka_unit_test(who_is_told_to_come_later_asks_each_once),
	    cmocka_unit_test(a_task_does_not_come_back_before_it_was_told_to),
	    cmocka_unit_test(what_waits_is_relieved),
	    cmocka_unit_test(what_cannot_move_hides_nobody),
	    cmocka_unit_test(who_waits_for_a_key_goes_elsewhere),
	    cmocka_unit_test(an_image_goes_where_it_is_taken),
	    cmocka_unit_test(a_channel_that_is_switched_off_gets_no_new_work),
	    cmocka_unit_test(what_waits_for_a_channel_that_is_switched_off_waits_a_while),
	    cmocka_unit_test(a_claim_minds_the_limits),
	    cmocka_unit_test(the_key_is_noted_and_minded),
	};
	return crypto_open() ? cmocka_run_group_tests_name("domain/channel/route", tests, NULL, NULL) : 1;
}
