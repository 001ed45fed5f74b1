/* What the fields of a profile can say: values in an upstream's words, several images, the kind of a task. */
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "model/channel.h"
#include "model/task.h"
#include "support/test.h"
#include "support/tmpdir.h"
#include "upstream/dialect/compose.h"
#include "upstream/dialect/dialect.h"
#include "upstream/dialect/wish.h"
#include "upstream/http/base64_body.h"

/* A profile of one submission: `submit` are the members of it beside "accepted". */
#define PROFILE(submit)                                                                                      \
	"{\"auth\":{\"header\":\"X-Key\"},\"submit\":{\"accepted\":[200]," submit "},"                       \
	"\"poll\":{\"path\":\"/q/{id}\",\"accepted\":[200]},\"content\":{\"path\":\"/c/{id}\"},"             \
	"\"answer\":{\"id\":[\"/id\"],\"status\":[\"/status\"]},"                                            \
	"\"words\":{\"completed\":[\"done\"],\"failed\":[\"bad\"]}}"
#define JSON_WITH(fields)                                                                                    \
	PROFILE("\"path\":\"/make\",\"body\":\"json\",\"fields\":{\"prompt\":\"p\"," fields "}")

static struct arena *arena;
static char *dir;
static struct http_request request;
static struct wish wish;

static int
set_up(void **state)
{
	(void)state;
	arena = arena_new();
	dir = tmpdir_make();
	tmpdir_write(dir, "one", "abcd");
	tmpdir_write(dir, "two", "ef");
	memset(&request, 0, sizeof(request));
	return arena ? 0 : -1;
}

static int
tear_down(void **state)
{
	(void)state;
	arena_free(arena);
	tmpdir_remove(dir);
	return 0;
}

/* The body as it is sent. */
static const char *
whole_body(void)
{
	char *text = arena_alloc(arena, request.body_len + 1000);
	struct base64_body *body =
	    base64_body_new(request.body, request.body_len, request.inserts, request.insert_count);
	int64_t len = 0, got;
	assert_non_null(body);
	while ((got = base64_body_read(body, text + len, 5)) > 0)
		len += got;
	base64_body_free(body);
	return text;
}

static void
drop_dialect(void *cookie)
{
	dialect_free(cookie);
}

/* Submits the task by the profile, with its images; "one" and "two" in turn. */
static enum err_code
submit(const char *profile, struct task *task)
{
	char why[256] = "";
	size_t count = 0;
	struct dialect *dialect = dialect_parse("test", profile, strlen(profile), why, sizeof(why));
	if (dialect == NULL)
		fail_msg("%s", why);
	const struct channel channel = {.name = "c", .base = "https://h", .key = "k", .dialect = dialect};
	if (task->options == NULL)
		task->options = "{}";
	task->prompt = "x";
	const struct task_image *from = task_images(arena, task, &count);
	assert_non_null(from);
	struct submit_image *images = arena_alloc(arena, (count + 1) * sizeof(*images));
	for (size_t i = 0; i < count; i++)
		images[i] = (struct submit_image){
		    .role = from[i].role,
		    .type = from[i].type,
		    .path = arena_printf(arena, "%s/%s", dir, i % 2 ? "two" : "one"),
		};
	const struct submit_inputs inputs = {images, count};
	enum err_code err = compose_submit(&channel, task, &inputs, arena, &request);
	bool unsaid = wish_unsaid(&channel, task, NULL, arena, &wish);
	assert_int_equal(err, unsaid ? ERR_UNSUPPORTED_FIELD : ERR_OK);
	request.body = err == ERR_OK && request.body ? whole_body() : NULL;
	assert_true(arena_defer(arena, drop_dialect, dialect)); /* the request's names are the profile's */
	return err;
}

struct row {
	const char *fields;
	struct task task;
	const char *body;  /* behind {"p":"x"; NULL = it is refused … */
	const char *field; /* … for this field … */
	const char *why;   /* … with these words */
};

