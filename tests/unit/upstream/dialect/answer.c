/* Recorded answers and what they mean. Each row is a file in answers/, the status code that it came with, and
 * all that is to be read out of it. */
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "model/channel.h"
#include "upstream/dialect/answer.h"
#include "upstream/dialect/dialect.h"
#include "upstream/http/client.h"
#include "support/test.h"

#define SORA_ID   "video_8efddf51-4a0e-4c9e-8a11-0c2f6f1a9b77"
#define OPENAI_ID "video_68d7512d07848190b3e45da0ecbebcde004da08e1e0678d5"
#define CDN       "https://cdn.example.com/"

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
	arena = NULL;
	return 0;
}

/* The response that a file "sora/x.json" stands for. */
static struct http_response
recorded(const char *file, int status)
{
	char path[256];
	snprintf(path, sizeof(path), "tests/unit/upstream/dialect/answers/%s", file);
	buf_clear(&body);
	assert_int_equal(file_read(path, &body), ERR_OK);
	return (struct http_response){
	    .end = HTTP_ANSWERED, .status = status, .body = buf_str(&body), .body_len = body.len};
}

static struct dialect *
dialect_of(const char *file)
{
	char why[256];
	const char *name = strncmp(file, "sora/", 5) == 0 ? "sora" : "openai";
	struct dialect *dialect = dialect_load("conf/dialects", name, why, sizeof(why));
	assert_non_null(dialect);
	return dialect;
}

static struct submit_answer
submit(const char *dialect_name, const struct http_response *response)
{
	struct dialect *dialect = dialect_of(dialect_name);
	struct submit_answer answer = {0};
	answer_submit(dialect, response, NULL, arena, &answer);
	dialect_free(dialect);
	return answer;
}

static struct poll_answer
poll(const char *dialect_name, const struct http_response *response)
{
	struct dialect *dialect = dialect_of(dialect_name);
	struct poll_answer answer = {0};
	answer_poll(dialect, response, arena, &answer);
	dialect_free(dialect);
	return answer;
}

