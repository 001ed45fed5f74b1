/* The shipped dialects of single providers: the exact request that each sends, and what their recorded
 * answers (answers/README.md) mean. */
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/limits.h"
#include "model/channel.h"
#include "model/task.h"
#include "support/tmpdir.h"
#include "upstream/dialect/answer.h"
#include "upstream/http/base64_body.h"
#include "upstream/dialect/compose.h"
#include "upstream/dialect/dialect.h"
#include "support/test.h"

#define OPENROUTER_ID "ZtJ5dAqX9cvKcpP0NkYx"
#define DASHSCOPE_ID  "a55bfe14-6e78-4b9d-b97d-128420399ed1"
#define SEEDANCE_ID   "cgt-20250331175019-68d9t"
#define DASHSCOPE_URL                                                                                        \
	"https://dashscope-result-bj.oss-cn-beijing.aliyuncs.com/1d/21/" DASHSCOPE_ID                        \
	".mp4?Expires=1760266939&OSSAccessKeyId=LTAI5t&Signature=Fjpx1"
#define SEEDANCE_CDN "https://ark-content-generation-cn-beijing.tos-cn-beijing.volces.com/"

static struct arena *arena;
static struct buf body;

static int
set_up(void **state)
{
	(void)state;
	arena = arena_new();
	buf_init(&body, LIMIT_ANSWER);
	return arena ? 0 : -1;
}

static int
tear_down(void **state)
{
	(void)state;
	buf_free(&body);
	arena_free(arena);
	return 0;
}

static struct dialect *
load(const char *name)
{
	char why[256];
	struct dialect *dialect = dialect_load("conf/dialects", name, why, sizeof(why));
	if (!dialect)
		fail_msg("%s", why);
	return dialect;
}

/* The dialect of a file "sora/x.json", and the response that it stands for. */
static struct dialect *
recorded(const char *file, int status, struct http_response *ret_response)
{
	char path[256], name[32];
	snprintf(path, sizeof(path), "tests/unit/upstream/dialect/answers/%s", file);
	snprintf(name, sizeof(name), "%.*s", (int)strcspn(file, "/"), file);
	buf_clear(&body);
	assert_int_equal(file_read(path, &body), ERR_OK);
	*ret_response = (struct http_response){
	    .end = HTTP_ANSWERED, .status = status, .body = buf_str(&body), .body_len = body.len};
	return load(name);
}

