/* What answers to polls mean where a profile says it by codes, by the presence of a member or by a value that
 * is no word. The answers are those of providers, shortened. */
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "model/channel.h"
#include "model/task.h"
#include "upstream/dialect/answer.h"
#include "upstream/dialect/compose.h"
#include "upstream/dialect/dialect.h"
#include "upstream/http/client.h"
#include "support/test.h"

#define SUBMIT                                                                                               \
	"\"submit\":{\"path\":\"/v\",\"body\":\"json\",\"accepted\":[200],\"fields\":{\"prompt\":\"p\"}}"

static struct arena *arena;
static struct dialect *dialect;

static int
set_up(void **state)
{
	(void)state;
	arena = arena_new();
	return arena ? 0 : -1;
}

static int
tear_down(void **state)
{
	(void)state;
	dialect_free(dialect);
	arena_free(arena);
	dialect = NULL;
	return 0;
}

/* Has the answers read by a profile with these members. */
static void
speak(const char *auth, const char *poll, const char *rest)
{
	char why[256] = "", text[4096];
	snprintf(text, sizeof(text), "{\"auth\":{\"header\":\"X-Key\"%s}," SUBMIT ",\"poll\":{%s},%s}", auth,
	         poll, rest);
	dialect_free(dialect);
	dialect = dialect_parse("test", text, strlen(text), why, sizeof(why));
	if (dialect == NULL)
		fail_msg("%s", why);
}

#define GET_POLL "\"path\":\"/v/{id}\",\"accepted\":[200]"

static struct poll_answer
poll(int status, const char *body)
{
	const struct http_response response = {
	    .end = HTTP_ANSWERED, .status = status, .body = body, .body_len = strlen(body)};
	struct poll_answer answer = {0};
	answer_poll(dialect, &response, arena, &answer);
	return answer;
}

static struct submit_answer
submit(int status, const char *body)
{
	const struct http_response response = {
	    .end = HTTP_ANSWERED, .status = status, .body = body, .body_len = strlen(body)};
	struct submit_answer answer = {0};
	answer_submit(dialect, &response, NULL, arena, &answer);
	return answer;
}

static void
expect(const struct poll_answer *answer, enum poll_status status, const char *code, const char *message)
{
	assert_int_equal(answer->verdict, POLL_NEWS);
	assert_int_equal(answer->status, status);
	if (code != NULL)
		assert_string_equal(answer->error_code, code);
	else
		assert_null(answer->error_code);
	if (message != NULL)
		assert_string_equal(answer->error_message, message);
	else
		assert_null(answer->error_message);
}

#define FILTERED "/response/generateVideoResponse/raiMediaFiltered"

TEST(a_job_has_ended_by_what_is_there)
{
	speak("", "\"path\":\"/v1beta/{+id}\",\"accepted\":[200]",
	      "\"answer\":{\"id\":[\"/name\"],"
	      "\"completed\":[\"/response/generateVideoResponse/generatedSamples/0/video/uri\"],"
	      "\"failed\":[\"/error\",{\"at\":\"" FILTERED "Count\",\"code\":\"filtered\"}],"
	      "\"error_message\":[\"" FILTERED "Reasons/0\"],"
	      "\"video_url\":[\"/response/generateVideoResponse/generatedSamples/0/video/uri\"]}");
	struct poll_answer a = poll(200, "{\"name\":\"operations/1\"}");
	expect(&a, POLL_RUNNING, NULL, NULL);
	a = poll(200, "{\"name\":\"operations/1\",\"done\":false,\"error\":null}");
	expect(&a, POLL_RUNNING, NULL, NULL);
	a = poll(200, "{\"done\":true,\"error\":{\"code\":3,\"message\":\"no such style\"}}");
	expect(&a, POLL_ERROR, "3", "no such style");
	a = poll(200, "{\"done\":true,\"response\":{\"generateVideoResponse\":{\"raiMediaFilteredCount\":1,"
	              "\"raiMediaFilteredReasons\":[\"It shows a celebrity.\"]}}}");
	expect(&a, POLL_ERROR, "filtered", "It shows a celebrity.");
	a = poll(200,
	         "{\"done\":true,\"response\":{\"generateVideoResponse\":{\"raiMediaFilteredCount\":0,"
	         "\"generatedSamples\":[{\"video\":{\"uri\":\"https://cdn.example.com/v:download\"}}]}}}");
	expect(&a, POLL_COMPLETED, NULL, NULL);
	assert_string_equal(a.video_url, "https://cdn.example.com/v:download");
	/* One sample of two was filtered: there is a video. */
	a = poll(200, "{\"done\":true,\"response\":{\"generateVideoResponse\":{\"raiMediaFilteredCount\":1,"
	              "\"generatedSamples\":[{\"video\":{\"uri\":\"https://cdn.example.com/v\"}}]}}}");
	assert_int_equal(a.status, POLL_COMPLETED);
}

