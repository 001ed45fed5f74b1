/* Requests in the words of the shipped dialects, and in those of a JSON dialect. */
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "model/channel.h"
#include "model/task.h"
#include "upstream/dialect/compose.h"
#include "upstream/dialect/dialect.h"
#include "support/test.h"

static const char json_profile[] =
    "{\"auth\":{\"header\":\"X-Key\"},"
    "\"submit\":{\"path\":\"/make\",\"body\":\"json\",\"accepted\":[200],\"fields\":{\"prompt\":\"text\","
    "\"model\":\"model\",\"seconds\":{\"name\":\"duration\",\"type\":\"integer\"},\"hd\":\"hd\","
    "\"watermark\":\"wm\"}},"
    "\"poll\":{\"path\":\"/q?id={id}&v=1\",\"accepted\":[200]},"
    "\"answer\":{\"id\":[\"/id\"],\"status\":[\"/status\"],\"video_url\":[\"/url\"]},"
    "\"words\":{\"completed\":[\"done\"],\"failed\":[\"bad\"]}}";

static struct arena *arena;
static struct dialect *sora, *openai, *json;
static struct channel channel;
static struct task task;
static struct http_request request;

static int
set_up(void **state)
{
	char why[256];
	(void)state;
	arena = arena_new();
	sora = dialect_load("conf/dialects", "sora", why, sizeof(why));
	openai = dialect_load("conf/dialects", "openai", why, sizeof(why));
	json = dialect_parse("json", json_profile, sizeof(json_profile) - 1, why, sizeof(why));
	channel = (struct channel){
	    .name = "default", .base = "https://api.example.com", .key = "sk-1", .dialect = sora};
	task = (struct task){.prompt = "a cat",
	                     .model = "sora_video2",
	                     .size = "1280x720",
	                     .seconds = 10,
	                     .aspect_ratio = "16:9",
	                     .options = "{\"watermark\":true,\"hd\":false}"};
	memset(&request, 0, sizeof(request));
	return arena && sora && openai && json ? 0 : -1;
}

static int
tear_down(void **state)
{
	(void)state;
	dialect_free(sora);
	dialect_free(openai);
	dialect_free(json);
	arena_free(arena);
	return 0;
}

/* The value of a part, or NULL. */
static const char *
part(const char *name)
{
	for (size_t i = 0; i < request.part_count; i++)
		if (strcmp(request.parts[i].name, name) == 0)
			return request.parts[i].value;
	return NULL;
}

/* Gives the task an image. */
static const struct submit_inputs *
with_image(const char *path)
{
	static struct submit_image image;
	static const struct submit_inputs inputs = {&image, 1};
	task.input_file = "x";
	image = (struct submit_image){IMAGE_FIRST, task.input_type, path, NULL, NULL, false};
	return &inputs;
}

static bool
has_header(const char *line)
{
	for (const char *const *h = request.headers; h && *h; h++)
		if (strcmp(*h, line) == 0)
			return true;
	return false;
}

static size_t
header_count(void)
{
	size_t n = 0;
	while (request.headers && request.headers[n])
		n++;
	return n;
}

TEST(a_sora_submission)
{
	assert_int_equal(compose_submit(&channel, &task, NULL, arena, &request), ERR_OK);
	assert_string_equal(request.method, "POST");
	assert_string_equal(request.url, "https://api.example.com/sora/v1/videos");
	assert_true(request.once);
	assert_int_equal(request.timeout_ms, 0);
	assert_true(has_header("Authorization: sk-1"));
	assert_null(request.body);
	assert_int_equal(request.part_count, 7);
	assert_string_equal(part("prompt"), "a cat");
	assert_string_equal(part("model"), "sora_video2");
	assert_string_equal(part("size"), "1280x720");
	assert_string_equal(part("seconds"), "10");
	assert_string_equal(part("aspect_ratio"), "16:9");
	assert_string_equal(part("watermark"), "true");
	assert_string_equal(part("hd"), "false");
	assert_null(part("private"));
}

TEST(an_openai_submission_has_only_its_fields)
{
	channel.dialect = openai;
	task.options = "{\"watermark\":false,\"hd\":false}"; /* no wishes, as the shape is the size's */
	assert_int_equal(compose_submit(&channel, &task, NULL, arena, &request), ERR_OK);
	assert_string_equal(request.url, "https://api.example.com/v1/videos");
	assert_true(has_header("Authorization: Bearer sk-1"));
	assert_int_equal(request.part_count, 4);
	assert_string_equal(part("prompt"), "a cat");
	assert_string_equal(part("model"), "sora_video2");
	assert_string_equal(part("size"), "1280x720");
	assert_string_equal(part("seconds"), "10");
}