static bool
same(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

/* --- submissions ------------------------------------------------------------------------------- */

static const struct {
	const char *file;
	int status;
	enum submit_verdict verdict;
	const char *id;
	const char *message;
} submissions[] = {
    {"sora/submitted.json", 200, SUBMIT_ACCEPTED, SORA_ID, NULL},
    {"sora/submitted.json", 201, SUBMIT_ACCEPTED, SORA_ID, NULL},
    {"sora/submitted.json", 202, SUBMIT_ACCEPTED, SORA_ID, NULL},
    {"sora/submitted-in-data.json", 200, SUBMIT_ACCEPTED, "task_77", NULL},
    {"sora/submitted-number-id.json", 200, SUBMIT_ACCEPTED, "9007199254740991", NULL},
    {"openai/queued.json", 200, SUBMIT_ACCEPTED, OPENAI_ID, NULL},
    /* Accepted or not? It cannot be known. */
    {"sora/submitted.json", 204, SUBMIT_UNKNOWN, NULL, "The upstream answered 204 without a task id."},
    {"sora/submitted-without-id.json", 200, SUBMIT_UNKNOWN, NULL,
     "The upstream answered 200 without a task id."},
    {"openai/without-id.json", 200, SUBMIT_UNKNOWN, NULL, "The upstream answered 200 without a task id."},
    {"sora/submitted-empty-id.json", 200, SUBMIT_UNKNOWN, NULL,
     "The upstream answered 200 without a task id."},
    {"sora/refused-with-200.json", 200, SUBMIT_NO_ACCOUNT, NULL, "insufficient balance"},
    {"sora/page.html", 200, SUBMIT_UNKNOWN, NULL, "The upstream answered 200 without a task id."},
    {"sora/truncated.json", 200, SUBMIT_UNKNOWN, NULL, "The upstream answered 200 without a task id."},
    {"sora/empty.json", 200, SUBMIT_UNKNOWN, NULL, "The upstream answered 200 without a task id."},
    {"sora/array.json", 200, SUBMIT_UNKNOWN, NULL, "The upstream answered 200 without a task id."},
    {"sora/submitted.json", 500, SUBMIT_UNKNOWN, NULL, "The upstream answered 500."},
    {"sora/page.html", 500, SUBMIT_UNKNOWN, NULL, "The upstream answered 500."},
    {"sora/page.html", 502, SUBMIT_UNKNOWN, NULL, "The upstream answered 502."},
    {"sora/page.html", 504, SUBMIT_UNKNOWN, NULL, "The upstream answered 504."},
    {"sora/page.html", 101, SUBMIT_UNKNOWN, NULL, "The upstream answered 101 without a task id."},
    /* Surely not taken, now. */
    {"sora/error-429.json", 429, SUBMIT_NOT_ACCEPTED, NULL, "Rate limit reached"},
    {"sora/page.html", 503, SUBMIT_NOT_ACCEPTED, NULL, "The upstream answered 503."},
    {"sora/page.html", 408, SUBMIT_UNKNOWN, NULL, "The upstream answered 408."},
    {"sora/page.html", 425, SUBMIT_REFUSED, NULL, "The upstream answered 425."},
    {"sora/empty.json", 302, SUBMIT_UNKNOWN, NULL, "The upstream answered 302."},
    {"sora/empty.json", 303, SUBMIT_UNKNOWN, NULL, "The upstream answered 303."},
    /* Surely not taken, ever. */
    {"sora/error-400.json", 400, SUBMIT_REFUSED, NULL, "size is not supported"},
    {"openai/error-400.json", 400, SUBMIT_REFUSED, NULL,
     "Invalid value: '7'. Supported values are: '4', '8', and '12'."},
    {"sora/error-401.json", 401, SUBMIT_NO_ACCOUNT, NULL, "The upstream answered 401."},
    {"sora/error-400.json", 409, SUBMIT_REFUSED, NULL, "size is not supported"},
    {"sora/failed-string.json", 422, SUBMIT_REFUSED, NULL, "upstream  exploded"},
    {"sora/page.html", 404, SUBMIT_REFUSED, NULL, "The upstream answered 404."},
    {"sora/submitted.json", 403, SUBMIT_REFUSED, NULL, "The upstream answered 403."},
    /* Not taken there: the operator's base leads elsewhere. */
    {"sora/page.html", 301, SUBMIT_NO_ACCOUNT, NULL,
     "The upstream's address leads elsewhere (301): the channel needs another base."},
    {"sora/empty.json", 308, SUBMIT_NO_ACCOUNT, NULL,
     "The upstream's address leads elsewhere (308): the channel needs another base."},
    {"sora/empty.json", 307, SUBMIT_NO_ACCOUNT, NULL,
     "The upstream's address leads elsewhere (307): the channel needs another base."},
};

/* What a string may not hold costs no job. */
TEST(an_answer_with_a_bad_character_is_read)
{
	static const struct {
		const char *body, *message;
	} rows[] = {
	    {"{\"id\":\"job-1\",\"note\":\"a\\u0000b\"}", NULL},
	    {"{\"id\":\"job-1\",\"note\":\"cut \\ud83d\"}", NULL},
	    {"{\"id\":\"job-1\",\"note\":\"cut \\ud83d\\n\\\\u0000 \\udc00\"}", NULL},
	    {"{\"id\":\"job-1\",\"note\":\"cut \xe7\x8c\"}", NULL},
	    {"{\"id\":\"job-1\",\"note\":\"two\nlines\", \"n\":12345678901234567890}", NULL},
	    {"{\"error\":{\"message\":\"No: \\ud83d\\ude00 a\\u0000b \xe7\x8c\"}}",
	     "No: \xf0\x9f\x98\x80 a\xef\xbf\xbd"
	     "b ??"},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct http_response response = {.end = HTTP_ANSWERED,
		                                       .status = rows[i].message ? 400 : 200,
		                                       .body = rows[i].body,
		                                       .body_len = strlen(rows[i].body)};
		struct submit_answer answer = submit("sora/", &response);
		if (rows[i].message == NULL)
			assert_string_equal(answer.external_id, "job-1");
		else
			assert_string_equal(answer.message, rows[i].message);
	}
}

TEST(submissions_mean_what_they_say)
{
	for (size_t i = 0; i < sizeof(submissions) / sizeof(submissions[0]); i++) {
		struct http_response response = recorded(submissions[i].file, submissions[i].status);
		struct submit_answer answer = submit(submissions[i].file, &response);
		if (answer.verdict != submissions[i].verdict ||
		    !same(answer.external_id, submissions[i].id) ||
		    !same(answer.message, submissions[i].message))
			fail_msg("%s with %d: verdict %d, id %s, message %s", submissions[i].file,
			         submissions[i].status, answer.verdict,
			         answer.external_id ? answer.external_id : "-",
			         answer.message ? answer.message : "-");
	}
}

TEST(no_answer_means_what_the_network_says)
{
	struct http_response response = {.end = HTTP_NOT_SENT, .body = "", .why = "Couldn't connect"};
	struct submit_answer answer = submit("sora/", &response);
	assert_int_equal(answer.verdict, SUBMIT_NOT_ACCEPTED);
	assert_string_equal(answer.message, "Couldn't connect");
	response.end = HTTP_LOST;
	answer = submit("sora/", &response);
	assert_int_equal(answer.verdict, SUBMIT_UNKNOWN);
	assert_string_equal(answer.message, "Couldn't connect");
	struct poll_answer polled = poll("sora/", &response);
	assert_int_equal(polled.verdict, POLL_FAILED);
	assert_string_equal(polled.why, "Couldn't connect");
	response.end = HTTP_NOT_SENT;
	assert_int_equal(poll("sora/", &response).verdict, POLL_FAILED);
}

/* What shows that a channel does not work, and what is about one job alone. */
TEST(faults_of_the_channel_are_told_apart)
{
	static const struct {
		int status;
		bool submit, poll;
	} rows[] = {
	    {200, true, false},  {302, true, false},  {400, false, false}, {401, false, false},
	    {403, false, false}, {404, false, false}, {408, true, false},  {409, false, false},
	    {410, false, false}, {422, false, false}, {429, true, true},   {500, true, true},
	    {502, true, true},   {503, true, true},   {504, true, true},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct http_response response = recorded("sora/page.html", rows[i].status);
		if (submit("sora/", &response).fault != rows[i].submit ||
		    poll("sora/", &response).fault != rows[i].poll)
			fail_msg("%d", rows[i].status);
	}
	struct http_response good = recorded("sora/submitted.json", 200);
	assert_false(submit("sora/", &good).fault);
	for (int ours = 0; ours < 2; ours++) {
		struct http_response response = {.end = HTTP_LOST, .body = "", .why = "Lost", .ours = ours};
		assert_int_equal(submit("sora/", &response).fault, !ours);
		assert_false(submit("sora/", &response).ours); /* unknown */
		assert_true(poll("sora/", &response).fault);
		response.end = HTTP_NOT_SENT;
		assert_int_equal(submit("sora/", &response).fault, !ours);
		assert_int_equal(submit("sora/", &response).ours, ours);
	}
}

TEST(the_wish_to_rest_is_handed_on)
{
	struct http_response response = recorded("sora/error-429.json", 429);
	response.retry_after_ms = 17000;
	assert_int_equal(submit("sora/", &response).retry_after_ms, 17000);
	assert_int_equal(poll("sora/", &response).retry_after_ms, 17000);
	response.status = 503;
	assert_int_equal(submit("sora/", &response).retry_after_ms, 17000);
	assert_int_equal(poll("sora/", &response).retry_after_ms, 17000);
	response.status = 400;
	assert_int_equal(submit("sora/", &response).retry_after_ms, 0);
	/* Of a gateway, too, which is there then. */
	response.status = 502;
	assert_int_equal(submit("sora/", &response).retry_after_ms, 17000);
	const struct poll_answer polled = poll("sora/", &response);
	assert_int_equal(polled.verdict, POLL_THROTTLED);
	assert_int_equal(polled.retry_after_ms, 17000);
	assert_true(polled.fault && !polled.lost);
	response.status = 400;
	assert_int_equal(poll("sora/", &response).retry_after_ms, 0);
}

TEST(ids_that_could_do_harm_are_none)
{
	static const struct {
		const char *json;
		const char *id;
	} rows[] = {
	    {"{\"id\":\"..\"}", NULL},
	    {"{\"id\":\".\"}", NULL},
	    {"{\"id\":\"a\\nb\"}", NULL},
	    {"{\"id\":\"a\\u007fb\"}", NULL},
	    {"{\"id\":1.5}", NULL},
	    {"{\"id\":true}", NULL},
	    {"{\"id\":null,\"task_id\":\"t\"}", "t"},
	    {"{\"id\":\"../x\"}", "../x"}, /* is percent-encoded where it goes into a path */
	};
	char json[1024], id[LIMIT_UPSTREAM_ID + 2];
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct http_response response = {
		    .status = 200, .body = rows[i].json, .body_len = strlen(rows[i].json)};
		if (!same(submit("sora/", &response).external_id, rows[i].id))
			fail_msg("%s", rows[i].json);
	}
	for (int over = 0; over < 2; over++) {
		memset(id, 'i', sizeof(id));
		id[LIMIT_UPSTREAM_ID + over] = '\0';
		snprintf(json, sizeof(json), "{\"id\":\"%s\"}", id);
		struct http_response response = {.status = 200, .body = json, .body_len = strlen(json)};
		assert_true(same(submit("sora/", &response).external_id, over ? NULL : id));
	}
}

