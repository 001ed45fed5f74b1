/* What a remix has of its source, and what cannot be remixed. */

#include <stdio.h>
#include <string.h>

#include "domain/channel/channels.h"
#include "domain/task/remix.h"
#include "model/channel.h"
#include "support/domains.h"
#include "support/test.h"

static struct task
source(void)
{
	return (struct task){.id = 7,
	                     .video_id = "video_7",
	                     .external_id = "up-7",
	                     .channel = "default",
	                     .state = TASK_STATE_COMPLETED,
	                     .model = "m",
	                     .size = "1280x720",
	                     .seconds = 10,
	                     .aspect_ratio = "16:9"};
}

TEST(only_a_finished_video_of_a_known_channel_is_remixed)
{
	struct domains *d = domains_new(NULL, 0);
	const struct channel *channel = NULL;
	struct task task = source();
	assert_int_equal(remix_channel(d->env.channels, &task, DIALECT_REMIX, &channel), ERR_OK);
	assert_string_equal(channel->name, "default");
	channel_release(channel);
	const enum task_state open[] = {TASK_STATE_READY, TASK_STATE_RUNNING, TASK_STATE_FAILED,
	                                TASK_STATE_CANCELLED};
	for (size_t i = 0; i < sizeof(open) / sizeof(open[0]); i++) {
		task.state = open[i];
		assert_int_equal(remix_channel(d->env.channels, &task, DIALECT_REMIX, &channel),
		                 ERR_NOT_COMPLETED);
	}
	task = source();
	task.channel = "gone";
	assert_int_equal(remix_channel(d->env.channels, &task, DIALECT_REMIX, &channel), ERR_NO_CHANNEL);
	task.external_id = NULL;
	assert_int_equal(remix_channel(d->env.channels, &task, DIALECT_REMIX, &channel), ERR_NO_EXTERNAL_ID);
	domains_free(d);
}

/* A client that repeats the model that the source shows means what made that, whatever the upstream calls it.
 */
TEST(a_remix_goes_by_the_model_that_was_asked_for)
{
	struct domains *d = domains_new(NULL, 0);
	struct task from = source();
	from.facts = (struct job_facts){.model = "m-0925", .size = "4x4", .seconds = 9};
	const char *const asked[][2] = {{NULL, "m"}, {"m-0925", "m"}, {"m", "m"}, {"other", "other"}};
	for (int i = 0; i < 4; i++) {
		struct task task = {.metadata = "{}", .options = "{}", .model = asked[i][0]};
		assert_int_equal(remix_inherit(d->s->arena, &from, DIALECT_REMIX, &task), ERR_OK);
		assert_string_equal(task.model, asked[i][1]);
		assert_string_equal(task.size, "4x4");
		assert_int_equal(task.seconds, 9);
	}
	domains_free(d);
}

TEST(what_the_source_decides_is_taken_over)
{
	struct domains *d = domains_new(NULL, 0);
	struct task from = source();
	struct task task = {.metadata = "{}", .options = "{}", .size = "1x1", .seconds = 3};
	assert_int_equal(remix_inherit(d->s->arena, &from, DIALECT_REMIX, &task), ERR_OK);
	assert_string_equal(task.size, "1280x720");
	assert_int_equal(task.seconds, 10);
	assert_string_equal(task.aspect_ratio, "16:9");
	assert_string_equal(task.model, "m");
	assert_string_equal(task.source_external_id, "up-7");
	assert_int_equal(task.parent_id, 7);
	assert_int_equal(task.root_id, 7);
	assert_string_equal(
	    task.metadata,
	    "{\"type\":\"remix\",\"remix_from\":\"video_7\",\"remix_from_external\":\"up-7\"}");

	/* A remix of a remix belongs to the first of all, and a model that was asked for is kept. */
	from.root_id = 3;
	from.external_id = "a\"b";
	task = (struct task){.metadata = "{\"mine\":1}", .options = "{}", .model = "other"};
	assert_int_equal(remix_inherit(d->s->arena, &from, DIALECT_REMIX, &task), ERR_OK);
	assert_int_equal(task.root_id, 3);
	assert_int_equal(task.parent_id, 7);
	assert_string_equal(task.model, "other");
	assert_string_equal(task.metadata, "{\"type\":\"remix\",\"remix_from\":\"video_7\","
	                                   "\"remix_from_external\":\"a\\\"b\",\"mine\":1}");
	domains_free(d);
}