/* The same for every submission of one attempt, another for the next. */
TEST(a_repetition_bears_the_same_key)
{
	task.video_id = "video_1_a";
	task.attempt = 2;
	assert_int_equal(compose_submit(&channel, &task, NULL, arena, &request), ERR_OK);
	assert_false(has_header("X-Once: video_1_a-2"));
	channel.idempotency_header = "X-Once";
	assert_int_equal(compose_submit(&channel, &task, NULL, arena, &request), ERR_OK);
	assert_true(has_header("X-Once: video_1_a-2"));
	assert_int_equal(compose_list(&channel, arena, &request), ERR_NOT_FOUND);
	channel.dialect = openai;
	assert_int_equal(compose_list(&channel, arena, &request), ERR_OK);
	assert_false(has_header("X-Once: video_1_a-2"));
}

TEST(lists_and_cancellations_are_where_the_dialect_says)
{
	task.external_id = "a/b";
	assert_int_equal(compose_cancel(&channel, &task, arena, &request), ERR_NOT_FOUND);
	channel.dialect = openai;
	assert_int_equal(compose_cancel(&channel, &task, arena, &request), ERR_OK);
	assert_string_equal(request.method, "DELETE");
	assert_string_equal(request.url, "https://api.example.com/v1/videos/a%2Fb");
	assert_true(has_header("Authorization: Bearer sk-1"));
	assert_int_equal(compose_list(&channel, arena, &request), ERR_OK);
	assert_string_equal(request.method, "GET");
	assert_string_equal(request.url, "https://api.example.com/v1/videos?limit=100&order=desc");
	assert_true(has_header("Authorization: Bearer sk-1"));
	task.external_id = NULL;
	assert_int_equal(compose_cancel(&channel, &task, arena, &request), ERR_INTERNAL);
}

TEST(what_was_not_given_is_not_sent)
{
	task = (struct task){.prompt = "a cat", .options = "{}"};
	assert_int_equal(compose_submit(&channel, &task, NULL, arena, &request), ERR_OK);
	assert_int_equal(request.part_count, 1);
}

TEST(an_image_is_a_file_part)
{
	static const char *const rows[][2] = {
	    {"image/png", "input.png"}, {"image/jpeg", "input.jpg"}, {"image/webp", "input.webp"}};
	for (size_t i = 0; i < 3; i++) {
		task.input_type = rows[i][0];
		assert_int_equal(
		    compose_submit(&channel, &task, with_image("/data/uploads/x"), arena, &request), ERR_OK);
		const struct http_part *last = &request.parts[request.part_count - 1];
		assert_string_equal(last->name, "input_reference");
		assert_string_equal(last->file, "/data/uploads/x");
		assert_string_equal(last->file_name, rows[i][1]);
		assert_string_equal(last->type, rows[i][0]);
		assert_null(last->value);
	}
}

TEST(an_image_without_a_place_is_refused)
{
	channel.dialect = json;
	assert_int_equal(compose_submit(&channel, &task, with_image("/data/uploads/x"), arena, &request),
	                 ERR_UNSUPPORTED_FIELD);
	assert_null(request.url);
}

TEST(a_json_submission)
{
	static const char wanted[] =
	    "{\"text\":\"a \\\"cat\\\"\\n猫\",\"model\":\"sora_video2\",\"duration\":10,"
	    "\"wm\":true,\"hd\":false}";
	channel.dialect = json;
	task.size = task.aspect_ratio = NULL;
	task.prompt = "a \"cat\"\n猫";
	assert_int_equal(compose_submit(&channel, &task, NULL, arena, &request), ERR_OK);
	assert_string_equal(request.url, "https://api.example.com/make");
	assert_true(has_header("X-Key: sk-1"));
	assert_true(has_header("Content-Type: application/json"));
	assert_null(request.parts);
	assert_string_equal(request.body, wanted);
	assert_int_equal(request.body_len, sizeof(wanted) - 1);
}