static bool
same(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

/* ---- submissions ---- */

static const struct {
	const char *file;
	int status;
	enum submit_verdict verdict;
	const char *id;
	const char *message;
} submissions[] = {
    {"openrouter/submitted.json", 202, SUBMIT_ACCEPTED, OPENROUTER_ID, NULL},
    {"openrouter/number-id.json", 202, SUBMIT_ACCEPTED, "123456789012", NULL},
    {"openrouter/error-400.json", 400, SUBMIT_REFUSED, NULL, "Invalid request parameters"},
    {"openrouter/error-402.json", 402, SUBMIT_NO_ACCOUNT, NULL, "Insufficient credits"},
    {"openrouter/error-402.json", 503, SUBMIT_NO_ACCOUNT, NULL, "Insufficient credits"},
    {"openrouter/error-400.json", 200, SUBMIT_REFUSED, NULL, "Invalid request parameters"},
    {"dashscope/submitted.json", 200, SUBMIT_ACCEPTED, DASHSCOPE_ID, NULL},
    {"dashscope/number-id.json", 200, SUBMIT_ACCEPTED, "1764000000123", NULL},
    {"dashscope/without-output.json", 200, SUBMIT_UNKNOWN, NULL,
     "The upstream answered 200 without a task id."},
    {"dashscope/error-400.json", 400, SUBMIT_REFUSED, NULL, "Range of input length should be [1, 800]"},
    {"dashscope/error-401.json", 401, SUBMIT_NO_ACCOUNT, NULL, "The upstream answered 401."},
    {"dashscope/error-429.json", 429, SUBMIT_NOT_ACCEPTED, NULL,
     "Requests rate limit exceeded, please try again later."},
    {"dashscope/error-429.json", 500, SUBMIT_UNKNOWN, NULL,
     "Requests rate limit exceeded, please try again later."},
    {"seedance/submitted.json", 200, SUBMIT_ACCEPTED, SEEDANCE_ID, NULL},
    {"seedance/number-id.json", 200, SUBMIT_ACCEPTED, "42", NULL},
    {"seedance/error-400.json", 400, SUBMIT_REFUSED, NULL,
     "The parameter `content.text` specified in the request is not valid."},
    {"seedance/error-404.json", 404, SUBMIT_REFUSED, NULL, "Your account has not activated the model."},
};

TEST(submissions_mean_what_they_say)
{
	for (size_t i = 0; i < sizeof(submissions) / sizeof(submissions[0]); i++) {
		struct http_response response;
		struct submit_answer answer = {0};
		struct dialect *dialect = recorded(submissions[i].file, submissions[i].status, &response);
		answer_submit(dialect, &response, NULL, arena, &answer);
		dialect_free(dialect);
		if (answer.verdict != submissions[i].verdict ||
		    !same(answer.external_id, submissions[i].id) ||
		    !same(answer.message, submissions[i].message))
			fail_msg("%s with %d: verdict %d, id %s, message %s", submissions[i].file,
			         submissions[i].status, answer.verdict,
			         answer.external_id ? answer.external_id : "-",
			         answer.message ? answer.message : "-");
	}
}

/* ---- polls ---- */

static const struct {
	const char *file;
	enum poll_status status;
	int progress;
	const char *video_url, *image_url, *code, *message;
} polls[] = {
    {"openrouter/pending.json", POLL_QUEUED, -1},
    {"openrouter/in_progress.json", POLL_RUNNING, -1},
    {"openrouter/progress-text.json", POLL_RUNNING, 42},
    {"openrouter/completed.json", POLL_COMPLETED, -1,
     "https://openrouter.ai/api/v1/videos/" OPENROUTER_ID "/content?index=0"},
    {"openrouter/completed-signed.json", POLL_COMPLETED, -1,
     "https://storage.example.com/v/" OPENROUTER_ID ".mp4?sig=abc"},
    {"openrouter/completed-without-url.json", POLL_COMPLETED, -1},
    {"openrouter/failed-string.json", POLL_ERROR, -1, NULL, NULL, NULL,
     "Content was flagged by the provider"},
    {"openrouter/failed-object.json", POLL_ERROR, -1, NULL, NULL, "403",
     "Content was flagged by the provider"},
    {"openrouter/failed-silent.json", POLL_ERROR, -1},
    {"openrouter/expired.json", POLL_ERROR, -1},
    {"openrouter/cancelled.json", POLL_CANCELLED, -1},
    {"openrouter/word-queued.json", POLL_QUEUED, -1},
    {"openrouter/word-processing.json", POLL_RUNNING, -1},
    {"openrouter/word-canceled.json", POLL_CANCELLED, -1},
    {"openrouter/unknown-word.json", POLL_UNKNOWN_WORD, -1},
    {"dashscope/pending.json", POLL_QUEUED, -1},
    {"dashscope/running.json", POLL_RUNNING, -1},
    {"dashscope/suspended.json", POLL_RUNNING, -1},
    {"dashscope/succeeded.json", POLL_COMPLETED, -1, DASHSCOPE_URL},
    {"dashscope/succeeded-in-results.json", POLL_COMPLETED, -1, DASHSCOPE_URL},
    {"dashscope/succeeded-without-url.json", POLL_NO_VIDEO, -1},
    {"dashscope/failed.json", POLL_ERROR, -1, NULL, NULL, "InvalidParameter", "The size is not match xxxxxx"},
    {"dashscope/failed-number-code.json", POLL_ERROR, -1, NULL, NULL, "500", "内部错误"},
    {"dashscope/failed-silent.json", POLL_ERROR, -1},
    {"dashscope/failed-string.json", POLL_ERROR, -1, NULL, NULL, NULL, "internal error"},
    {"dashscope/canceled.json", POLL_CANCELLED, -1},
    {"seedance/queued.json", POLL_QUEUED, -1},
    {"seedance/running.json", POLL_RUNNING, -1},
    {"seedance/succeeded.json", POLL_COMPLETED, -1, SEEDANCE_CDN SEEDANCE_ID ".mp4?X-Tos-Expires=86400"},
    {"seedance/succeeded-last-frame.json", POLL_COMPLETED, -1,
     SEEDANCE_CDN SEEDANCE_ID ".mp4?X-Tos-Expires=86400", SEEDANCE_CDN "last.png"},
    {"seedance/succeeded-without-url.json", POLL_NO_VIDEO, -1},
    {"seedance/failed-object.json", POLL_ERROR, -1, NULL, NULL, "OutputVideoSensitiveContentDetected",
     "The request failed because the output video may contain sensitive information."},
    {"seedance/failed-string.json", POLL_ERROR, -1, NULL, NULL, NULL, "internal error"},
    {"seedance/failed-message.json", POLL_ERROR, -1, NULL, NULL, NULL, "The task failed."},
    {"seedance/failed-silent.json", POLL_ERROR, -1},
    {"seedance/expired.json", POLL_ERROR, -1},
    {"seedance/cancelled.json", POLL_CANCELLED, -1},
};

TEST(polls_mean_what_they_say)
{
	for (size_t i = 0; i < sizeof(polls) / sizeof(polls[0]); i++) {
		struct http_response response;
		struct poll_answer answer = {0};
		struct dialect *dialect = recorded(polls[i].file, 200, &response);
		answer_poll(dialect, &response, arena, &answer);
		dialect_free(dialect);
		if (answer.verdict != POLL_NEWS || answer.status != polls[i].status ||
		    answer.progress != polls[i].progress || !same(answer.video_url, polls[i].video_url) ||
		    !same(answer.image_url, polls[i].image_url) || !same(answer.error_code, polls[i].code) ||
		    !same(answer.error_message, polls[i].message))
			fail_msg("%s: verdict %d, status %d, progress %d, %s, %s, %s", polls[i].file,
			         answer.verdict, answer.status, answer.progress,
			         answer.video_url ? answer.video_url : "-",
			         answer.error_code ? answer.error_code : "-",
			         answer.error_message ? answer.error_message : "-");
	}
}

TEST(an_answer_without_a_status_is_no_news)
{
	static const char *const files[] = {"openrouter/without-status.json", "dashscope/without-status.json",
	                                    "dashscope/without-output.json", "seedance/without-status.json"};
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		struct http_response response;
		struct poll_answer answer = {0};
		struct dialect *dialect = recorded(files[i], 200, &response);
		answer_poll(dialect, &response, arena, &answer);
		dialect_free(dialect);
		assert_int_equal(answer.verdict, POLL_FAILED);
		assert_string_equal(answer.why, "The answer has no status");
	}
}