/* --- polls ------------------------------------------------------------------------------------- */

static const struct {
	const char *file;
	enum poll_status status;
	const char *word;
	int progress;
	const char *video_url;
	const char *image_url;
	const char *code;
	const char *message;
} news[] = {
    {"sora/word-queued.json", POLL_QUEUED, "queued", 0},
    {"sora/word-pending.json", POLL_QUEUED, "pending", 0},
    {"sora/word-submitted.json", POLL_QUEUED, "submitted", 0},
    {"sora/word-not_start.json", POLL_QUEUED, "not_start", 0},
    {"sora/word-in_progress.json", POLL_RUNNING, "in_progress", 42},
    {"sora/word-processing.json", POLL_RUNNING, "processing", 42},
    {"sora/word-running.json", POLL_RUNNING, "running", 42},
    {"sora/word-completed.json", POLL_COMPLETED, "completed", 100, CDN "v/8efd.mp4?sig=1", CDN "v/8efd.jpg"},
    {"sora/word-succeeded.json", POLL_COMPLETED, "succeeded", 100, CDN "v/8efd.mp4?sig=1", CDN "v/8efd.jpg"},
    {"sora/word-success.json", POLL_COMPLETED, "success", 100, CDN "v/8efd.mp4?sig=1", CDN "v/8efd.jpg"},
    {"sora/word-failed.json", POLL_ERROR, "failed", 42},
    {"sora/word-error.json", POLL_ERROR, "error", 42},
    {"sora/word-rejected.json", POLL_ERROR, "rejected", 42},
    {"sora/word-expired.json", POLL_ERROR, "expired", 42},
    {"sora/word-cancelled.json", POLL_CANCELLED, "cancelled", 42},
    {"sora/word-canceled.json", POLL_CANCELLED, "canceled", 42},
    {"sora/upper-case.json", POLL_RUNNING, "IN_PROGRESS", 7},
    {"sora/unknown-word.json", POLL_UNKNOWN_WORD, "moderating", 3},
    {"sora/numeric-status.json", POLL_UNKNOWN_WORD, "2", 0},
    {"sora/progress-percent.json", POLL_RUNNING, "running", 42},
    {"sora/progress-text.json", POLL_RUNNING, "running", 42},
    {"sora/progress-fraction.json", POLL_RUNNING, "running", 42},
    {"sora/progress-fraction-text.json", POLL_RUNNING, "running", 42},
    {"sora/progress-real.json", POLL_RUNNING, "running", 42},
    {"sora/progress-one.json", POLL_RUNNING, "running", 1},
    {"sora/progress-over.json", POLL_RUNNING, "running", 100},
    {"sora/progress-negative.json", POLL_RUNNING, "running", 0},
    {"sora/progress-words.json", POLL_RUNNING, "running", -1},
    {"sora/progress-null.json", POLL_RUNNING, "running", -1},
    {"sora/progress-infinite.json", POLL_RUNNING, "running", -1},
    {"sora/progress-in-data.json", POLL_RUNNING, "RUNNING", 63},
    {"sora/byte-order-mark.json", POLL_COMPLETED, "completed", 100, CDN "my%20video.mp4"},
    {"sora/completed-without-url.json", POLL_NO_VIDEO, "completed", 100},
    {"sora/completed-empty-url.json", POLL_COMPLETED, "completed", -1, CDN "b.mp4"},
    {"sora/completed-odd-urls.json", POLL_NO_VIDEO, "completed", 100, NULL,
     "https://cdn.example.com/a%20b.jpg"},
    {"sora/completed-file-url.json", POLL_NO_VIDEO, "completed", 100},
    {"sora/completed-long-url.json", POLL_NO_VIDEO, "completed", 100},
    {"sora/failed-object.json", POLL_ERROR, "failed", 55, NULL, NULL, "content_policy_violation",
     "Your request was blocked by our moderation system."},
    {"sora/failed-string.json", POLL_ERROR, "failed", 55, NULL, NULL, "internal_error", "upstream  exploded"},
    {"sora/failed-number-code.json", POLL_ERROR, "failed", 0, NULL, NULL, "1001", "no"},
    {"sora/failed-control.json", POLL_ERROR, "failed", 0, NULL, NULL, NULL, "line one  line two [31m"},
    {"sora/failed-silent.json", POLL_ERROR, "failed", 0},
    {"openai/queued.json", POLL_QUEUED, "queued", 0},
    {"openai/in_progress.json", POLL_RUNNING, "in_progress", 33},
    {"openai/completed.json", POLL_COMPLETED, "completed", 100},
    {"openai/completed-url.json", POLL_COMPLETED, "completed", 100, "https://files.example.net/x.mp4"},
    {"openai/failed.json", POLL_ERROR, "failed", 0, NULL, NULL, "moderation_blocked",
     "Your request was blocked."},
    {"openai/failed-type.json", POLL_ERROR, "failed", 0, NULL, NULL, "server_error",
     "The server had an error."},
    {"openai/cancelled.json", POLL_CANCELLED, "cancelled", 10},
    {"openai/word-queued.json", POLL_QUEUED, "queued", 7},
    {"openai/word-pending.json", POLL_QUEUED, "pending", 7},
    {"openai/word-submitted.json", POLL_QUEUED, "submitted", 7},
    {"openai/word-not_start.json", POLL_QUEUED, "not_start", 7},
    {"openai/word-in_progress.json", POLL_RUNNING, "in_progress", 7},
    {"openai/word-processing.json", POLL_RUNNING, "processing", 7},
    {"openai/word-running.json", POLL_RUNNING, "running", 7},
    {"openai/word-completed.json", POLL_COMPLETED, "completed", 7},
    {"openai/word-succeeded.json", POLL_COMPLETED, "succeeded", 7},
    {"openai/word-success.json", POLL_COMPLETED, "success", 7},
    {"openai/word-failed.json", POLL_ERROR, "failed", 7},
    {"openai/word-error.json", POLL_ERROR, "error", 7},
    {"openai/word-rejected.json", POLL_ERROR, "rejected", 7},
    {"openai/word-expired.json", POLL_ERROR, "expired", 7},
    {"openai/word-cancelled.json", POLL_CANCELLED, "cancelled", 7},
    {"openai/word-canceled.json", POLL_CANCELLED, "canceled", 7},
    {"openai/progress-text.json", POLL_RUNNING, "in_progress", 33},
    {"openai/failed-string.json", POLL_ERROR, "failed", 0, NULL, NULL, NULL, "The server had an error."},
};

