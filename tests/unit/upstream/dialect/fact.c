/* What an answer says of its job: the model, the size, the seconds, and when the file goes. */
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/json.h"
#include "base/limits.h"
#include "support/test.h"
#include "upstream/dialect/answer.h"
#include "upstream/dialect/dialect.h"
#include "upstream/dialect/fact.h"
#include "upstream/http/message.h"

#define PROFILE                                                                                              \
	"{\"auth\":{\"header\":\"A\"},\"submit\":{\"path\":\"/s\",\"body\":\"json\",\"accepted\":[200],"     \
	"\"fields\":{\"prompt\":\"p\"}},\"poll\":{\"path\":\"/p/{id}\",\"accepted\":[200]},"                 \
	"\"answer\":{\"id\":[\"/id\"],\"status\":[\"/status\"],\"video_url\":[\"/url\"],\"model\":[\"/"      \
	"m\",\"/n\"],"                                                                                       \
	"\"size\":[\"/m\",\"/n\"],\"seconds\":[\"/m\",\"/n\"],\"expires_at\":[\"/m\",\"/n\"]},"              \
	"\"words\":{\"completed\":[\"done\"],\"failed\":[\"failed\"]}}"

static struct arena *arena;
static struct dialect *dialect;

static int
set_up(void **state)
{
	char why[256];
	(void)state;
	arena = arena_new();
	dialect = dialect_parse("test", PROFILE, strlen(PROFILE), why, sizeof(why));
	if (dialect == NULL)
		fail_msg("%s", why);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	dialect_free(dialect);
	arena_free(arena);
	return 0;
}

/* What is said where /m is `value`, and /n is the fact of another place. */
static struct job_facts
facts_of(const char *value, const char *next)
{
	const struct json *root;
	const char *text = arena_printf(arena, "{\"m\":%s,\"n\":%s}", value, next);
	assert_int_equal(json_parse_bigint(arena, text, strlen(text), &root), ERR_OK);
	return fact_job(dialect, root, arena);
}

TEST(an_id_may_be_an_object)
{
	static const char text[] = "[{\"op\": {\"n\": [1, \"x\"]}}, {}, [1], \"\", 7]";
	const struct json *root;
	assert_int_equal(json_parse_bigint(arena, text, strlen(text), &root), ERR_OK);
	assert_string_equal(fact_id(arena, json_pointer(root, "/0")), "{\"op\":{\"n\":[1,\"x\"]}}");
	assert_null(fact_id(arena, json_pointer(root, "/1")));
	assert_null(fact_id(arena, json_pointer(root, "/2")));
	assert_null(fact_id(arena, json_pointer(root, "/3")));
	assert_string_equal(fact_id(arena, json_pointer(root, "/4")), "7");
}

static bool
same(const char *a, const char *b)
{
	return a != NULL && b != NULL ? strcmp(a, b) == 0 : a == b;
}

TEST(models)
{
	assert_string_equal(facts_of("\"sora-2-pro\"", "null").model, "sora-2-pro");
	static const char *const none[] = {"null", "\"\"", "\" \\n\"", "7", "{}", "[\"a\"]", "true"};
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		assert_null(facts_of(none[i], "null").model);
		assert_string_equal(facts_of(none[i], "\"b\"").model, "b");
	}
	char longest[140];
	snprintf(longest, sizeof(longest), "\"%0128d\"", 1);
	assert_int_equal(strlen(facts_of(longest, "null").model), 128);
	snprintf(longest, sizeof(longest), "\"%0129d\"", 1);
	assert_null(facts_of(longest, "null").model);
}

TEST(sizes)
{
	assert_string_equal(facts_of("\"1280x720\"", "null").size, "1280x720");
	assert_string_equal(facts_of("\"1280*720\"", "null").size, "1280x720");
	assert_string_equal(facts_of("\"1280X720\"", "null").size, "1280x720");
	static const char *const none[] = {"null",           "\"\"",           "\"x\"",          "\"1280x\"",
	                                   "\"x720\"",       "\"720p\"",       "\"0x720\"",      "\"1280x0\"",
	                                   "\"1280 x 720\"", "\"123456x720\"", "\"1280x720x1\"", "1280"};
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		if (facts_of(none[i], "null").size != NULL)
			fail_msg("%s", none[i]);
		assert_string_equal(facts_of(none[i], "\"4x4\"").size, "4x4");
	}
}

TEST(seconds)
{
	static const struct {
		const char *value;
		int64_t seconds;
	} rows[] = {{"8", 8},         {"\"8\"", 8},  {"\"8s\"", 8},  {"8.04", 8},      {"7.96", 8},
	            {"\"10.0\"", 10}, {"null", 0},   {"\"\"", 0},    {"0", 0},         {"-4", 0},
	            {"\"-4\"", 0},    {"\"8m\"", 0}, {"\"8ss\"", 0}, {"\"1.2.3\"", 0}, {"3600", 3600},
	            {"3601", 0},      {"1e300", 0},  {"true", 0}};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (facts_of(rows[i].value, "null").seconds != rows[i].seconds)
			fail_msg("%s", rows[i].value);
		assert_int_equal(facts_of(rows[i].value, "5").seconds,
		                 rows[i].seconds > 0 ? rows[i].seconds : 5);
	}
}

