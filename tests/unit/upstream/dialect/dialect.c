/* Profiles: the shipped ones load, and whatever is wrong with one is named. */
#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "support/tmpdir.h"
#include "upstream/dialect/dialect.h"
#include "upstream/dialect/profile.h"
#include "support/test.h"

#define AUTH "\"auth\":{\"header\":\"Authorization\"}"
#define SUBMIT                                                                                               \
	"\"submit\":{\"path\":\"/v\",\"body\":\"json\",\"accepted\":[200],\"fields\":{\"prompt\":\"p\"}}"
#define POLL                "\"poll\":{\"path\":\"/v/{id}\",\"accepted\":[200]}"
#define ANSWER              "\"answer\":{\"id\":[\"/id\"],\"status\":[\"/s\"],\"video_url\":[\"/url\"]}"
#define WORDS               "\"words\":{\"completed\":[\"done\"],\"failed\":[\"bad\"]}"
#define REST_OF(a, b, c, d) "," a "," b "," c "," d "}"

static char why[512];

static struct dialect *
parse(const char *json)
{
	why[0] = '\0';
	return dialect_parse("test", json, strlen(json), why, sizeof(why));
}

TEST(shipped_profiles_load)
{
	static const char *const names[] = {"sora", "openai", "openrouter", "dashscope", "seedance"};
	for (size_t i = 0; i < 5; i++) {
		struct dialect *d = dialect_load("conf/dialects", names[i], why, sizeof(why));
		if (!d)
			fail_msg("%s", why);
		assert_string_equal(dialect_name(d), names[i]);
		dialect_free(d);
	}
}

TEST(a_profile_is_read_as_it_stands)
{
	struct dialect *d = dialect_load("conf/dialects", "sora", why, sizeof(why));
	assert_non_null(d);
	assert_string_equal(d->auth_header, "Authorization");
	assert_string_equal(d->auth_prefix, "");
	assert_string_equal(d->forms[DIALECT_CREATE].call.path, "/sora/v1/videos");
	assert_false(d->forms[DIALECT_CREATE].body == BODY_JSON);
	assert_true(dialect_accepts(&d->forms[DIALECT_CREATE].call, 202));
	assert_false(dialect_accepts(&d->forms[DIALECT_CREATE].call, 204));
	assert_false(dialect_accepts(&d->forms[DIALECT_CREATE].call, 199));
	assert_false(dialect_accepts(&d->forms[DIALECT_CREATE].call, 300));
	assert_string_equal(d->forms[DIALECT_CREATE].fields[JOB_ASPECT_RATIO].name, "aspect_ratio");
	assert_int_equal(d->forms[DIALECT_CREATE].fields[JOB_SECONDS].type, TYPE_PLAIN);
	assert_string_equal(d->poll.call.path, "/sora/v1/videos/{id}");
	assert_null(d->content.path);
	assert_string_equal(d->facts[FACT_ID][0], "/id");
	dialect_free(d);
	d = dialect_load("conf/dialects", "openai", why, sizeof(why));
	assert_non_null(d);
	assert_string_equal(d->auth_prefix, "Bearer ");
	assert_string_equal(d->content.path, "/v1/videos/{id}/content");
	assert_null(d->forms[DIALECT_CREATE].fields[JOB_WATERMARK].name);
	dialect_free(d);
}

TEST(words_stand_for_statuses_in_any_case)
{
	static const struct {
		const char *word;
		enum poll_status status;
	} rows[] = {{"queued", POLL_QUEUED},
	            {"PENDING", POLL_QUEUED},
	            {"Submitted", POLL_QUEUED},
	            {"not_start", POLL_QUEUED},
	            {"in_progress", POLL_RUNNING},
	            {"IN_PROGRESS", POLL_RUNNING},
	            {"processing", POLL_RUNNING},
	            {"running", POLL_RUNNING},
	            {"completed", POLL_COMPLETED},
	            {"Succeeded", POLL_COMPLETED},
	            {"SUCCESS", POLL_COMPLETED},
	            {"failed", POLL_ERROR},
	            {"error", POLL_ERROR},
	            {"rejected", POLL_ERROR},
	            {"expired", POLL_ERROR},
	            {"cancelled", POLL_CANCELLED},
	            {"canceled", POLL_CANCELLED},
	            {"complete", POLL_UNKNOWN_WORD},
	            {"completed ", POLL_UNKNOWN_WORD},
	            {"", POLL_UNKNOWN_WORD}};
	static const char *const names[] = {"sora", "openai"};
	for (size_t n = 0; n < 2; n++) {
		struct dialect *d = dialect_load("conf/dialects", names[n], why, sizeof(why));
		assert_non_null(d);
		for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
			if (dialect_status(d, rows[i].word) != rows[i].status)
				fail_msg("%s: %s", names[n], rows[i].word);
		dialect_free(d);
	}
}