TEST(news_means_what_it_says)
{
	for (size_t i = 0; i < sizeof(news) / sizeof(news[0]); i++) {
		struct http_response response = recorded(news[i].file, 200);
		struct poll_answer answer = poll(news[i].file, &response);
		if (answer.verdict != POLL_NEWS || answer.status != news[i].status ||
		    !same(answer.word, news[i].word) || answer.progress != news[i].progress)
			fail_msg("%s: verdict %d, status %d, word %s, progress %d", news[i].file,
			         answer.verdict, answer.status, answer.word ? answer.word : "-",
			         answer.progress);
		if (!same(answer.video_url, news[i].video_url) ||
		    !same(answer.image_url, news[i].image_url) || !same(answer.error_code, news[i].code) ||
		    !same(answer.error_message, news[i].message))
			fail_msg("%s: %s %s %s %s", news[i].file, answer.video_url ? answer.video_url : "-",
			         answer.image_url ? answer.image_url : "-",
			         answer.error_code ? answer.error_code : "-",
			         answer.error_message ? answer.error_message : "-");
	}
}

static const struct {
	const char *file;
	int status;
	enum poll_verdict verdict;
	const char *why;
} no_news[] = {
    {"sora/page.html", 200, POLL_FAILED, "The answer is not a JSON object"},
    {"sora/truncated.json", 200, POLL_FAILED, "The answer is not a JSON object"},
    {"sora/doubled.json", 200, POLL_FAILED, "The answer is not a JSON object"},
    {"sora/empty.json", 200, POLL_FAILED, "The answer is not a JSON object"},
    {"sora/array.json", 200, POLL_FAILED, "The answer is not a JSON object"},
    {"sora/without-status.json", 200, POLL_FAILED, "The answer has no status"},
    {"openai/without-status.json", 200, POLL_FAILED, "The answer has no status"},
    {"sora/null-status.json", 200, POLL_FAILED, "The answer has no status"},
    {"sora/word-failed.json", 500, POLL_FAILED, "The upstream answered 500"},
    {"sora/word-failed.json", 400, POLL_FAILED, "The upstream answered 400"},
    {"sora/word-failed.json", 202, POLL_FAILED, "The upstream answered 202"},
    {"sora/page.html", 502, POLL_FAILED, "The upstream answered 502"},
    {"sora/page.html", 301, POLL_FAILED, "The upstream answered 301"},
    {"sora/error-401.json", 401, POLL_FAILED, "The upstream answered 401: it refuses the key or the account"},
    {"sora/error-429.json", 429, POLL_THROTTLED, NULL},
    {"sora/page.html", 503, POLL_THROTTLED, NULL},
    {"openai/error-404.json", 404, POLL_MISSING, NULL},
    {"sora/page.html", 404, POLL_MISSING, NULL},
    {"sora/page.html", 410, POLL_MISSING, NULL},
};