static const struct row rows[] = {
    {"\"seed\":\"s\"", {.options = "{\"seed\":7}"}, ",\"s\":7}"},
    {"\"seed\":{\"name\":\"s\",\"type\":\"string\"}", {.options = "{\"seed\":0}"}, ",\"s\":\"0\"}"},
    {"\"model\":\"m\"", {.options = "{\"seed\":7}"}, NULL, "seed", ""},
    {"\"negative_prompt\":\"n\"",
     {.options = "{\"negative_prompt\":\"a \\\"b\\\"\"}"},
     ",\"n\":\"a \\\"b\\\"\"}"},
    {"\"model\":\"m\"", {.options = "{\"negative_prompt\":\"b\"}"}, NULL, "negative_prompt", ""},
    {"\"model\":\"m\"",
     {.options = "{\"negative_prompt\":\"\",\"seed\":null,\"audio\":false,\"extra\":{}}"},
     "}"},
    {"\"audio\":\"a\"", {.options = "{\"audio\":true}"}, ",\"a\":true}"},
    {"\"audio\":{\"name\":\"a\",\"values\":{\"true\":\"on\",\"false\":\"off\"}}",
     {.options = "{\"audio\":false}"},
     ",\"a\":\"off\"}"},
    {"\"audio\":{\"name\":\"a\",\"values\":{\"false\":0}}",
     {.options = "{\"audio\":true}"},
     NULL,
     "audio",
     "it takes false"},
    {"\"hd\":{\"name\":\"mode\",\"values\":{\"true\":\"pro\",\"false\":\"std\"},\"default\":\"std\"}",
     {.options = "{}"},
     ",\"mode\":\"std\"}"},
    {"\"seconds\":{\"name\":\"d\",\"type\":\"5s\",\"values\":[5,9]}", {.seconds = 9}, ",\"d\":\"9s\"}"},
    {"\"seconds\":{\"name\":\"d\",\"type\":\"5s\",\"values\":[5,9]}",
     {.seconds = 8},
     NULL,
     "seconds",
     "it takes 5, 9"},
    {"\"seconds\":{\"name\":\"d\",\"type\":\"integer\",\"values\":{\"4\":96}}", {.seconds = 4}, ",\"d\":96}"},
    {"\"seconds\":{\"name\":\"d\",\"type\":\"float\"}", {.seconds = 4}, ",\"d\":4.0}"},
    {"\"seconds\":{\"name\":\"d\",\"type\":\"integer\",\"default\":5}", {.seconds = 0}, ",\"d\":5}"},
    {"\"size\":{\"name\":\"r\",\"type\":\"1280:720\"}", {.size = "720x1280"}, ",\"r\":\"720:1280\"}"},
    {"\"size\":{\"name\":\"r\",\"type\":\"1280:720\",\"values\":[\"1280x720\"]}",
     {.size = "720x1280"},
     NULL,
     "size",
     "it takes 1280x720"},
    {"\"size\":{\"name\":\"r\",\"type\":\"1280*720\"}", {.size = "large"}, NULL, "size", ""},
    {"\"width\":\"w\",\"height\":{\"name\":\"h\",\"type\":\"string\"}",
     {.size = "1280x720", .aspect_ratio = "16:9"},
     ",\"w\":1280,\"h\":\"720\"}"},
    {"\"resolution\":{\"name\":\"r\",\"steps\":{\"540\":\"540p\",\"1080\":1080,\"2160\":\"4k\"}}",
     {.size = "1280x720"},
     ",\"r\":1080}"},
    {"\"resolution\":{\"name\":\"r\",\"steps\":{\"540\":\"540p\",\"2160\":\"4k\"}}",
     {.size = "3840x2160"},
     ",\"r\":\"4k\"}"},
    {"\"resolution\":{\"name\":\"r\",\"steps\":{\"540\":\"540p\",\"720\":\"720p\"}}",
     {.size = "1920x1080"},
     NULL,
     "size",
     "it takes 540p, 720p"},
    {"\"aspect_ratio\":{\"name\":\"a\",\"type\":\"number\"}", {.aspect_ratio = "16:9"}, ",\"a\":1.77778}"},
    {"\"aspect_ratio\":{\"name\":\"o\",\"values\":{\"16:9\":\"landscape\",\"9:16\":\"portrait\"}}",
     {.aspect_ratio = "9:16"},
     ",\"o\":\"portrait\"}"},
    {"\"aspect_ratio\":{\"name\":\"o\",\"values\":[\"16:9\"]}",
     {.aspect_ratio = "4:3"},
     NULL,
     "aspect_ratio",
     "it takes 16:9"},
    {"\"size\":\"s\",\"aspect_ratio\":{\"name\":\"o\",\"type\":\"from_size\",\"values\":[\"16:9\"]}",
     {.size = "720x1280"},
     NULL,
     "size",
     "it takes 16:9"},
    {"\"extra\":\"/\"",
     {.options = "{\"extra\":{\"a/b~c\":[1,{\"d\":null}],\"e\":\"f\"}}"},
     ",\"a/b~c\":[1,{\"d\":null}],\"e\":\"f\"}"},
    {"\"model\":\"/in/model\",\"extra\":\"in\"",
     {.model = "m", .options = "{\"extra\":{\"cfg\":0.5}}"},
     ",\"in\":{\"model\":\"m\",\"cfg\":0.5}}"},
    {"\"seed\":\"seed\",\"extra\":\"/\"",
     {.options = "{\"extra\":{\"seed\":1}}"},
     NULL,
     "extra",
     "\"seed\" is"},
    {"\"extra\":\"/\"", {.options = "{\"extra\":{\"p\":1}}"}, NULL, "extra", "\"p\" is"},
    {"\"extra\":\"/\"", {.options = "{\"extra\":{\"0\":1}}"}, NULL, "extra", "\"0\" is"},
    {"\"extra\":\"/\"",
     {.options = "{\"extra\":{\"sampleCount\":4}}"},
     NULL,
     "extra",
     "\"sampleCount\" would"},
    {"\"extra\":\"/\"", {.options = "{\"extra\":{\"num-videos\":2}}"}, NULL, "extra", "\"num-videos\" would"},
    {"\"extra\":\"/in\"",
     {.options = "{\"extra\":{\"a\":[{\"Callback_URL\":\"https://x.example\"}]}}"},
     NULL,
     "extra",
     "\"Callback_URL\" would"},
    {"\"extra\":\"/\"",
     {.options = "{\"extra\":{\"num_frames\":9,\"counter\":1}}"},
     ",\"num_frames\":9,\"counter\":1}"},
    {"\"model\":\"m\"", {.options = "{\"extra\":{\"a\":1}}"}, NULL, "extra", ""},
};