TEST(times)
{
	const int64_t then = 1759028000000;
	static const char *const same[] = {"1759028000",
	                                   "1759028000.0",
	                                   "\"1759028000\"",
	                                   "1759028000000",
	                                   "\"1759028000000\"",
	                                   "\"2025-09-28T02:53:20Z\"",
	                                   "\"2025-09-28T10:53:20+08:00\"",
	                                   "\"2025-09-28 02:53:20.000\""};
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++)
		if (facts_of(same[i], "null").expires_at != then)
			fail_msg("%s", same[i]);
	static const char *const none[] = {"null",
	                                   "0",
	                                   "-1",
	                                   "\"\"",
	                                   "\"soon\"",
	                                   "\"-5\"",
	                                   "1e300",
	                                   "\"1s\"",
	                                   "{}",
	                                   "false",
	                                   "\"99999999999999999999999\"",
	                                   "\"1960-01-01T00:00:00Z\""};
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		if (facts_of(none[i], "null").expires_at != 0)
			fail_msg("%s", none[i]);
		assert_int_equal(facts_of(none[i], "1759028000").expires_at, then);
	}
}

/* What the recorded answers (answers/README.md) say by the shipped profiles. */
TEST(shipped_profiles_find_them)
{
	static const struct {
		const char *profile, *file;
		struct job_facts facts;
	} rows[] = {
	    {"openai", "openai/queued.json", {"sora-2", "720x1280", 8, 0}},
	    {"openai", "openai/completed.json", {"sora-2", "720x1280", 8, 1759028000000}},
	    {"openai-basic", "openai/completed.json", {"sora-2", "720x1280", 8, 1759028000000}},
	    {"sora", "openai/completed.json", {"sora-2", "720x1280", 8, 1759028000000}},
	    {"dashscope", "dashscope/succeeded.json", {NULL, NULL, 5, 0}},
	    {"dashscope", "dashscope/pending.json", {0}},
	    {"seedance", "seedance/succeeded.json", {"doubao-seedance-1-0-pro-250528", NULL, 5, 0}},
	    {"openrouter", "openrouter/completed.json", {0}},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char path[128], why[256];
		struct buf body;
		const struct json *root;
		buf_init(&body, LIMIT_ANSWER);
		snprintf(path, sizeof(path), "tests/unit/upstream/dialect/answers/%s", rows[i].file);
		assert_int_equal(file_read(path, &body), ERR_OK);
		assert_int_equal(json_parse_bigint(arena, buf_str(&body), body.len, &root), ERR_OK);
		struct dialect *shipped = dialect_load("conf/dialects", rows[i].profile, why, sizeof(why));
		assert_non_null(shipped);
		const struct job_facts facts = fact_job(shipped, root, arena), *expected = &rows[i].facts;
		if (!same(facts.model, expected->model) || !same(facts.size, expected->size) ||
		    facts.seconds != expected->seconds || facts.expires_at != expected->expires_at)
			fail_msg("%s by %s: %s %s", rows[i].file, rows[i].profile,
			         facts.model != NULL ? facts.model : "-",
			         facts.size != NULL ? facts.size : "-");
		dialect_free(shipped);
		buf_free(&body);
	}
}

/* Both kinds of answers say it. */
TEST(submissions_and_polls)
{
	static const char body[] =
	    "{\"id\":\"a\",\"status\":\"done\",\"url\":\"https://v\",\"m\":\"1x2\",\"n\":9}";
	const struct http_response response = {
	    .end = HTTP_ANSWERED, .status = 200, .body = body, .body_len = sizeof(body) - 1};
	struct submit_answer submitted;
	struct poll_answer polled;
	answer_submit(dialect, &response, NULL, arena, &submitted);
	answer_poll(dialect, &response, arena, &polled);
	assert_string_equal(submitted.facts.size, "1x2");
	assert_int_equal(submitted.facts.seconds, 9);
	assert_string_equal(polled.facts.model, "1x2");
	assert_int_equal(polled.facts.seconds, 9);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_id_may_be_an_object),
	    cmocka_unit_test(models),
	    cmocka_unit_test(sizes),
	    cmocka_unit_test(seconds),
	    cmocka_unit_test(times),
	    cmocka_unit_test(shipped_profiles_find_them),
	    cmocka_unit_test(submissions_and_polls),
	};
	return cmocka_run_group_tests_name("upstream/dialect/fact", tests, set_up, tear_down);
}