TEST(seconds_have_a_type)
{
	static const struct {
		const char *field;
		bool integer;
	} rows[] = {{"\"n\"", false},
	            {"{\"name\":\"n\",\"type\":\"string\"}", false},
	            {"{\"name\":\"n\",\"type\":\"integer\"}", true}};
	char json[1024];
	for (size_t i = 0; i < 3; i++) {
		snprintf(json, sizeof(json),
		         "{\"submit\":{\"path\":\"/v\",\"body\":\"json\",\"accepted\":[200],"
		         "\"fields\":{\"prompt\":\"p\",\"seconds\":%s}}" REST_OF(AUTH, POLL, ANSWER, WORDS),
		         rows[i].field);
		struct dialect *d = parse(json);
		if (!d)
			fail_msg("%s", why);
		assert_string_equal(d->forms[DIALECT_CREATE].fields[JOB_SECONDS].name, "n");
		assert_int_equal(d->forms[DIALECT_CREATE].fields[JOB_SECONDS].type == TYPE_INTEGER,
		                 rows[i].integer);
		dialect_free(d);
	}
}

struct flaw {
	const char *json;
	const char *named; /* what the sentence must hold */
};

static void
expect_flaws(const struct flaw *flaws, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct dialect *d = parse(flaws[i].json);
		if (d)
			fail_msg("taken: %s", flaws[i].json);
		if (!strstr(why, flaws[i].named) || strncmp(why, "test:", 5) != 0)
			fail_msg("%s\ngave: %s\nwithout: %s", flaws[i].json, why, flaws[i].named);
	}
}

#define EXPECT_FLAWS(flaws) expect_flaws(flaws, sizeof(flaws) / sizeof(flaws[0]))

TEST(the_minimum_is_enough)
{
	struct dialect *d = parse("{" AUTH REST_OF(SUBMIT, POLL, ANSWER, WORDS));
	if (!d)
		fail_msg("%s", why);
	dialect_free(d);
	dialect_free(NULL);
}

TEST(a_key_that_is_missing_is_named)
{
	static const struct flaw flaws[] = {
	    {"", "JSON"},
	    {"[]", "must be an object"},
	    {"{}", "auth is missing"},
	    {"{" SUBMIT "," POLL "," ANSWER "," WORDS "}", "auth is missing"},
	    {"{" AUTH "," POLL "," ANSWER "," WORDS "}", "submit is missing"},
	    {"{" AUTH "," SUBMIT "," ANSWER "," WORDS "}", "poll is missing"},
	    {"{" AUTH "," SUBMIT "," POLL "," WORDS "}", "answer is missing"},
	    {"{" AUTH "," SUBMIT "," POLL "," ANSWER "}", "words.completed is missing"},
	    {"{\"auth\":{}" REST_OF(SUBMIT, POLL, ANSWER, WORDS), "auth.header is missing"},
	    {"{\"submit\":{\"path\":\"/v\",\"body\":\"json\",\"accepted\":[200],\"fields\":{}}" REST_OF(
	         AUTH, POLL, ANSWER, WORDS),
	     "submit.fields.prompt is missing"},
	    {"{\"words\":{\"completed\":[\"a\"]}" REST_OF(AUTH, SUBMIT, POLL, ANSWER),
	     "words.failed is missing"},
	    {"{\"words\":{\"completed\":[],\"failed\":[\"a\"]}" REST_OF(AUTH, SUBMIT, POLL, ANSWER),
	     "words.completed is missing"},
	    {"{\"answer\":{\"id\":[],\"status\":[\"/s\"],\"video_url\":[\"/url\"]}" REST_OF(AUTH, SUBMIT,
	                                                                                    POLL, WORDS),
	     "answer.id must name"},
	};
	EXPECT_FLAWS(flaws);
}