TEST(an_edit_and_an_extension_say_so)
{
	struct domains *d = domains_new(NULL, 0);
	const struct channel *channel = NULL;
	struct task from = source();
	struct task task = {.metadata = "{}", .options = "{\"hd\":true}", .seconds = 3};
	assert_int_equal(remix_inherit(d->s->arena, &from, DIALECT_EXTEND, &task), ERR_OK);
	assert_int_equal(task.seconds, 3);
	assert_string_equal(task.options, "{\"job\":\"extend\",\"whole_seconds\":13,\"hd\":true}");
	assert_string_equal(
	    task.metadata,
	    "{\"type\":\"extend\",\"remix_from\":\"video_7\",\"remix_from_external\":\"up-7\"}");

	task = (struct task){.metadata = "{}", .options = "{}", .seconds = 3};
	assert_int_equal(remix_inherit(d->s->arena, &from, DIALECT_EDIT, &task), ERR_OK);
	assert_int_equal(task.seconds, 10);
	assert_string_equal(task.options, "{\"job\":\"edit\"}");
	/* The dialect of the tests is sora, which has neither. */
	assert_int_equal(remix_channel(d->env.channels, &from, DIALECT_EDIT, &channel), ERR_UNSUPPORTED);
	domains_free(d);
}

static struct task
made(struct domains *d, const struct task *from, enum job_kind job, int64_t seconds)
{
	struct task task = {.metadata = "{}", .options = "{}", .seconds = seconds};
	assert_int_equal(remix_inherit(d->s->arena, from, job, &task), ERR_OK);
	task.id = from->id + 1;
	return task;
}

/* An extension is asked for by its own seconds, and is as long as all. */
TEST(how_long_the_whole_is)
{
	struct domains *d = domains_new(NULL, 0);
	struct arena *arena = d->s->arena;
	struct task from = source();
	assert_int_equal(remix_whole_seconds(arena, &from), 10);
	struct task once = made(d, &from, DIALECT_EXTEND, 4);
	struct task twice = made(d, &once, DIALECT_EXTEND, 0); /* as much again */
	struct task edit = made(d, &twice, DIALECT_EDIT, 0);
	struct task remix = made(d, &edit, DIALECT_REMIX, 0);
	const struct task *const all[] = {&once, &twice, &edit, &remix};
	const int64_t whole[] = {14, 18, 18, 18};
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		assert_int_equal(all[i]->seconds, 4);
		assert_int_equal(remix_whole_seconds(arena, all[i]), whole[i]);
	}
	assert_string_equal(remix.options, "{\"whole_seconds\":18}");
	/* Where the upstream had the choice it is not known. */
	from.seconds = 0;
	once = made(d, &from, DIALECT_EXTEND, 4);
	assert_int_equal(once.seconds, 4);
	assert_int_equal(remix_whole_seconds(arena, &once), 0);
	remix = made(d, &from, DIALECT_REMIX, 0);
	assert_string_equal(remix.options, "{}");
	domains_free(d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(only_a_finished_video_of_a_known_channel_is_remixed),
	    cmocka_unit_test(a_remix_goes_by_the_model_that_was_asked_for),
	    cmocka_unit_test(what_the_source_decides_is_taken_over),
	    cmocka_unit_test(an_edit_and_an_extension_say_so),
	    cmocka_unit_test(how_long_the_whole_is),
	};
	return cmocka_run_group_tests_name("domain/task/remix", tests, NULL, NULL);
}