TEST(nothing_is_not_there)
{
	static const char *const nothing[] = {"null", "false", "0", "\"\"", "[]", "{}"};
	static const char *const something[] = {"true", "1", "-0.5", "\"x\"", "[null]", "{\"a\":null}"};
	char body[64];
	speak("", GET_POLL,
	      "\"answer\":{\"id\":[\"/id\"],\"completed\":[\"/v\"],\"failed\":[\"/e\"],\"video_url\":[\"/"
	      "url\"]}");
	for (size_t i = 0; i < sizeof(nothing) / sizeof(nothing[0]); i++) {
		snprintf(body, sizeof(body), "{\"e\":%s}", nothing[i]);
		struct poll_answer a = poll(200, body);
		assert_int_equal(a.status, POLL_RUNNING);
		snprintf(body, sizeof(body), "{\"e\":%s}", something[i]);
		a = poll(200, body);
		assert_int_equal(a.status, POLL_ERROR);
	}
}

TEST(numbers_and_booleans_are_words)
{
	speak("", GET_POLL,
	      "\"answer\":{\"id\":[\"/Resp/video_id\"],\"status\":[\"/Resp/status\"],"
	      "\"video_url\":[\"/Resp/url\"]},"
	      "\"words\":{\"completed\":[1],\"processing\":[5],\"cancelled\":[6],\"failed\":[7,8]}");
	static const enum poll_status means[] = {POLL_UNKNOWN_WORD, POLL_NO_VIDEO,     POLL_UNKNOWN_WORD,
	                                         POLL_UNKNOWN_WORD, POLL_UNKNOWN_WORD, POLL_RUNNING,
	                                         POLL_CANCELLED,    POLL_ERROR,        POLL_ERROR};
	for (int i = 0; i < 9; i++) {
		char body[80];
		snprintf(body, sizeof(body), "{\"ErrCode\":0,\"Resp\":{\"status\":%d,\"url\":\"\"}}", i);
		struct poll_answer a = poll(200, body);
		assert_int_equal(a.verdict, POLL_NEWS);
		assert_int_equal(a.status, means[i]);
	}
	speak("", GET_POLL,
	      "\"answer\":{\"id\":[\"/id\"],\"status\":[\"/done\"],\"failed\":[\"/error\"],"
	      "\"video_url\":[\"/u\"]},\"words\":{\"completed\":[true],\"processing\":[false]}");
	struct poll_answer a = poll(200, "{\"done\":true,\"u\":\"https://cdn.example.com/v\"}");
	expect(&a, POLL_COMPLETED, NULL, NULL);
	a = poll(200, "{\"done\":false}");
	expect(&a, POLL_RUNNING, NULL, NULL);
	a = poll(200, "{}");
	expect(&a, POLL_RUNNING, NULL, NULL);
	a = poll(200, "{\"done\":true,\"error\":{\"message\":\"bad\"}}");
	expect(&a, POLL_ERROR, NULL, "bad");
}