TEST(a_key_that_is_unknown_is_named)
{
	static const struct flaw flaws[] = {
	    {"{\"cancel\":{\"method\":\"GET\"}," AUTH REST_OF(SUBMIT, POLL, ANSWER, WORDS),
	     "cancel.method must be"},
	    {"{\"cancel\":{\"method\":\"POST\"}," AUTH REST_OF(SUBMIT, POLL, ANSWER, WORDS),
	     "cancel.path is missing"},
	    {"{\"list\":{\"path\":\"/v/{id}\"}," AUTH REST_OF(SUBMIT, POLL, ANSWER, WORDS),
	     "list.path must hold no placeholder"},
	    {"{\"list\":{\"path\":\"/v\",\"items\":[\"/d\"],\"prompt\":[\"/p\"],\"accepted\":[200]}," AUTH
	         REST_OF(SUBMIT, POLL, ANSWER, WORDS),
	     "list.created_at is missing"},
	    {"{\"stop\":{}," AUTH REST_OF(SUBMIT, POLL, ANSWER, WORDS), "stop is an unknown key"},
	    {"{\"remix\":{}," AUTH REST_OF(SUBMIT, POLL, ANSWER, WORDS), "remix.path is missing"},
	    {"{\"auth\":{\"header\":\"A\",\"perfix\":\"\"}" REST_OF(SUBMIT, POLL, ANSWER, WORDS),
	     "auth.perfix is an unknown key"},
	    {"{\"submit\":{\"path\":\"/v\",\"body\":\"json\",\"accepted\":[200],\"fields\":{\"prompt\":\"p\","
	     "\"style\":\"s\"}}" REST_OF(AUTH, POLL, ANSWER, WORDS),
	     "submit.fields.style is an unknown key"},
	    {"{\"words\":{\"done\":[\"a\"]}" REST_OF(AUTH, SUBMIT, POLL, ANSWER),
	     "words.done is an unknown key"},
	};
	EXPECT_FLAWS(flaws);
}