TEST(a_value_is_said_in_the_upstreams_words)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *row = &rows[i];
		struct task task = row->task;
		const char *profile = arena_printf(
		    arena, "%s%s%s",
		    "{\"auth\":{\"header\":\"X-Key\"},\"submit\":{\"accepted\":[200],\"path\":\"/make\","
		    "\"body\":\"json\",\"fields\":{\"prompt\":\"p\",",
		    row->fields,
		    "}},\"poll\":{\"path\":\"/q/{id}\",\"accepted\":[200]},\"content\":{\"path\":"
		    "\"/c/{id}\"},\"answer\":{\"id\":[\"/id\"],\"status\":[\"/s\"]},\"words\":{"
		    "\"completed\":[\"done\"],\"failed\":[\"bad\"]}}");
		enum err_code err = submit(profile, &task);
		if ((err == ERR_OK) != (row->body != NULL))
			fail_msg("%s: %s %s", row->fields, err == ERR_OK ? request.body : wish.field,
			         wish.why);
		if (err == ERR_OK)
			assert_string_equal(request.body + strlen("{\"p\":\"x\""), row->body);
		else if (strcmp(wish.field, row->field) != 0 || strstr(wish.why, row->why) != wish.why)
			fail_msg("%s: %s, %s", row->fields, wish.field, wish.why);
	}
}

/* ---- images ---- */