#define XAI                                                                                                  \
	"\"answer\":{\"id\":[\"/request_id\"],\"status\":[\"/status\"],\"progress\":[\"/progress\"],"        \
	"\"failed\":[{\"at\":\"/video/respect_moderation\",\"is\":[false],\"code\":\"moderated\"}],"         \
	"\"video_url\":[\"/video/url\"]},"                                                                   \
	"\"words\":{\"queued\":[\"pending\"],\"completed\":[\"done\"],\"failed\":[\"failed\"]}"

TEST(a_value_may_mean_failed)
{
	speak("", GET_POLL, XAI);
	struct poll_answer a = poll(
	    200, "{\"status\":\"done\",\"video\":{\"url\":\"https://x.ai/v\",\"respect_moderation\":false}}");
	expect(&a, POLL_ERROR, "moderated", NULL);
	a = poll(200,
	         "{\"status\":\"done\",\"video\":{\"url\":\"https://x.ai/v\",\"respect_moderation\":true}}");
	expect(&a, POLL_COMPLETED, NULL, NULL);
}

TEST(a_code_may_mean_pending)
{
	speak("", "\"path\":\"/v/{id}\",\"accepted\":[200],\"pending\":[202,400]", XAI);
	struct poll_answer a = poll(202, "");
	expect(&a, POLL_RUNNING, NULL, NULL);
	a = poll(202, "<html>");
	expect(&a, POLL_RUNNING, NULL, NULL);
	a = poll(400, "{\"detail\":\"Request is still in progress\"}");
	expect(&a, POLL_RUNNING, NULL, NULL);
	/* It may say more. */
	a = poll(202, "{\"status\":\"pending\",\"progress\":40}");
	assert_int_equal(a.status, POLL_QUEUED);
	assert_int_equal(a.progress, 40);
	a = poll(202, "{\"status\":\"failed\",\"error\":{\"code\":\"c\",\"message\":\"m\"}}");
	expect(&a, POLL_ERROR, "c", "m");
	/* What is no code of these means what it always has. */
	a = poll(204, "");
	assert_int_equal(a.verdict, POLL_FAILED);
	a = poll(404, "");
	assert_int_equal(a.verdict, POLL_MISSING);
	a = poll(503, "");
	assert_int_equal(a.verdict, POLL_THROTTLED);
	/* A bad key is told by a 400, too. */
	a = poll(400, "{\"code\":\"invalid-argument\",\"error\":\"Incorrect API key provided: xai-1\"}");
	assert_int_equal(a.verdict, POLL_FAILED);
	assert_false(a.fault);
}

TEST(a_code_may_mean_failed)
{
	speak("", "\"path\":\"/v/{id}\",\"accepted\":[200],\"failed\":[422]", XAI);
	struct poll_answer a = poll(
	    422, "{\"detail\":[{\"msg\":\"The prompt was flagged\",\"type\":\"content_policy_violation\"}]}");
	expect(&a, POLL_ERROR, NULL, "The prompt was flagged");
	a = poll(422, "");
	expect(&a, POLL_ERROR, NULL, NULL);
	a = poll(400, "{\"detail\":\"no\"}");
	assert_int_equal(a.verdict, POLL_FAILED);
}

TEST(a_refused_key_ends_no_job)
{
	speak(",\"refused\":[\"bad_token\",10003,\"key is wrong\"]",
	      "\"path\":\"/v/{id}\",\"accepted\":[200],\"failed\":[422],\"pending\":[400]", XAI);
	static const char *const bodies[] = {"{\"error\":{\"code\":\"bad_token\"}}", "{\"code\":10003}",
	                                     "{\"message\":\"The key is wrong.\"}"};
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		struct poll_answer a = poll(422, bodies[i]);
		assert_int_equal(a.verdict, POLL_FAILED);
		assert_string_equal(a.why, "The upstream answered 422: it refuses the key or the account");
		assert_int_equal(poll(400, bodies[i]).verdict, POLL_FAILED);
		assert_int_equal(submit(400, bodies[i]).verdict, SUBMIT_NO_ACCOUNT);
	}
	assert_int_equal(submit(200, bodies[1]).verdict, SUBMIT_NO_ACCOUNT);
	assert_int_equal(submit(400, "{\"code\":\"other\"}").verdict, SUBMIT_REFUSED);
}