TEST(a_value_that_is_wrong_is_named)
{
#define WITH_SUBMIT(path, body, codes, fields)                                                               \
	"{\"submit\":{\"path\":" path ",\"body\":" body ",\"accepted\":" codes ",\"fields\":" fields         \
	"}" REST_OF(AUTH, POLL, ANSWER, WORDS)
#define PROMPT "{\"prompt\":\"p\"}"
	static const struct flaw flaws[] = {
	    {"{\"auth\":7" REST_OF(SUBMIT, POLL, ANSWER, WORDS), "auth must be an object"},
	    {"{\"auth\":{\"header\":7}" REST_OF(SUBMIT, POLL, ANSWER, WORDS), "auth.header must be a string"},
	    {"{\"auth\":{\"header\":\"A: b\"}" REST_OF(SUBMIT, POLL, ANSWER, WORDS),
	     "auth.header must be the name"},
	    {"{\"auth\":{\"header\":\"A\",\"prefix\":\"x\\r\\ny\"}" REST_OF(SUBMIT, POLL, ANSWER, WORDS),
	     "auth.prefix must be printable"},
	    {WITH_SUBMIT("\"v\"", "\"json\"", "[200]", PROMPT), "submit.path must begin with a slash"},
	    {WITH_SUBMIT("\"/v/{id}\"", "\"json\"", "[200]", PROMPT),
	     "submit.path must hold no placeholder but {model}"},
	    {WITH_SUBMIT("\"/v\"", "\"xml\"", "[200]", PROMPT), "submit.body must be"},
	    {WITH_SUBMIT("\"/v\"", "\"json\"", "200", PROMPT), "submit.accepted must be a list"},
	    {WITH_SUBMIT("\"/v\"", "\"json\"", "[]", PROMPT), "submit.accepted must be a list"},
	    {WITH_SUBMIT("\"/v\"", "\"json\"", "[404]", PROMPT), "submit.accepted must hold codes"},
	    {WITH_SUBMIT("\"/v\"", "\"json\"", "[\"200\"]", PROMPT), "submit.accepted must hold codes"},
	    {WITH_SUBMIT("\"/v\"", "\"json\"", "[200]", "{\"prompt\":\"\"}"),
	     "submit.fields.prompt must have"},
	    {WITH_SUBMIT("\"/v\"", "\"json\"", "[200]", "{\"prompt\":\"p\",\"input_reference\":\"i\"}"),
	     "input_reference needs a \"multipart\" body"},
	    {WITH_SUBMIT("\"/v\"", "\"json\"", "[200]",
	                 "{\"prompt\":\"p\",\"seconds\":{\"name\":\"s\",\"type\":\"word\"}}"),
	     "submit.fields.seconds.type is unknown; there are \"string\", \"integer\", "
	     "\"float\", \"5s\""},
	    {WITH_SUBMIT("\"/v\"", "\"json\"", "[200]",
	                 "{\"prompt\":\"p\",\"model\":{\"name\":\"s\",\"type\":\"word\"}}"),
	     "submit.fields.model.type is not needed"},
	    {WITH_SUBMIT("\"/v\"", "\"json\"", "[200]",
	                 "{\"prompt\":\"p\",\"seconds\":{\"name\":\"s\",\"type\":\"string\",\"x\":1}}"),
	     "submit.fields.seconds.x is an unknown key; there are name"},
	    {"{\"poll\":{\"path\":\"/v\",\"accepted\":[200]}" REST_OF(AUTH, SUBMIT, ANSWER, WORDS),
	     "poll must hold {id} in each of its paths, or in its body"},
	    {"{\"result\":{\"path\":\"/r\",\"accepted\":[200]}," AUTH REST_OF(SUBMIT, POLL, ANSWER, WORDS),
	     "result must hold {id} in each of its paths, or in its body"},
	    {"{\"result\":{\"accepted\":[200]}," AUTH REST_OF(SUBMIT, POLL, ANSWER, WORDS),
	     "result must have a path or a url"},
	    {"{\"result\":{\"path\":\"/r/{result_id}\",\"accepted\":[200]}," AUTH REST_OF(SUBMIT, POLL,
	                                                                                  ANSWER, WORDS),
	     "answer.result_id is missing: result needs it"},
	    {"{\"poll\":{\"path\":\"/v/{id}\",\"path_with_image\":\"/i\",\"accepted\":[200]}" REST_OF(
	         AUTH, SUBMIT, ANSWER, WORDS),
	     "poll must hold {id} in each of its paths, or in its body"},
	    {"{\"poll\":{\"path\":\"/v\",\"body\":{\"a\":\"{id}\"},\"accepted\":[200]}" REST_OF(
	         AUTH, SUBMIT, ANSWER, WORDS),
	     "poll has a body, which needs another method"},
	    {"{\"poll\":{\"path\":\"/"
	     "v\",\"method\":\"POST\",\"body\":{\"a\":\"{ID}\"},\"accepted\":[200]}" REST_OF(AUTH, SUBMIT,
	                                                                                     ANSWER, WORDS),
	     "poll.body has an unknown placeholder at \"{ID}"},
	    {"{\"poll\":{\"path\":\"/v/{id}\",\"method\":\"PUT\",\"accepted\":[200]}" REST_OF(AUTH, SUBMIT,
	                                                                                      ANSWER, WORDS),
	     "poll.method must be \"GET\" or \"POST\""},
	    {"{\"poll\":{\"path\":\"/v/{id}\",\"pending\":[429],\"accepted\":[200]}" REST_OF(AUTH, SUBMIT,
	                                                                                     ANSWER, WORDS),
	     "poll.pending must hold codes from 200 to 499"},
	    {"{\"poll\":{\"path\":\"/v/{id}\",\"interval_min\":\"5\",\"accepted\":[200]}" REST_OF(
	         AUTH, SUBMIT, ANSWER, WORDS),
	     "poll.interval_min must be a number of seconds"},
	    {"{\"answer\":{\"id\":[\"/id\"],\"status\":[\"/s\"],\"failed\":[{\"is\":[1]}]}" REST_OF(
	         AUTH, SUBMIT, POLL, WORDS),
	     "answer.failed has an object without \"at\""},
	    {"{\"answer\":{\"id\":[\"/id\"],\"status\":[\"/s\"],\"failed\":[{\"at\":\"/"
	     "a\",\"was\":1}]}" REST_OF(AUTH, SUBMIT, POLL, WORDS),
	     "answer.failed has the unknown member \"was\""},
	    {"{\"answer\":{\"id\":[\"/id\"],\"completed\":[\"v\"],\"video_url\":[\"/url\"]}" REST_OF(
	         AUTH, SUBMIT, POLL, WORDS),
	     "answer.completed holds \"v\", which is no JSON pointer"},
	    {"{\"answer\":{\"id\":[\"/id\"],\"completed\":[\"/v\"],\"video_url\":[\"/url\"]}" REST_OF(
	         AUTH, SUBMIT, POLL, WORDS),
	     "answer.status is missing"},
	    {"{\"poll\":{\"path\":\"/{id}/{id}\",\"accepted\":[200]}" REST_OF(AUTH, SUBMIT, ANSWER, WORDS),
	     "poll.path must hold no placeholder but"},
	    {"{\"poll\":{\"path\":\"/v/{task}\",\"accepted\":[200]}" REST_OF(AUTH, SUBMIT, ANSWER, WORDS),
	     "poll.path must hold no placeholder but"},
	    {"{\"poll\":{\"path\":\"/v/{id}}\",\"accepted\":[200]}" REST_OF(AUTH, SUBMIT, ANSWER, WORDS),
	     "poll.path must hold no placeholder but"},
	    {"{\"poll\":{\"path\":\"/v/{id}#x\",\"accepted\":[200]}" REST_OF(AUTH, SUBMIT, ANSWER, WORDS),
	     "poll.path must begin"},
	    {"{\"content\":{\"path\":\"/v\"}," AUTH REST_OF(SUBMIT, POLL, ANSWER, WORDS),
	     "content.path must hold"},
	    {"{\"answer\":{\"id\":\"/id\",\"status\":[\"/s\"],\"video_url\":[\"/url\"]}" REST_OF(AUTH, SUBMIT,
	                                                                                         POLL, WORDS),
	     "answer.id must be a list"},
	    {"{\"answer\":{\"id\":[\"id\"],\"status\":[\"/s\"],\"video_url\":[\"/url\"]}" REST_OF(
	         AUTH, SUBMIT, POLL, WORDS),
	     "answer.id holds \"id\""},
	    {"{\"answer\":{\"id\":[\"/i~2\"],\"status\":[\"/s\"],\"video_url\":[\"/url\"]}" REST_OF(
	         AUTH, SUBMIT, POLL, WORDS),
	     "answer.id holds \"/i~2\""},
	    {"{\"answer\":{\"id\":[7],\"status\":[\"/s\"],\"video_url\":[\"/url\"]}" REST_OF(AUTH, SUBMIT,
	                                                                                     POLL, WORDS),
	     "answer.id must be a string"},
	};
	EXPECT_FLAWS(flaws);
}