#define IMAGES "[{\"role\":\"last\",\"file\":\"l\",\"type\":\"image/webp\"}]"
#define PEOPLE                                                                                               \
	"[{\"role\":\"reference\",\"file\":\"a\",\"type\":\"image/png\"},"                                   \
	"{\"role\":\"reference\",\"file\":\"b\",\"type\":\"image/jpeg\"}]"

static const char kinds[] =
    PROFILE("\"path\":\"/text\",\"path_with_image\":\"/image\",\"path_with_last\":\"/ends\","
            "\"path_with_references\":\"/people\",\"body\":\"json\","
            "\"constants\":[{\"with\":{\"v\":1}},{\"if\":\"no_image\",\"with\":{\"mode\":\"t2v\"}},"
            "{\"if\":[\"first\",\"no_last\"],\"with\":{\"mode\":\"i2v\"}}],"
            "\"fields\":{\"prompt\":\"p\","
            "\"input_reference\":[{\"if\":\"last\",\"name\":\"/images/0\",\"type\":\"base64\"},"
            "{\"name\":\"/image/data\",\"type\":\"base64\",\"with\":{\"/image/type\":\"{image_type}\",\"/"
            "image/format\":"
            "\"{image_format}\"}}],"
            "\"last_frame\":{\"name\":\"/images/1\",\"type\":\"data_url\"},"
            "\"references\":{\"name\":\"/list/-/image/data\",\"type\":\"base64\","
            "\"with\":{\"/list/-/type\":\"asset {image_number}\",\"/list/-/image/kind\":\"{image_type}\","
            "\"use\":\"all\"}}}");

TEST(one_profile_serves_every_kind_of_task)
{
	struct task text = {0}, image = {.input_file = "f", .input_type = "image/jpeg"};
	assert_int_equal(submit(kinds, &text), ERR_OK);
	assert_string_equal(request.url, "https://h/text");
	assert_string_equal(request.body, "{\"p\":\"x\",\"v\":1,\"mode\":\"t2v\"}");
	assert_int_equal(submit(kinds, &image), ERR_OK);
	assert_string_equal(request.url, "https://h/image");
	assert_string_equal(request.body,
	                    "{\"p\":\"x\",\"image\":{\"type\":\"image/jpeg\",\"format\":\"jpeg\",\"data\":"
	                    "\"YWJjZA==\"},\"v\":1,\"mode\":\"i2v\"}");
	image.images = IMAGES;
	assert_int_equal(submit(kinds, &image), ERR_OK);
	assert_string_equal(request.url, "https://h/ends");
	assert_string_equal(
	    request.body, "{\"p\":\"x\",\"images\":[\"YWJjZA==\",\"data:image/webp;base64,ZWY=\"],\"v\":1}");
	text.images = PEOPLE;
	assert_int_equal(submit(kinds, &text), ERR_OK);
	assert_string_equal(request.url, "https://h/people");
	assert_string_equal(
	    request.body,
	    "{\"p\":\"x\",\"list\":[{\"type\":\"asset 1\",\"image\":{\"kind\":\"image/"
	    "png\",\"data\":\"YWJjZA==\"}},"
	    "{\"type\":\"asset "
	    "2\",\"image\":{\"kind\":\"image/jpeg\",\"data\":\"ZWY=\"}}],\"use\":\"all\",\"v\":1}");
}

TEST(images_that_cannot_be_said_are_named)
{
	struct task task = {.images = IMAGES};
	assert_int_equal(submit(JSON_WITH("\"model\":\"m\""), &task), ERR_UNSUPPORTED_FIELD);
	assert_string_equal(wish.field, "last_frame");
	task.images = PEOPLE;
	assert_int_equal(submit(JSON_WITH("\"model\":\"m\""), &task), ERR_UNSUPPORTED_FIELD);
	assert_string_equal(wish.field, "references");
}

TEST(images_of_a_form_are_parts)
{
	struct task task = {.images = PEOPLE};
	assert_int_equal(
	    submit(PROFILE("\"path\":\"/make\",\"body\":\"multipart\",\"fields\":{\"prompt\":\"p\","
	                   "\"references\":\"image[]\",\"extra\":\"/\"}"),
	           &task),
	    ERR_OK);
	assert_int_equal(request.part_count, 3);
	assert_string_equal(request.parts[1].name, "image[]");
	assert_string_equal(request.parts[2].name, "image[]");
	assert_string_equal(request.parts[2].file_name, "input.jpg");
	assert_string_equal(request.parts[2].type, "image/jpeg");
}