TEST(an_account_that_fails_a_job_is_not_quoted)
{
	speak("", GET_POLL, XAI);
	struct poll_answer a =
	    poll(200, "{\"status\":\"failed\",\"error\":{\"code\":\"insufficient_balance\","
	              "\"message\":\"Account acme has $0.03 left\"}}");
	expect(&a, POLL_ERROR, NULL, NULL);
	assert_string_equal(a.why, "insufficient_balance: Account acme has $0.03 left");
}

TEST(a_question_may_have_a_method_and_a_body)
{
	struct channel channel = {.name = "c", .base = "https://a.example", .key = "k"};
	struct task task = {.external_id = "a \"b\"/c", .model = "veo", .options = "{}"};
	struct http_request request;
	speak("",
	      "\"path\":\"/v1/models/{model}:fetch\",\"method\":\"POST\","
	      "\"body\":{\"operationName\":\"{id}\",\"of\":[\"m {model}\",1]},"
	      "\"path_with_image\":\"/image/{model}\",\"path_with_references\":\"/"
	      "multi\",\"accepted\":[200],\"interval_min\":2.5",
	      XAI);
	channel.dialect = dialect;
	assert_int_equal(compose_poll(&channel, &task, arena, &request), ERR_OK);
	assert_string_equal(request.method, "POST");
	assert_string_equal(request.url, "https://a.example/v1/models/veo:fetch");
	assert_string_equal(request.body, "{\"operationName\":\"a \\\"b\\\"/c\",\"of\":[\"m veo\",1]}");
	assert_int_equal(request.body_len, strlen(request.body));
	bool typed = false;
	for (const char *const *h = request.headers; *h; h++)
		typed = typed || strcmp(*h, "Content-Type: application/json") == 0;
	assert_true(typed);
	/* What an upstream gives as an object it has back as one; what only looks like one is a string. */
	task.external_id = "{\"op\":{\"n\":[1]}}";
	assert_int_equal(compose_poll(&channel, &task, arena, &request), ERR_OK);
	assert_string_equal(request.body, "{\"operationName\":{\"op\":{\"n\":[1]}},\"of\":[\"m veo\",1]}");
	task.external_id = "{\"op\"";
	assert_int_equal(compose_poll(&channel, &task, arena, &request), ERR_OK);
	assert_string_equal(request.body, "{\"operationName\":\"{\\\"op\\\"\",\"of\":[\"m veo\",1]}");
	task.external_id = NULL;
	assert_int_equal(compose_poll(&channel, &task, arena, &request), ERR_INTERNAL);
	assert_int_equal(poll(200, "{\"status\":\"pending\"}").interval_min, 2500);
	/* By what the job was sent with, also when the task has lost its image. */
	task.external_id = "x";
	task.job = "{\"image\":true}";
	assert_int_equal(compose_poll(&channel, &task, arena, &request), ERR_OK);
	assert_string_equal(request.url, "https://a.example/image/veo");
	task.job = "{\"image\":true,\"references\":true}";
	assert_int_equal(compose_poll(&channel, &task, arena, &request), ERR_OK);
	assert_string_equal(request.url, "https://a.example/multi");
	task.job = NULL;
	task.input_file = "1.png";
	assert_int_equal(compose_poll(&channel, &task, arena, &request), ERR_OK);
	assert_string_equal(request.url, "https://a.example/image/veo");
	const struct http_response accepted = {
	    .end = HTTP_ANSWERED, .status = 200, .body = "{\"request_id\":7}", .body_len = 16};
	struct submit_answer answer;
	answer_submit(dialect, &accepted, &task, arena, &answer);
	assert_string_equal(answer.job, "{\"image\":true}");
	task.input_file = NULL;
	answer_submit(dialect, &accepted, &task, arena, &answer);
	assert_null(answer.job);
}

