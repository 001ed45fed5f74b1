/* The call that tells where the video of a finished job is, and the links that upstreams give for calls about
 * a job. */
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

#define BASE "https://queue.fal.run"

static const char minimax[] =
    "{\"auth\":{\"header\":\"Authorization\"},"
    "\"submit\":{\"path\":\"/v1/video_generation\",\"body\":\"json\",\"accepted\":[200],"
    "\"refused\":{\"at\":[\"/base_resp/status_code\"],\"later\":[1002],\"key\":[1004,1008]},"
    "\"fields\":{\"prompt\":\"prompt\"}},"
    "\"poll\":{\"path\":\"/v1/query/video_generation?task_id={id}\",\"accepted\":[200]},"
    "\"result\":{\"path\":\"/v1/files/retrieve?file_id={result_id}\",\"accepted\":[200]},"
    "\"answer\":{\"id\":[\"/task_id\"],\"status\":[\"/status\"],\"result_id\":[\"/file_id\"],"
    "\"video_url\":[\"/file/download_url\"]},"
    "\"words\":{\"processing\":[\"Processing\"],\"completed\":[\"Success\"],\"failed\":[\"Fail\"]}}";

static const char fal[] =
    "{\"auth\":{\"header\":\"Authorization\",\"prefix\":\"Key \"},"
    "\"submit\":{\"path\":\"/{+model}\",\"body\":\"json\",\"accepted\":[200],"
    "\"fields\":{\"prompt\":\"prompt\"}},"
    "\"poll\":{\"path\":\"/{+model}/requests/{id}/status\",\"url\":[\"/status_url\"],"
    "\"accepted\":[200,202]},"
    "\"result\":{\"path\":\"/{+model}/requests/{id}\",\"url\":[\"/response_url\"],\"accepted\":[200],"
    "\"pending\":[400],\"failed\":[422]},"
    "\"cancel\":{\"method\":\"PUT\",\"path\":\"/{+model}/requests/{id}/cancel\",\"url\":[\"/cancel_url\"]},"
    "\"answer\":{\"id\":[\"/request_id\"],\"status\":[\"/status\"],\"video_url\":[\"/video/url\"],"
    "\"error_code\":[\"/detail/0/type\"],\"completed\":[\"/video/url\"]},"
    "\"words\":{\"queued\":[\"IN_QUEUE\"],\"processing\":[\"IN_PROGRESS\"],\"completed\":[\"COMPLETED\"]}}";

static struct arena *arena;
static struct dialect *dialect;
static struct channel channel;
static struct task task;
static struct http_request request;