TEST(rubbish_is_no_news)
{
	for (size_t i = 0; i < sizeof(no_news) / sizeof(no_news[0]); i++) {
		struct http_response response = recorded(no_news[i].file, no_news[i].status);
		struct poll_answer answer = poll(no_news[i].file, &response);
		if (answer.verdict != no_news[i].verdict || !same(answer.why, no_news[i].why))
			fail_msg("%s with %d: verdict %d, %s", no_news[i].file, no_news[i].status,
			         answer.verdict, answer.why ? answer.why : "-");
		assert_null(answer.video_url);
		assert_int_equal(answer.status, POLL_UNKNOWN_WORD);
	}
}

TEST(long_messages_are_cut_between_characters)
{
	struct http_response response = recorded("sora/failed-long.json", 200);
	struct poll_answer answer = poll("sora/", &response);
	assert_int_equal(utf8_count(answer.error_message, strlen(answer.error_message)), LIMIT_UPSTREAM_TEXT);
}

/* Some ids are numbers that no double holds. */
TEST(no_digit_of_an_id_is_lost)
{
	static const char text[] = "{\"id\":7412345678901234567,\"status\":\"queued\"}";
	struct dialect *dialect = dialect_of("openai/x");
	const struct http_response response = {
	    .end = HTTP_ANSWERED, .status = 200, .body = text, .body_len = sizeof(text) - 1};
	struct submit_answer answer;
	answer_submit(dialect, &response, NULL, arena, &answer);
	assert_int_equal(answer.verdict, SUBMIT_ACCEPTED);
	assert_string_equal(answer.external_id, "7412345678901234567");
	dialect_free(dialect);
}