TEST(a_cancellation_may_be_put_and_have_a_body)
{
	struct channel channel = {.name = "c", .base = "https://a.example", .key = "k"};
	struct task task = {.external_id = "7", .options = "{}"};
	struct http_request request;
	speak("", GET_POLL, "\"cancel\":{\"method\":\"PUT\",\"path\":\"/r/{id}/cancel\"}," XAI);
	channel.dialect = dialect;
	assert_int_equal(compose_cancel(&channel, &task, arena, &request), ERR_OK);
	assert_string_equal(request.method, "PUT");
	assert_null(request.body);
	speak("", GET_POLL,
	      "\"cancel\":{\"method\":\"POST\",\"path\":\"/cancel\",\"body\":{\"id\":\"{id}\"}}," XAI);
	channel.dialect = dialect;
	assert_int_equal(compose_cancel(&channel, &task, arena, &request), ERR_OK);
	assert_string_equal(request.url, "https://a.example/cancel");
	assert_string_equal(request.body, "{\"id\":\"7\"}");
}

TEST(a_video_inside_the_answer_is_one)
{
	speak("", GET_POLL,
	      "\"answer\":{\"id\":[\"/id\"],\"status\":[\"/done\"],\"video_base64\":[\"/v\"]},"
	      "\"words\":{\"completed\":[true],\"failed\":[\"bad\"]}");
	struct channel channel = {.name = "c", .base = "https://a.example", .key = "k", .dialect = dialect};
	struct task task = {.external_id = "7", .options = "{}"};
	struct http_request request;
	struct poll_answer a = poll(200, "{\"done\":true,\"v\":\"(long)\"}");
	expect(&a, POLL_COMPLETED, NULL, NULL);
	assert_null(a.video_url);
	assert_int_equal(poll(200, "{\"done\":true,\"v\":\"\"}").status, POLL_NO_VIDEO);
	assert_int_equal(compose_poll(&channel, &task, arena, &request), ERR_OK);
	assert_true(request.cut);
}

TEST(a_cost_is_kept_as_it_is_said)
{
	static const struct {
		const char *body, *job, *kept;
		int64_t worth; /* and one more */
	} rows[] = {
	    {"{\"status\":\"done\",\"usage\":{\"cost\":0.25}}", NULL, "{\"cost\":0.25}", 501},
	    {"{\"status\":\"bad\",\"usage\":{\"cost\":\"5e-04\"}}", NULL, "{\"cost\":\"5e-04\"}", 2},
	    {"{\"status\":\"done\",\"usage\":{\"cost\":7}}", "{\"image\":true,\"cost\":1}",
	     "{\"image\":true,\"cost\":7}", 14001},
	    {"{\"status\":\"done\",\"usage\":{\"cost\":\"3 credits\"}}", NULL, "{\"cost\":\"3 credits\"}"},
	    {"{\"status\":\"done\",\"usage\":{\"cost\":null}}", NULL, NULL},
	    {"{\"status\":\"done\",\"usage\":{\"cost\":\"\"}}", NULL, NULL},
	    {"{\"status\":\"done\",\"usage\":{\"cost\":{}}}", NULL, NULL},
	    {"{\"status\":\"done\"}", "{\"image\":true}", NULL},
	};
	speak("", GET_POLL,
	      "\"answer\":{\"id\":[\"/id\"],\"status\":[\"/status\"],\"cost\":[\"/usage/"
	      "cost\"],\"cost_unit_micro\":2000,\"video_url\":[\"/url\"]},"
	      "\"words\":{\"completed\":[\"done\"],\"failed\":[\"bad\"]}");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct task task = {.job = rows[i].job};
		struct poll_answer a = poll(200, rows[i].body);
		const char *job = answer_job(&task, &a, arena);
		assert_int_equal(a.facts.cost, rows[i].worth);
		if (rows[i].kept == NULL)
			assert_null(job);
		else
			assert_string_equal(job, rows[i].kept);
	}
}