TEST(a_base_may_end_as_the_path_begins)
{
	static const char *const bases[][2] = {
	    {"https://h/v1", "https://h/v1/videos"},       {"https://h/api/v1", "https://h/api/v1/videos"},
	    {"https://h/v1/v1", "https://h/v1/v1/videos"}, {"https://h/v12", "https://h/v12/v1/videos"},
	    {"https://v1", "https://v1/v1/videos"},        {"https://h", "https://h/v1/videos"},
	};
	channel.dialect = openai;
	task.options = "{}";
	for (size_t i = 0; i < sizeof(bases) / sizeof(bases[0]); i++) {
		channel.base = bases[i][0];
		assert_int_equal(compose_submit(&channel, &task, NULL, arena, &request), ERR_OK);
		assert_string_equal(request.url, bases[i][1]);
	}
}

TEST(a_remix_names_its_source_in_the_path)
{
	task.options = "{}";
	task.source_external_id = "job/1";
	assert_int_equal(compose_submit(&channel, &task, NULL, arena, &request), ERR_OK);
	assert_string_equal(request.url, "https://api.example.com/sora/v1/videos/job%2F1/remix");
	assert_true(request.once);
	assert_null(request.parts);
	assert_string_equal(request.body, "{\"prompt\":\"a cat\",\"model\":\"sora_video2\"}");
	task.input_type = "image/png";
	assert_int_equal(compose_submit(&channel, &task, with_image("/tmp/cat.png"), arena, &request),
	                 ERR_OK);
	assert_null(request.body);
	assert_int_equal(request.part_count, 3);
	channel.dialect = json;
	assert_int_equal(compose_submit(&channel, &task, NULL, arena, &request), ERR_UNSUPPORTED_FIELD);
}

TEST(a_channel_without_a_key_sends_none)
{
	channel.key = "";
	assert_int_equal(compose_submit(&channel, &task, NULL, arena, &request), ERR_OK);
	assert_int_equal(header_count(), 1);
	assert_true(has_header("Accept: application/json"));
}

TEST(a_key_with_a_line_break_is_not_sent)
{
	channel.key = "sk-1\r\nX-Evil: 1";
	assert_int_equal(compose_submit(&channel, &task, NULL, arena, &request), ERR_INTERNAL);
}

TEST(options_that_are_broken_are_not_sent)
{
	task.options = "{";
	assert_int_equal(compose_submit(&channel, &task, NULL, arena, &request), ERR_INTERNAL);
}

TEST(a_poll_has_the_id_in_its_path)
{
	task.external_id = "video_1-a.b~c";
	assert_int_equal(compose_poll(&channel, &task, arena, &request), ERR_OK);
	assert_string_equal(request.method, "GET");
	assert_string_equal(request.url, "https://api.example.com/sora/v1/videos/video_1-a.b~c");
	assert_false(request.once);
	assert_true(has_header("Authorization: sk-1"));
	task.external_id = "../a b?c#d%&é";
	assert_int_equal(compose_poll(&channel, &task, arena, &request), ERR_OK);
	assert_string_equal(request.url,
	                    "https://api.example.com/sora/v1/videos/..%2Fa%20b%3Fc%23d%25%26%C3%A9");
	channel.dialect = json;
	assert_int_equal(compose_poll(&channel, &task, arena, &request), ERR_OK);
	assert_string_equal(request.url, "https://api.example.com/q?id=..%2Fa%20b%3Fc%23d%25%26%C3%A9&v=1");
}

/* Parses a profile like json_profile with other paths. */
static struct dialect *
with_paths(const char *submit_path, const char *poll_path)
{
	char why[256], text[1024];
	snprintf(text, sizeof(text),
	         "{\"auth\":{\"header\":\"X-Key\"},\"submit\":{\"path\":\"%s\",\"body\":\"json\","
	         "\"accepted\":[200],\"fields\":{\"prompt\":\"p\"}},"
	         "\"poll\":{\"path\":\"%s\",\"accepted\":[200]},"
	         "\"answer\":{\"id\":[\"/id\"],\"status\":[\"/s\"],\"video_url\":[\"/url\"]},"
	         "\"words\":{\"completed\":[\"done\"],\"failed\":[\"bad\"]}}",
	         submit_path, poll_path);
	struct dialect *dialect = dialect_parse("paths", text, strlen(text), why, sizeof(why));
	if (dialect == NULL)
		fail_msg("%s", why);
	return dialect;
}