TEST(a_body_that_cannot_be_is_named)
{
	static const struct flaw flaws[] = {
	    {WITH_SUBMIT("\"/v\"", "\"json\"", "[200]", "{\"prompt\":\"/a//b\"}"), "no JSON pointer"},
	    {WITH_SUBMIT("\"/v\"", "\"json\"", "[200]", "{\"prompt\":\"/a/\"}"), "no JSON pointer"},
	    {WITH_SUBMIT("\"/v\"", "\"json\"", "[200]", "{\"prompt\":\"/a/b/c/d/e/f/g/h/i\"}"), "8 steps"},
	    {WITH_SUBMIT("\"/v\"", "\"json\"", "[200]", "{\"prompt\":\"p\",\"model\":\"p\"}"),
	     "submit.fields.model puts \"p\" where \"p\" stands"},
	    {WITH_SUBMIT("\"/v\"", "\"json\"", "[200]", "{\"prompt\":\"p\",\"model\":\"/p/m\"}"),
	     "submit.fields.model puts \"/p/m\" where \"p\" stands"},
	    {WITH_SUBMIT("\"/v\"", "\"json\"", "[200]", "{\"prompt\":\"/a/b\",\"model\":\"/a\"}"),
	     "submit.fields.model puts \"/a\" where \"/a/b\" stands"},
	    {WITH_SUBMIT("\"/v\"", "\"json\"", "[200]", "{\"prompt\":\"/a/0\",\"model\":\"/a/b\"}"),
	     "submit.fields.model puts \"/a/b\" where \"/a/0\" stands"},
	    {WITH_SUBMIT("\"/v\"", "\"json\"", "[200]", "{\"prompt\":{\"name\":\"p\",\"with\":{\"p\":1}}}"),
	     "submit.fields.prompt puts \"p\" where"},
	    {WITH_SUBMIT("\"/v\"", "\"json\"", "[200]", "{\"prompt\":{\"name\":\"p\",\"with\":[]}}"),
	     "submit.fields.prompt.with must be an object"},
	    {WITH_SUBMIT("\"/v\"", "\"json\"", "[200]", "{\"prompt\":{\"name\":\"p\",\"if\":\"cat\"}}"),
	     "submit.fields.prompt.if is unknown; there are \"image\""},
	    {WITH_SUBMIT("\"/v\"", "\"json\"", "[200]", "{\"prompt\":{\"name\":\"p\",\"if\":\"image\"}}"),
	     "submit.fields.prompt must be sent with every task"},
	    {WITH_SUBMIT("\"/v\"", "\"json\"", "[200]",
	                 "{\"prompt\":\"p\",\"size\":{\"name\":\"s\",\"if\":[\"last\",\"no_image\"]}}"),
	     "submit.fields.size.if is met by no task"},
	    {WITH_SUBMIT("\"/v\"", "\"json\"", "[200]",
	                 "{\"prompt\":\"p\",\"size\":[{\"name\":\"s\"},{\"name\":\"t\"}]}"),
	     "submit.fields.size has no \"if\" but at its end"},
	    {WITH_SUBMIT("\"/v\"", "\"json\"", "[200]",
	                 "{\"prompt\":\"p\",\"references\":{\"name\":\"r\",\"type\":\"base64\"}}"),
	     "submit.fields.references needs a step \"-\""},
	    {WITH_SUBMIT("\"/v\"", "\"json\"", "[200]", "{\"prompt\":\"/a/-\"}"),
	     "the step \"-\" is for images"},
	    {WITH_SUBMIT("\"/v\"", "\"json\"", "[200]",
	                 "{\"prompt\":\"p\",\"seconds\":{\"name\":\"s\",\"values\":[]}}"),
	     "submit.fields.seconds.values must be like"},
	    {WITH_SUBMIT("\"/v\"", "\"json\"", "[200]",
	                 "{\"prompt\":\"p\",\"seconds\":{\"name\":\"s\",\"values\":{\"4\":[]}}}"),
	     "submit.fields.seconds.values holds what is no"},
	    {WITH_SUBMIT("\"/v\"", "\"json\"", "[200]",
	                 "{\"prompt\":\"p\",\"size\":{\"name\":\"s\",\"values\":[\"1280*720\"]}}"),
	     "which is no size like 1280x720"},
	    {WITH_SUBMIT(
	         "\"/v\"", "\"json\"", "[200]",
	         "{\"prompt\":\"p\",\"aspect_ratio\":{\"name\":\"s\",\"values\":[\"auto\",\"16x9\"]}}"),
	     "which is no aspect ratio like 16:9"},
	    {WITH_SUBMIT("\"/v\"", "\"json\"", "[200]",
	                 "{\"prompt\":\"p\",\"seconds\":{\"name\":\"s\",\"values\":[5,\"5s\"]}}"),
	     "which is no whole number of seconds"},
	    {WITH_SUBMIT("\"/v\"", "\"json\"", "[200]",
	                 "{\"prompt\":\"p\",\"hd\":{\"name\":\"s\",\"values\":{\"on\":1}}}"),
	     "which is neither true nor false"},
	    {WITH_SUBMIT("\"/v\"", "\"json\"", "[200]",
	                 "{\"prompt\":\"p\",\"seconds\":{\"name\":\"s\",\"default\":null}}"),
	     "submit.fields.seconds.default must be a string, a number or a boolean"},
	    {WITH_SUBMIT("\"/v\"", "\"json\"", "[200]",
	                 "{\"prompt\":\"p\",\"resolution\":{\"name\":\"s\",\"steps\":{\"p\":\"p\"}}}"),
	     "has the step \"p\", which is no number"},
	    {WITH_SUBMIT(
	         "\"/v\"", "\"json\"", "[200]",
	         "{\"prompt\":\"p\",\"resolution\":{\"name\":\"s\",\"steps\":{\"720\":1,\"540\":2}}}"),
	     "has the step 540 behind a larger one"},
	    {WITH_SUBMIT("\"/v\"", "\"json\"", "[200]",
	                 "{\"prompt\":\"p\",\"model\":{\"name\":\"s\",\"values\":[1]}}"),
	     ".values is an unknown key; there are name, type, if, with, default"},
	    {WITH_SUBMIT("\"/v\"", "\"multipart\"", "[200]", "{\"prompt\":\"/a/p\"}"),
	     "submit.fields.prompt has \"/a/p\": a multipart body has plain names"},
	    {WITH_SUBMIT("\"/v\"", "\"json\"", "[200]", PROMPT ",\"constants\":{\"x\":\"{image_type}\"}"),
	     "submit.constants has a placeholder that goes only"},
	    {WITH_SUBMIT("\"/v\"", "\"json\"", "[200]", PROMPT ",\"constants\":[{\"x\":1}]"),
	     "submit.constants must be an object, or a list"},
	    {WITH_SUBMIT("\"/v\"", "\"json\"", "[200]", PROMPT ",\"headers\":{\"A\":\"{id}\"}"),
	     "submit.headers.A has an unknown placeholder; there are {model} and {uuid}"},
	    {"{\"headers\":{\"A\":\"{model}\"}," AUTH REST_OF(SUBMIT, POLL, ANSWER, WORDS),
	     "headers.A has an unknown placeholder; there is {uuid}"},
	    {WITH_SUBMIT("\"/v\"", "\"json\"", "[200]", "{\"prompt\":\"p\",\"source\":\"s\"}"),
	     "submit has a source"},
	    {WITH_SUBMIT("\"/v\"", "\"multipart\"", "[200]",
	                 "{\"prompt\":\"p\",\"input_reference\":{\"name\":\"i\",\"type\":\"data_url\"}}"),
	     "submit.fields.input_reference needs a \"json\""},
	    {WITH_SUBMIT("\"/v\"", "\"json\"", "[200]", PROMPT ",\"constants\":{\"/x/\":1}"),
	     "submit.constants has \"/x/\""},
	    {WITH_SUBMIT("\"/v\"", "\"json\"", "[200]", PROMPT ",\"constants\":{\"p\":1}"),
	     "submit.constants puts \"p\""},
	    {WITH_SUBMIT("\"/v\"", "\"json\"", "[200]", PROMPT ",\"headers\":{\"A b\":\"c\"}"),
	     "submit.headers.A b is no name"},
	    {WITH_SUBMIT("\"/v\"", "\"json\"", "[200]", PROMPT ",\"headers\":{\"A\":\"c\\r\\nd\"}"),
	     "submit.headers.A must be printable"},
	    {"{\"headers\":[]," AUTH REST_OF(SUBMIT, POLL, ANSWER, WORDS), "headers must be an object"},
	    {"{\"edit\":{\"path\":\"/v\",\"body\":\"json\",\"fields\":{\"prompt\":\"p\"}}," AUTH REST_OF(
	         SUBMIT, POLL, ANSWER, WORDS),
	     "edit must hold {id}"},
	    {"{\"extend\":{\"path\":\"/v/{id}\",\"body\":\"json\",\"fields\":{\"prompt\":\"p\","
	     "\"source\":\"s\"}}," AUTH REST_OF(SUBMIT, POLL, ANSWER, WORDS),
	     "extend has {id} in its path and a source"},
	};
	EXPECT_FLAWS(flaws);
}