/* Refusals inside a 200, each provider's own. */
TEST(refusals_inside_a_success_are_told_apart)
{
	static const struct {
		const char *refused, *id, *body;
		enum submit_verdict verdict;
		const char *code, *message;
	} rows[] = {
	    /* MiniMax */
	    {"\"at\":[\"/base_resp/status_code\"],\"later\":[1002],\"key\":[1004,1008]", "/task_id",
	     "{\"task_id\":\"1\",\"base_resp\":{\"status_code\":0,\"status_msg\":\"success\"}}",
	     SUBMIT_ACCEPTED, NULL, NULL},
	    {"\"at\":[\"/base_resp/status_code\"],\"later\":[1002],\"key\":[1004,1008]", "/task_id",
	     "{\"task_id\":\"\",\"base_resp\":{\"status_code\":1026,\"status_msg\":\"sensitive\"}}",
	     SUBMIT_REFUSED, "1026", "sensitive"},
	    {"\"at\":[\"/base_resp/status_code\"],\"later\":[1002],\"key\":[1004,1008]", "/task_id",
	     "{\"task_id\":\"9\",\"base_resp\":{\"status_code\":1008,\"status_msg\":\"poor\"}}",
	     SUBMIT_NO_ACCOUNT, "1008", "poor"},
	    {"\"at\":[\"/base_resp/status_code\"],\"later\":[1002],\"key\":[1004,1008]", "/task_id",
	     "{\"base_resp\":{\"status_code\":1002,\"status_msg\":\"rate\"}}", SUBMIT_NOT_ACCEPTED, "1002",
	     "rate"},
	    /* PixVerse */
	    {"\"at\":[\"/ErrCode\"],\"key\":[10001,500090],\"later\":[500044]", "/Resp/video_id",
	     "{\"ErrCode\":0,\"ErrMsg\":\"success\",\"Resp\":{\"video_id\":318633193768896}}",
	     SUBMIT_ACCEPTED, NULL, NULL},
	    {"\"at\":[\"/ErrCode\"],\"key\":[10001,500090],\"later\":[500044]", "/Resp/video_id",
	     "{\"ErrCode\":500063,\"ErrMsg\":\"Prompt is banned\",\"Resp\":null}", SUBMIT_REFUSED, "500063",
	     "Prompt is banned"},
	    {"\"at\":[\"/ErrCode\"],\"key\":[10001,500090],\"later\":[500044]", "/Resp/video_id",
	     "{\"ErrCode\":500090,\"ErrMsg\":\"no credits\"}", SUBMIT_NO_ACCOUNT, "500090", "no credits"},
	    {"\"at\":[\"/ErrCode\"],\"key\":[10001,500090],\"later\":[500044]", "/Resp/video_id",
	     "{\"ErrCode\":500044,\"ErrMsg\":\"busy\"}", SUBMIT_NOT_ACCEPTED, "500044", "busy"},
	    /* Tencent */
	    {"\"at\":[\"/Response/Error\"],\"key\":[\"AuthFailure.SecretIdNotFound\"],"
	     "\"later\":[\"RequestLimitExceeded\"]",
	     "/Response/JobId", "{\"Response\":{\"JobId\":\"7\",\"RequestId\":\"r\"}}", SUBMIT_ACCEPTED, NULL,
	     NULL},
	    {"\"at\":[\"/Response/Error\"],\"key\":[\"AuthFailure.SecretIdNotFound\"],"
	     "\"later\":[\"RequestLimitExceeded\"]",
	     "/Response/JobId",
	     "{\"Response\":{\"Error\":{\"Code\":\"FailedOperation.Moderation\",\"Message\":\"no\"}}}",
	     SUBMIT_REFUSED, "FailedOperation.Moderation", "no"},
	    {"\"at\":[\"/Response/Error\"],\"key\":[\"AuthFailure.SecretIdNotFound\"],"
	     "\"later\":[\"RequestLimitExceeded\"]",
	     "/Response/JobId",
	     "{\"Response\":{\"Error\":{\"Code\":\"AuthFailure.SecretIdNotFound\",\"Message\":\"n\"}}}",
	     SUBMIT_NO_ACCOUNT, "AuthFailure.SecretIdNotFound", "n"},
	    {"\"at\":[\"/Response/Error\"],\"key\":[\"AuthFailure.SecretIdNotFound\"],"
	     "\"later\":[\"RequestLimitExceeded\"]",
	     "/Response/JobId",
	     "{\"Response\":{\"Error\":{\"Code\":\"RequestLimitExceeded\",\"Message\":\"slow\"}}}",
	     SUBMIT_NOT_ACCEPTED, "RequestLimitExceeded", "slow"},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char text[2048], why[256] = "";
		snprintf(
		    text, sizeof(text),
		    "{\"auth\":{\"header\":\"X-Key\"},\"submit\":{\"path\":\"/v\",\"body\":\"json\","
		    "\"accepted\":[200],\"refused\":{%s},\"fields\":{\"prompt\":\"p\"}},\"poll\":{" GET_POLL
		    "},\"answer\":{\"id\":[\"%s\"],\"status\":[\"/s\"],\"video_url\":[\"/"
		    "url\"]},\"words\":{\"completed\":[\"d\"],"
		    "\"failed\":[\"f\"]}}",
		    rows[i].refused, rows[i].id);
		dialect_free(dialect);
		dialect = dialect_parse("test", text, strlen(text), why, sizeof(why));
		if (dialect == NULL)
			fail_msg("%s", why);
		struct submit_answer a = submit(200, rows[i].body);
		if (a.verdict != rows[i].verdict)
			fail_msg("%s: verdict %d", rows[i].body, a.verdict);
		if (rows[i].code == NULL)
			continue;
		assert_string_equal(a.code, rows[i].code);
		assert_string_equal(a.message, rows[i].message);
	}
}