static int
set_up(void **state)
{
	(void)state;
	arena = arena_new();
	channel = (struct channel){.name = "c", .base = BASE, .key = "k"};
	task = (struct task){
	    .prompt = "p", .model = "fal-ai/veo3/fast", .options = "{}", .external_id = "job-1"};
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

static void
speak(const char *profile)
{
	char why[256] = "";
	dialect_free(dialect);
	dialect = dialect_parse("test", profile, strlen(profile), why, sizeof(why));
	if (dialect == NULL)
		fail_msg("%s", why);
	channel.dialect = dialect;
}

static struct http_response
response(int status, const char *body)
{
	return (struct http_response){
	    .end = HTTP_ANSWERED, .status = status, .body = body, .body_len = strlen(body)};
}

static struct poll_answer
poll(const char *body)
{
	struct http_response said = response(200, body);
	struct poll_answer answer;
	answer_poll(dialect, &said, arena, &answer);
	return answer;
}

/* What a job is, after a poll that said that it is done and this answer to the second call. */
static struct poll_answer
result(const char *polled, int status, const char *body)
{
	struct poll_answer answer = poll(polled);
	struct http_response said = response(status, body);
	assert_int_equal(answer.status, POLL_COMPLETED);
	assert_true(answer.asks_on);
	answer_result(dialect, &said, arena, &answer);
	assert_false(answer.asks_on);
	return answer;
}

TEST(a_second_call_has_the_video)
{
	speak(minimax);
	assert_false(poll("{\"status\":\"Processing\",\"file_id\":\"\"}").asks_on);
	static const char done[] = "{\"status\":\"Success\",\"file_id\":205258526306433,"
	                           "\"base_resp\":{\"status_code\":0}}";
	struct poll_answer answer = poll(done);
	assert_string_equal(answer.result_id, "205258526306433");
	assert_int_equal(compose_result(&channel, &task, answer.result_id, arena, &request), ERR_OK);
	assert_string_equal(request.method, "GET");
	assert_string_equal(request.url, BASE "/v1/files/retrieve?file_id=205258526306433");
	assert_int_equal(compose_result(&channel, &task, NULL, arena, &request), ERR_INTERNAL);
	answer = result(done, 200,
	                "{\"file\":{\"download_url\":\"https://cdn.example.com/v.mp4\"},"
	                "\"base_resp\":{\"status_code\":0}}");
	assert_int_equal(answer.verdict, POLL_NEWS);
	assert_int_equal(answer.status, POLL_COMPLETED);
	assert_string_equal(answer.video_url, "https://cdn.example.com/v.mp4");
	/* It is asked for again where it says nothing yet, and where the question is refused. */
	assert_int_equal(result(done, 200, "{\"file\":{}}").status, POLL_NO_VIDEO);
	assert_int_equal(result(done, 500, "").verdict, POLL_FAILED);
	assert_int_equal(result(done, 200, "{\"base_resp\":{\"status_code\":1004}}").verdict, POLL_FAILED);
	assert_int_equal(result(done, 200, "{\"base_resp\":{\"status_code\":1002}}").verdict, POLL_THROTTLED);
	assert_int_equal(result(done, 404, "").verdict, POLL_MISSING);
	/* As is a poll that is refused. */
	assert_int_equal(poll("{\"base_resp\":{\"status_code\":1002}}").verdict, POLL_THROTTLED);
	answer = poll("{\"base_resp\":{\"status_code\":1004,\"status_msg\":\"login fail\"}}");
	assert_int_equal(answer.verdict, POLL_FAILED);
	assert_string_equal(answer.why, "The upstream refuses the question: 1004");
}

TEST(a_second_call_may_say_that_the_job_failed_or_runs)
{
	speak(fal);
	static const char done[] = "{\"status\":\"COMPLETED\",\"request_id\":\"job-1\"}";
	struct poll_answer answer = result(done, 200, "{\"video\":{\"url\":\"https://v3.fal.media/v.mp4\"}}");
	assert_int_equal(answer.status, POLL_COMPLETED);
	assert_string_equal(answer.video_url, "https://v3.fal.media/v.mp4");
	answer =
	    result(done, 422, "{\"detail\":[{\"msg\":\"flagged\",\"type\":\"content_policy_violation\"}]}");
	assert_int_equal(answer.verdict, POLL_NEWS);
	assert_int_equal(answer.status, POLL_ERROR);
	assert_string_equal(answer.error_code, "content_policy_violation");
	assert_string_equal(answer.error_message, "flagged");
	answer = result(done, 400, "{\"detail\":\"Request is still in progress\"}");
	assert_int_equal(answer.verdict, POLL_NEWS);
	assert_int_equal(answer.status, POLL_RUNNING);
	/* A link in the first answer needs no second call. */
	assert_false(poll("{\"status\":\"COMPLETED\",\"video\":{\"url\":\"https://a/v\"}}").asks_on);
}

/* Submits, and gives the task the job that was accepted. */
static void
accept(const char *body)
{
	struct http_response said = response(200, body);
	struct submit_answer answer;
	answer_submit(dialect, &said, &task, arena, &answer);
	assert_int_equal(answer.verdict, SUBMIT_ACCEPTED);
	task.external_id = answer.external_id;
	task.job = answer.job;
}

TEST(links_of_the_channels_origin_go_before_paths)
{
	speak(fal);
	accept("{\"request_id\":\"job-1\",\"status_url\":\"" BASE "/fal-ai/veo3/requests/job-1/status\","
	       "\"response_url\":\"" BASE "/fal-ai/veo3/requests/job-1\","
	       "\"cancel_url\":\"" BASE "/fal-ai/veo3/requests/job-1/cancel\"}");
	assert_int_equal(compose_poll(&channel, &task, arena, &request), ERR_OK);
	assert_string_equal(request.url, BASE "/fal-ai/veo3/requests/job-1/status");
	assert_int_equal(compose_result(&channel, &task, NULL, arena, &request), ERR_OK);
	assert_string_equal(request.url, BASE "/fal-ai/veo3/requests/job-1");
	assert_int_equal(compose_cancel(&channel, &task, arena, &request), ERR_OK);
	assert_string_equal(request.method, "PUT");
	assert_string_equal(request.url, BASE "/fal-ai/veo3/requests/job-1/cancel");
}

TEST(a_link_that_leads_elsewhere_is_not_followed)
{
	static const char *const elsewhere[] = {"https://evil.example/x",
	                                        "http://queue.fal.run/x",
	                                        "https://queue.fal.run:8443/x",
	                                        "https://queue.fal.run.evil.example/x",
	                                        "https://queue.fal.run@evil.example/x",
	                                        "//evil.example/x",
	                                        "/x",
	                                        "file:///etc/passwd",
	                                        ""};
	speak(fal);
	for (size_t i = 0; i < sizeof(elsewhere) / sizeof(elsewhere[0]); i++) {
		char body[256];
		snprintf(body, sizeof(body),
		         "{\"request_id\":\"job-1\",\"status_url\":\"%s\",\"response_url\":\"%s\","
		         "\"cancel_url\":\"%s\"}",
		         elsewhere[i], elsewhere[i], elsewhere[i]);
		accept(body);
		assert_int_equal(compose_poll(&channel, &task, arena, &request), ERR_OK);
		assert_string_equal(request.url, BASE "/fal-ai/veo3/fast/requests/job-1/status");
		assert_int_equal(compose_result(&channel, &task, NULL, arena, &request), ERR_OK);
		assert_string_equal(request.url, BASE "/fal-ai/veo3/fast/requests/job-1");
		assert_int_equal(compose_cancel(&channel, &task, arena, &request), ERR_OK);
		assert_string_equal(request.url, BASE "/fal-ai/veo3/fast/requests/job-1/cancel");
	}
	/* Also where the row has such a link: the channel's base may have changed since. */
	task.job = "{\"poll_url\":\"https://old.example/x\"}";
	assert_int_equal(compose_poll(&channel, &task, arena, &request), ERR_OK);
	assert_string_equal(request.url, BASE "/fal-ai/veo3/fast/requests/job-1/status");
	task.job = "{broken";
	assert_int_equal(compose_poll(&channel, &task, arena, &request), ERR_OK);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(a_second_call_has_the_video, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(a_second_call_may_say_that_the_job_failed_or_runs, set_up,
	                                    tear_down),
	    cmocka_unit_test_setup_teardown(links_of_the_channels_origin_go_before_paths, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(a_link_that_leads_elsewhere_is_not_followed, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