TEST(a_word_that_stands_for_two_things_is_named)
{
	static const struct flaw flaws[] = {
	    {"{\"words\":{\"completed\":[\"done\"],\"failed\":[\"Done\"]}" REST_OF(AUTH, SUBMIT, POLL,
	                                                                           ANSWER),
	     "words.failed holds \"Done\""},
	    {"{\"words\":{\"completed\":[\"a\",\"A\"],\"failed\":[\"b\"]}" REST_OF(AUTH, SUBMIT, POLL,
	                                                                           ANSWER),
	     "words.completed holds \"A\""},
	};
	EXPECT_FLAWS(flaws);
}

TEST(long_values_are_refused)
{
	char json[2048], name[300];
	memset(name, 'x', 257);
	name[257] = '\0';
	snprintf(json, sizeof(json), "{\"auth\":{\"header\":\"%s\"}" REST_OF(SUBMIT, POLL, ANSWER, WORDS),
	         name);
	assert_null(parse(json));
	assert_non_null(strstr(why, "256"));
	size_t at = (size_t)snprintf(json, sizeof(json), "{\"words\":{\"completed\":[\"w0\"");
	for (int i = 1; i < 33; i++)
		at += (size_t)snprintf(json + at, sizeof(json) - at, ",\"w%d\"", i);
	snprintf(json + at, sizeof(json) - at, "],\"failed\":[\"b\"]}" REST_OF(AUTH, SUBMIT, POLL, ANSWER));
	assert_null(parse(json));
	assert_non_null(strstr(why, "words.completed must be a list of at most 32"));
}