/* ---- sources ---- */

TEST(a_source_is_an_id_or_a_link)
{
	static const char profile[] =
	    "{\"auth\":{\"header\":\"X-Key\"},\"submit\":{\"path\":\"/"
	    "v\",\"body\":\"json\",\"accepted\":[200],"
	    "\"fields\":{\"prompt\":\"p\"}},"
	    "\"remix\":{\"path\":\"/r\",\"body\":\"json\",\"fields\":{\"prompt\":\"p\",\"source\":\"id\"}},"
	    "\"edit\":{\"path\":\"/n\",\"body\":\"json\",\"fields\":{\"prompt\":\"p\","
	    "\"source\":{\"name\":\"id\",\"type\":\"integer\"}}},"
	    "\"extend\":{\"path\":\"/e\",\"body\":\"json\",\"fields\":{\"prompt\":\"p\","
	    "\"source\":{\"name\":\"/video/url\",\"type\":\"url\"}}},"
	    "\"poll\":{\"path\":\"/q/{id}\",\"accepted\":[200]},\"content\":{\"path\":\"/c/{id}\"},"
	    "\"answer\":{\"id\":[\"/id\"],\"status\":[\"/status\"]},"
	    "\"words\":{\"completed\":[\"done\"],\"failed\":[\"bad\"]}}";
	struct task task = {.source_external_id = "s1", .options = "{\"source_url\":\"https://h/v\"}"};
	assert_int_equal(submit(profile, &task), ERR_OK);
	assert_string_equal(request.body, "{\"p\":\"x\",\"id\":\"s1\"}");
	task.options = "{\"job\":\"edit\"}";
	static const char *const ids[][2] = {{"315446315336768", "315446315336768"},
	                                     {"0", "0"},
	                                     {"007", "\"007\""},
	                                     {"1,2", "\"1,2\""},
	                                     {"-1", "\"-1\""}};
	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		task.source_external_id = ids[i][0];
		assert_int_equal(submit(profile, &task), ERR_OK);
		assert_string_equal(request.body, arena_printf(arena, "{\"p\":\"x\",\"id\":%s}", ids[i][1]));
	}
	task.options = "{\"job\":\"extend\",\"source_url\":\"https://h/v\"}";
	assert_int_equal(submit(profile, &task), ERR_OK);
	assert_string_equal(request.body, "{\"p\":\"x\",\"video\":{\"url\":\"https://h/v\"}}");
	task.options = "{\"job\":\"extend\"}";
	assert_int_equal(submit(profile, &task), ERR_UNSUPPORTED_FIELD);
	assert_string_equal(wish.field, "video");
}

/* ---- places ---- */

TEST(the_model_stands_in_the_path_and_in_headers)
{
	static const char profile[] =
	    PROFILE("\"path\":\"/v1/{+model}\",\"body\":\"json\",\"headers\":{\"X-M\":\"m={model}\",\"X-T\":"
	            "\"{uuid}\"},\"fields\":{\"prompt\":\"p\"}");
	struct task task = {.model = "o/m 1"};
	assert_int_equal(submit(profile, &task), ERR_OK);
	assert_string_equal(request.url, "https://h/v1/o/m%201");
	assert_string_equal(request.headers[3], "X-M: m=o/m 1");
	assert_int_equal(strlen(request.headers[4]), strlen("X-T: ") + 36);
	const char *first = request.headers[4];
	assert_int_equal(submit(profile, &task), ERR_OK);
	assert_string_not_equal(first, request.headers[4]);
	static const char *const wrong[] = {"../x", "a/./b", "..", "", "a\nb", "猫", NULL};
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		task.model = wrong[i];
		assert_int_equal(submit(profile, &task), ERR_UNSUPPORTED_FIELD);
		assert_string_equal(wish.field, "model");
	}
}