/* ---- requests ---- */

static const struct {
	const char *dialect, *base;
	const char *options;
	bool image;
	const char *headers, *url, *body;
} requests[] = {
    {"openrouter", "https://openrouter.ai", "{\"watermark\":false}", false,
     "Accept: application/json\nAuthorization: Bearer sk-1\nContent-Type: application/json\n",
     "https://openrouter.ai/api/v1/videos",
     "{\"prompt\":\"猫\",\"model\":\"m/1\",\"size\":\"832x480\",\"duration\":5}"},
    {"openrouter", "https://openrouter.ai", "{}", true,
     "Accept: application/json\nAuthorization: Bearer sk-1\nContent-Type: application/json\n",
     "https://openrouter.ai/api/v1/videos",
     "{\"prompt\":\"猫\",\"model\":\"m/1\",\"size\":\"832x480\",\"duration\":5,"
     "\"frame_images\":[{\"type\":\"image_url\",\"frame_type\":\"first_frame\","
     "\"image_url\":{\"url\":\"data:image/jpeg;base64,YWJjZA==\"}}]}"},
    {"dashscope", "https://dashscope.aliyuncs.com", "{\"watermark\":false}", false,
     "Accept: application/json\nAuthorization: Bearer sk-1\nContent-Type: application/json\n"
     "X-DashScope-Async: enable\n",
     "https://dashscope.aliyuncs.com/api/v1/services/aigc/video-generation/video-synthesis",
     "{\"input\":{\"prompt\":\"猫\"},\"model\":\"m/1\",\"parameters\":{\"size\":\"832*480\","
     "\"duration\":5,\"watermark\":false}}"},
    {"dashscope", "https://dashscope.aliyuncs.com", "{}", true,
     "Accept: application/json\nAuthorization: Bearer sk-1\nContent-Type: application/json\n"
     "X-DashScope-Async: enable\n",
     "https://dashscope.aliyuncs.com/api/v1/services/aigc/video-generation/video-synthesis",
     "{\"input\":{\"prompt\":\"猫\",\"img_url\":\"data:image/jpeg;base64,YWJjZA==\"},\"model\":\"m/1\","
     "\"parameters\":{\"resolution\":\"480P\",\"duration\":5}}"},
    {"seedance", "https://ark.cn-beijing.volces.com", "{\"watermark\":true}", false,
     "Accept: application/json\nAuthorization: Bearer sk-1\nContent-Type: application/json\n",
     "https://ark.cn-beijing.volces.com/api/v3/contents/generations/tasks",
     "{\"content\":[{\"type\":\"text\",\"text\":\"猫\"}],\"model\":\"m/1\",\"resolution\":\"480p\","
     "\"duration\":5,\"ratio\":\"16:9\",\"watermark\":true}"},
    {"seedance", "https://ark.cn-beijing.volces.com", "{}", true,
     "Accept: application/json\nAuthorization: Bearer sk-1\nContent-Type: application/json\n",
     "https://ark.cn-beijing.volces.com/api/v3/contents/generations/tasks",
     "{\"content\":[{\"type\":\"text\",\"text\":\"猫\"},{\"type\":\"image_url\",\"role\":\"first_frame\","
     "\"image_url\":{\"url\":\"data:image/jpeg;base64,YWJjZA==\"}}],\"model\":\"m/1\","
     "\"resolution\":\"480p\",\"duration\":5,\"ratio\":\"16:9\"}"},
};