TEST(slashes_of_an_id_stay_where_the_path_says_so)
{
	struct dialect *paths = with_paths("/m", "/v1/{+id}?m={model}");
	channel.dialect = paths;
	task.model = "a/b";
	task.external_id = "models/m/operations/x y";
	assert_int_equal(compose_poll(&channel, &task, arena, &request), ERR_OK);
	assert_string_equal(request.url, "https://api.example.com/v1/models/m/operations/x%20y?m=a%2Fb");
	static const char *const away[] = {"..", "../x", "a/../b", "a/..", "./a", "a/."};
	for (size_t i = 0; i < sizeof(away) / sizeof(away[0]); i++) {
		task.external_id = away[i];
		assert_int_equal(compose_poll(&channel, &task, arena, &request), ERR_INTERNAL);
	}
	task.external_id = "a";
	task.model = NULL; /* and the channel lists none */
	assert_int_equal(compose_poll(&channel, &task, arena, &request), ERR_INTERNAL);
	dialect_free(paths);
}

TEST(a_poll_needs_an_id)
{
	assert_int_equal(compose_poll(&channel, &task, arena, &request), ERR_INTERNAL);
	task.external_id = "";
	assert_int_equal(compose_poll(&channel, &task, arena, &request), ERR_INTERNAL);
}

TEST(content_is_the_link_or_the_path)
{
	assert_int_equal(compose_content(&channel, &task, arena, &request), ERR_NOT_FOUND);
	task.external_id = "video_1";
	assert_int_equal(compose_content(&channel, &task, arena, &request), ERR_NOT_FOUND);
	channel.dialect = openai;
	assert_int_equal(compose_content(&channel, &task, arena, &request), ERR_OK);
	assert_string_equal(request.url, "https://api.example.com/v1/videos/video_1/content");
	assert_int_equal(compose_picture(&channel, &task, VARIANT_THUMBNAIL, arena, &request), ERR_OK);
	assert_string_equal(request.url,
	                    "https://api.example.com/v1/videos/video_1/content?variant=thumbnail");
	assert_int_equal(compose_picture(&channel, &task, VARIANT_SPRITESHEET, arena, &request), ERR_OK);
	assert_string_equal(request.url,
	                    "https://api.example.com/v1/videos/video_1/content?variant=spritesheet");
	assert_true(has_header("Authorization: Bearer sk-1"));
	task.video_url = "https://cdn.example.com/v.mp4";
	assert_int_equal(compose_content(&channel, &task, arena, &request), ERR_OK);
	assert_string_equal(request.url, "https://cdn.example.com/v.mp4");
	assert_int_equal(header_count(), 0);
}

TEST(the_key_goes_to_its_own_origin_only)
{
	static const struct {
		const char *url;
		bool own;
	} rows[] = {
	    {"https://api.example.com/v.mp4", true},
	    {"https://API.example.com:443/v.mp4", true},
	    {"http://api.example.com/v.mp4", false},
	    {"https://api.example.com:8443/v.mp4", false},
	    {"https://api.example.com.evil.org/v.mp4", false},
	    {"https://api.example.com@evil.org/v.mp4", false},
	    {"https://evil.org/https://api.example.com/", false},
	    {"https://evil.org#@api.example.com/", false},
	    {"https://evil.org\\@api.example.com/", true}, /* libcurl, too, would go to api.example.com */
	    {"https://cdn.example.com/v.mp4", false},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		task.video_url = rows[i].url;
		assert_int_equal(compose_content(&channel, &task, arena, &request), ERR_OK);
		if (has_header("Authorization: sk-1") != rows[i].own)
			fail_msg("%s", rows[i].url);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(a_sora_submission, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(an_openai_submission_has_only_its_fields, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(a_repetition_bears_the_same_key, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(lists_and_cancellations_are_where_the_dialect_says, set_up,
	                                    tear_down),
	    cmocka_unit_test_setup_teardown(what_was_not_given_is_not_sent, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(an_image_is_a_file_part, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(an_image_without_a_place_is_refused, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(a_json_submission, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(a_base_may_end_as_the_path_begins, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(a_remix_names_its_source_in_the_path, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(a_channel_without_a_key_sends_none, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(a_key_with_a_line_break_is_not_sent, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(options_that_are_broken_are_not_sent, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(a_poll_has_the_id_in_its_path, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(a_poll_needs_an_id, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(slashes_of_an_id_stay_where_the_path_says_so, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(content_is_the_link_or_the_path, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(the_key_goes_to_its_own_origin_only, set_up, tear_down),
	};
	return cmocka_run_group_tests_name("upstream/compose", tests, NULL, NULL);
}