/* Veo and xAI tell a bad key by a 400. */
TEST(a_bad_key_by_a_400_is_no_refusal_of_the_task)
{
	speak("", GET_POLL, XAI);
	static const char *const bodies[] = {
	    "{\"error\":{\"code\":400,\"message\":\"API key not valid. Please pass a valid API key.\","
	    "\"status\":\"INVALID_ARGUMENT\"}}",
	    "{\"code\":\"Client specified an invalid argument\","
	    "\"error\":\"Incorrect API key provided: xa***1. You can obtain an API key from x.ai.\"}"};
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		assert_int_equal(submit(400, bodies[i]).verdict, SUBMIT_NO_ACCOUNT);
		assert_int_equal(poll(400, bodies[i]).verdict, POLL_FAILED);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(a_job_has_ended_by_what_is_there, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(nothing_is_not_there, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(numbers_and_booleans_are_words, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(a_value_may_mean_failed, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(a_code_may_mean_pending, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(a_code_may_mean_failed, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(a_refused_key_ends_no_job, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(an_account_that_fails_a_job_is_not_quoted, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(a_question_may_have_a_method_and_a_body, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(a_cancellation_may_be_put_and_have_a_body, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(a_video_inside_the_answer_is_one, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(a_cost_is_kept_as_it_is_said, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(refusals_inside_a_success_are_told_apart, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(a_bad_key_by_a_400_is_no_refusal_of_the_task, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