TEST(the_end_of_a_path_is_not_repeated_behind_a_model_that_has_it)
{
	static const char profile[] =
	    PROFILE("\"path\":\"/{+model}/run\",\"body\":\"json\",\"fields\":{\"prompt\":\"p\"}");
	static const char *const paths[][2] = {{"o/m", "https://h/o/m/run"},
	                                       {"o/m/run", "https://h/o/m/run"},
	                                       {"o/mrun", "https://h/o/mrun/run"},
	                                       {"o/run/m", "https://h/o/run/m/run"},
	                                       {"run", "https://h/run/run"}};
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		struct task task = {.model = paths[i][0]};
		assert_int_equal(submit(profile, &task), ERR_OK);
		assert_string_equal(request.url, paths[i][1]);
	}
}

/* ---- offers ---- */

TEST(what_a_model_is_not_offered_with_is_refused)
{
	static const char profile[] =
	    "{\"offers\":[{\"name\":\"m\",\"sizes\":[\"1280x720\"],\"seconds\":[4,8],\"inputs\":{\"first\":"
	    "true},"
	    "\"options\":[\"seed\"]},{\"name\":\"r\",\"inputs\":{\"image\":true,\"most\":4}}],"
	    "\"auth\":{\"header\":\"X-Key\"},\"submit\":{\"accepted\":[200],\"path\":\"/"
	    "v\",\"body\":\"json\","
	    "\"fields\":{\"prompt\":\"p\",\"model\":\"m\",\"size\":\"s\",\"seconds\":\"d\",\"audio\":\"a\","
	    "\"seed\":"
	    "\"e\",\"input_reference\":{\"name\":\"i\",\"type\":\"base64\"},"
	    "\"last_frame\":{\"name\":\"l\",\"type\":\"base64\"}}},"
	    "\"poll\":{\"path\":\"/q/{id}\",\"accepted\":[200]},\"content\":{\"path\":\"/c/{id}\"},"
	    "\"answer\":{\"id\":[\"/id\"],\"status\":[\"/status\"]},"
	    "\"words\":{\"completed\":[\"done\"],\"failed\":[\"bad\"]}}";
	static const struct {
		struct task task;
		const char *field, *why;
	} refused[] = {
	    {{.model = "m", .size = "720x1280"}, "size", "the model takes 1280x720"},
	    {{.model = "m", .seconds = 5}, "seconds", "the model takes 4, 8"},
	    {{.model = "m", .options = "{\"audio\":true}"}, "audio", "the model does not take it"},
	    {{.model = "m", .images = IMAGES}, "last_frame", "the model takes none"},
	    {{.model = "r", .input_file = "f"}, "input_reference", "the model takes none"},
	    {{.model = "r", .images = IMAGES}, "last_frame", "the model takes none"},
	};
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		struct task task = refused[i].task;
		assert_int_equal(submit(profile, &task), ERR_UNSUPPORTED_FIELD);
		assert_string_equal(wish.field, refused[i].field);
		assert_string_equal(wish.why, refused[i].why);
		task.model = "other"; /* of which nothing is told */
		assert_int_equal(submit(profile, &task), ERR_OK);
	}
	struct task task = {
	    .model = "m", .size = "1280x720", .seconds = 8, .input_file = "f", .options = "{\"seed\":1}"};
	assert_int_equal(submit(profile, &task), ERR_OK);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(a_value_is_said_in_the_upstreams_words, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(one_profile_serves_every_kind_of_task, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(images_that_cannot_be_said_are_named, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(images_of_a_form_are_parts, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(a_source_is_an_id_or_a_link, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(the_model_stands_in_the_path_and_in_headers, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(the_end_of_a_path_is_not_repeated_behind_a_model_that_has_it,
	                                    set_up, tear_down),
	    cmocka_unit_test_setup_teardown(what_a_model_is_not_offered_with_is_refused, set_up, tear_down),
	};
	return cmocka_run_group_tests_name("upstream/dialect/fields", tests, NULL, NULL);
}