TEST(a_key_that_is_quoted_goes_no_further)
{
	struct channel channel = {.key = "sk-secret"};
	assert_null(answer_without_key(&channel, "the token sk-secret has no quota"));
	assert_string_equal(answer_without_key(&channel, "no quota"), "no quota");
	assert_null(answer_without_key(&channel, "a long text that was cut within sk-secre"));
	assert_null(answer_without_key(&channel, "or soon after the beginning of sk-s"));
	assert_string_equal(answer_without_key(&channel, "keys begin with sk-"), "keys begin with sk-");
	assert_string_equal(answer_without_key(&channel, "s"), "s");
	assert_null(answer_without_key(&channel, NULL));
	channel.key = "";
	assert_string_equal(answer_without_key(&channel, "no quota"), "no quota");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(submissions_mean_what_they_say, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(an_answer_with_a_bad_character_is_read, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(no_digit_of_an_id_is_lost, set_up, tear_down),
	    cmocka_unit_test(a_key_that_is_quoted_goes_no_further),
	    cmocka_unit_test_setup_teardown(no_answer_means_what_the_network_says, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(faults_of_the_channel_are_told_apart, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(the_wish_to_rest_is_handed_on, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(ids_that_could_do_harm_are_none, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(news_means_what_it_says, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(rubbish_is_no_news, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(long_messages_are_cut_between_characters, set_up, tear_down),
	};
	return cmocka_run_group_tests_name("upstream/answer", tests, NULL, NULL);
}