TEST(files_that_cannot_be_used_are_named)
{
	char *dir = tmpdir_make();
	char *long_text = malloc(LIMIT_DIALECT_FILE + 2);
	assert_non_null(long_text);
	memset(long_text, ' ', LIMIT_DIALECT_FILE + 1);
	long_text[LIMIT_DIALECT_FILE + 1] = '\0';
	tmpdir_write(dir, "long.json", long_text);
	tmpdir_write(dir, "broken.json", "{");
	assert_null(dialect_load(dir, "absent", why, sizeof(why)));
	assert_non_null(strstr(why, "/absent.json: does not exist"));
	assert_null(dialect_load(dir, "broken", why, sizeof(why)));
	assert_non_null(strstr(why, "/broken.json:1: is not valid JSON"));
	assert_null(dialect_load(dir, "long", why, sizeof(why)));
	assert_non_null(strstr(why, "/long.json: is longer than"));
	assert_null(dialect_load(dir, "../sora", why, sizeof(why)));
	assert_non_null(strstr(why, "name"));
	free(long_text);
	tmpdir_remove(dir);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(shipped_profiles_load),
	    cmocka_unit_test(a_profile_is_read_as_it_stands),
	    cmocka_unit_test(words_stand_for_statuses_in_any_case),
	    cmocka_unit_test(seconds_have_a_type),
	    cmocka_unit_test(the_minimum_is_enough),
	    cmocka_unit_test(a_key_that_is_missing_is_named),
	    cmocka_unit_test(a_key_that_is_unknown_is_named),
	    cmocka_unit_test(a_value_that_is_wrong_is_named),
	    cmocka_unit_test(a_body_that_cannot_be_is_named),
	    cmocka_unit_test(a_word_that_stands_for_two_things_is_named),
	    cmocka_unit_test(long_values_are_refused),
	    cmocka_unit_test(files_that_cannot_be_used_are_named),
	};
	return cmocka_run_group_tests_name("upstream/dialect", tests, NULL, NULL);
}