static const char *
joined(const char *const *lines)
{
	const char *text = "";
	for (; *lines; lines++)
		text = arena_printf(arena, "%s%s\n", text, *lines);
	return text;
}

/* The body as it is sent. */
static const char *
whole_body(const struct http_request *request)
{
	if (request->insert_count == 0)
		return arena_strndup(arena, request->body, request->body_len);
	char *text = arena_alloc(arena, request->body_len + 64);
	struct base64_body *base64_body =
	    base64_body_new(request->body, request->body_len, request->inserts, request->insert_count);
	assert_non_null(base64_body);
	int64_t len = 0, got;
	while ((got = base64_body_read(base64_body, text + len, 3)) > 0)
		len += got;
	assert_int_equal(len, base64_body_size(base64_body));
	base64_body_free(base64_body);
	return text;
}

TEST(each_sends_exactly_this)
{
	char *dir = tmpdir_make(), path[512];
	tmpdir_write(dir, "image", "abcd");
	snprintf(path, sizeof(path), "%s/image", dir);
	for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
		struct http_request request = {0};
		struct dialect *dialect = load(requests[i].dialect);
		const struct channel channel = {
		    .name = "c", .base = requests[i].base, .key = "sk-1", .dialect = dialect};
		const struct task task = {.prompt = "猫",
		                          .model = "m/1",
		                          .size = "832x480",
		                          .seconds = 5,
		                          .input_file = requests[i].image ? "image" : NULL,
		                          .input_type = "image/jpeg",
		                          .options = requests[i].options};
		const struct submit_image image = {IMAGE_FIRST, "image/jpeg", path, NULL, NULL, false};
		const struct submit_inputs inputs = {&image, requests[i].image};
		assert_int_equal(compose_submit(&channel, &task, &inputs, arena, &request), ERR_OK);
		assert_string_equal(request.url, requests[i].url);
		assert_string_equal(joined(request.headers), requests[i].headers);
		assert_null(request.parts);
		assert_string_equal(whole_body(&request), requests[i].body);
		dialect_free(dialect);
	}
	tmpdir_remove(dir);
}

TEST(each_asks_and_cancels_at_these_places)
{
	static const struct {
		const char *dialect, *poll, *method, *cancel, *content;
	} rows[] = {
	    {"openrouter", "/api/v1/videos/a%2Fb", NULL, NULL, "/api/v1/videos/a%2Fb/content?index=0"},
	    {"dashscope", "/api/v1/tasks/a%2Fb", "POST", "/api/v1/tasks/a%2Fb/cancel", NULL},
	    {"seedance", "/api/v3/contents/generations/tasks/a%2Fb", "DELETE",
	     "/api/v3/contents/generations/tasks/a%2Fb", NULL},
	};
	const struct task task = {.external_id = "a/b", .options = "{}"};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct http_request request = {0};
		struct dialect *dialect = load(rows[i].dialect);
		const struct channel channel = {.name = "c", .base = "", .key = "k", .dialect = dialect};
		assert_int_equal(compose_poll(&channel, &task, arena, &request), ERR_OK);
		assert_string_equal(request.url, rows[i].poll);
		enum err_code err = compose_cancel(&channel, &task, arena, &request);
		assert_int_equal(err, rows[i].cancel ? ERR_OK : ERR_NOT_FOUND);
		if (rows[i].cancel) {
			assert_string_equal(request.method, rows[i].method);
			assert_string_equal(request.url, rows[i].cancel);
		}
		err = compose_content(&channel, &task, arena, &request);
		assert_int_equal(err, rows[i].content ? ERR_OK : ERR_NOT_FOUND);
		if (rows[i].content)
			assert_string_equal(request.url, rows[i].content);
		assert_int_equal(compose_list(&channel, arena, &request), ERR_NOT_FOUND);
		dialect_free(dialect);
	}
}

