/* What of an upstream's words about a job is news. */
#include "domain/task/facts.h"
#include "base/arena.h"
#include "model/channel.h"
#include "support/test.h"

static const struct task asked = {.model = "m", .size = "1280x720", .seconds = 4, .options = "{}"};

TEST(what_was_asked_for_is_no_news)
{
	const struct job_facts said = {"m", "1280x720", 4, 0}, nothing = {0};
	struct job_facts news = facts_news(&asked, &said);
	assert_false(job_facts_any(&news));
	news = facts_news(&asked, &nothing);
	assert_false(job_facts_any(&news));
}

TEST(each_that_differs_is_news)
{
	const struct job_facts said = {"m-1", "1280x768", 5, 9000000};
	struct job_facts news = facts_news(&asked, &said);
	assert_true(job_facts_any(&news));
	assert_string_equal(news.model, "m-1");
	assert_string_equal(news.size, "1280x768");
	assert_int_equal(news.seconds, 5);
	assert_int_equal(news.expires_at, 9000000);
	struct task told = asked;
	told.facts = said;
	news = facts_news(&told, &said);
	assert_false(job_facts_any(&news));
	news = facts_news(&told, &(struct job_facts){.model = "m"}); /* back to what was asked for */
	assert_string_equal(news.model, "m");
	assert_int_equal(news.expires_at, 0);
}

TEST(a_part_keeps_its_own_seconds)
{
	const struct job_facts said = {.seconds = 12};
	struct task part = asked;
	part.options = "{\"job\":\"extend\"}";
	assert_int_equal(facts_news(&part, &said).seconds, 0);
	part.options = "{\"whole_seconds\":12}";
	assert_int_equal(facts_news(&part, &said).seconds, 0);
}

/* Else each poll of an upstream that counts from now would wake all clients. */
TEST(an_end_that_moves_a_little_is_no_news)
{
	struct task told = asked;
	told.facts.expires_at = 1000000;
	assert_int_equal(facts_news(&told, &(struct job_facts){.expires_at = 1060000}).expires_at, 0);
	assert_int_equal(facts_news(&told, &(struct job_facts){.expires_at = 1060001}).expires_at, 1060001);
	assert_int_equal(facts_news(&told, &(struct job_facts){.expires_at = 930000}).expires_at, 930000);
}

TEST(a_model_is_shown_by_the_name_that_clients_know)
{
	static const struct channel_model models[] = {{"fast", "v/1"}, {"sora-2", "v/2"}, {"cheap", "v/1"}};
	static const struct {
		const char *asked, *said, *shown;
	} rows[] = {{"sora-2", "v/2", "sora-2"}, {"cheap", "v/1", "cheap"},   {"sora-2", "v/1", "fast"},
	            {"sora-2", "v/3", "v/3"},    {NULL, "v/2", "sora-2"},     {"m", "m", "m"},
	            {"sora-2", NULL, NULL},      {"sora-2", "x-sk-123", NULL}};
	const struct channel channel = {.key = "sk-123", .models = models, .model_count = 3};
	struct arena *arena = arena_new();
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct task task = {.model = rows[i].asked};
		struct job_facts facts = {.model = rows[i].said};
		facts_translate(&channel, &task, arena, &facts);
		if (rows[i].shown == NULL)
			assert_null(facts.model);
		else
			assert_string_equal(facts.model, rows[i].shown);
	}
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_was_asked_for_is_no_news),
	    cmocka_unit_test(each_that_differs_is_news),
	    cmocka_unit_test(a_part_keeps_its_own_seconds),
	    cmocka_unit_test(a_model_is_shown_by_the_name_that_clients_know),
	    cmocka_unit_test(an_end_that_moves_a_little_is_no_news),
	};
	return cmocka_run_group_tests_name("domain/task/facts", tests, NULL, NULL);
}