TEST(openai_edits_and_extends)
{
	static const char *const rows[][3] = {
	    {"{\"job\":\"edit\"}", "/v1/videos/edits", "{\"prompt\":\"猫\",\"video\":{\"id\":\"v/1\"}}"},
	    {"{\"job\":\"extend\"}", "/v1/videos/extensions",
	     "{\"prompt\":\"猫\",\"seconds\":\"8\",\"video\":{\"id\":\"v/1\"}}"},
	    {"{}", "/v1/videos/v%2F1/remix", "{\"prompt\":\"猫\"}"},
	    {"{\"job\":\"dance\"}", "/v1/videos/v%2F1/remix", "{\"prompt\":\"猫\"}"},
	};
	struct dialect *openai = load("openai"), *seedance = load("seedance");
	struct channel channel = {.name = "c", .base = "", .key = "k", .dialect = openai};
	for (size_t i = 0; i < 4; i++) {
		struct http_request request = {0};
		const struct task task = {
		    .prompt = "猫", .seconds = 8, .source_external_id = "v/1", .options = rows[i][0]};
		channel.dialect = openai;
		assert_int_equal(compose_submit(&channel, &task, NULL, arena, &request), ERR_OK);
		assert_string_equal(request.url, rows[i][1]);
		assert_string_equal(request.body, rows[i][2]);
		channel.dialect = seedance;
		assert_int_equal(compose_submit(&channel, &task, NULL, arena, &request),
		                 ERR_UNSUPPORTED_FIELD);
	}
	assert_true(dialect_can_make(openai, DIALECT_CREATE));
	assert_true(dialect_can_make(openai, DIALECT_EXTEND));
	assert_false(dialect_can_make(seedance, DIALECT_EDIT));
	dialect_free(openai);
	dialect_free(seedance);
}

TEST(a_prompt_alone_is_enough)
{
	static const char *const rows[][2] = {
	    {"dashscope", "{\"input\":{\"prompt\":\"p\"},\"model\":\"wan2.6-t2v\"}"},
	    {"dashscope-wan27", "{\"input\":{\"prompt\":\"p\"},\"model\":\"wan2.7-t2v\"}"},
	    {"pixverse", "{\"prompt\":\"p\",\"model\":\"v6\",\"quality\":\"720p\",\"duration\":5,\"aspect_"
	                 "ratio\":\"16:9\"}"},
	    {"siliconflow",
	     "{\"prompt\":\"p\",\"model\":\"Wan-AI/Wan2.2-T2V-A14B\",\"image_size\":\"1280x720\"}"},
	    {"vidu", "{\"prompt\":\"p\",\"model\":\"viduq3-turbo\"}"},
	    {"xai", "{\"prompt\":\"p\",\"model\":\"grok-imagine-video\"}"},
	    {"zhipu", "{\"prompt\":\"p\",\"model\":\"cogvideox-3\"}"},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct http_request request = {0};
		struct dialect *dialect = load(rows[i][0]);
		const struct channel channel = {
		    .name = "c", .base = "https://h", .key = "k", .dialect = dialect};
		const struct task task = {.prompt = "p", .options = "{}"};
		assert_int_equal(compose_submit(&channel, &task, NULL, arena, &request), ERR_OK);
		assert_string_equal(whole_body(&request), rows[i][1]);
		dialect_free(dialect);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(submissions_mean_what_they_say, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(polls_mean_what_they_say, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(an_answer_without_a_status_is_no_news, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(each_sends_exactly_this, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(each_asks_and_cancels_at_these_places, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(openai_edits_and_extends, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(a_prompt_alone_is_enough, set_up, tear_down),
	};
	return cmocka_run_group_tests_name("upstream/providers", tests, NULL, NULL);
}
