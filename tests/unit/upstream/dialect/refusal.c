/* What upstreams say when they do not take a submission, in every form that is known of them. */
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/limits.h"
#include "model/task.h"
#include "upstream/dialect/answer.h"
#include "upstream/dialect/dialect.h"
#include "upstream/http/client.h"
#include "support/test.h"

static struct arena *arena;
static struct dialect *dialect;
static char why[256];

static int
set_up(void **state)
{
	(void)state;
	arena = arena_new();
	dialect = dialect_load("conf/dialects", "openai", why, sizeof(why));
	return arena && dialect ? 0 : -1;
}

static int
tear_down(void **state)
{
	(void)state;
	dialect_free(dialect);
	arena_free(arena);
	return 0;
}

static struct submit_answer
submit(int status, const char *json)
{
	struct submit_answer answer;
	const struct http_response response = {
	    .end = HTTP_ANSWERED, .status = status, .body = json, .body_len = strlen(json)};
	answer_submit(dialect, &response, NULL, arena, &answer);
	return answer;
}

static bool
same(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

struct row {
	int status;
	const char *json;
	enum submit_verdict verdict;
	const char *code, *message;
};

static void
expect(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct submit_answer answer = submit(rows[i].status, rows[i].json);
		if (answer.verdict != rows[i].verdict || !same(answer.code, rows[i].code) ||
		    !same(answer.message, rows[i].message))
			fail_msg("%d %s: verdict %d, code %s, message %s", rows[i].status, rows[i].json,
			         answer.verdict, answer.code ? answer.code : "-",
			         answer.message ? answer.message : "-");
	}
}

TEST(the_reason_always_arrives)
{
	static const struct row rows[] = {
	    {400, "{\"error\":{\"code\":\"moderation_blocked\",\"message\":\"No.\"}}", SUBMIT_REFUSED,
	     "moderation_blocked", "No."},
	    {400, "{\"error\":\"No.\"}", SUBMIT_REFUSED, NULL, "No."},
	    {400, "{\"error\":\"No image at https://a/input?expires=1&signature=0aF and ?signature=\"}",
	     SUBMIT_REFUSED, NULL, "No image at https://a/input?expires=1&signature=*** and ?signature="},
	    {400, "{\"message\":\"No.\"}", SUBMIT_REFUSED, NULL, "No."},
	    {400, "{\"detail\":\"No.\"}", SUBMIT_REFUSED, NULL, "No."},
	    {422, "{\"detail\":[{\"loc\":[\"body\"],\"msg\":\"No.\"},{\"msg\":\"Nor this.\"}]}",
	     SUBMIT_REFUSED, NULL, "No.; Nor this."},
	    {400, "{\"fail_reason\":\"No.\"}", SUBMIT_REFUSED, NULL, "No."},
	    {400, "{\"error_message\":\"No.\"}", SUBMIT_REFUSED, NULL, "No."},
	    {400, "{\"failure\":\"No.\",\"failureCode\":\"SAFETY\"}", SUBMIT_REFUSED, "SAFETY", "No."},
	    {400, "{\"status_msg\":\"No.\"}", SUBMIT_REFUSED, NULL, "No."},
	    {400, "{\"code\":1201,\"message\":\"No.\"}", SUBMIT_REFUSED, "1201", "No."},
	    {400, "{\"base_resp\":{\"status_code\":2013,\"status_msg\":\"No.\"}}", SUBMIT_REFUSED, "2013",
	     "No."},
	    {400, "{\"error\":{\"error\":{\"message\":\"No.\",\"code\":\"c\"}}}", SUBMIT_REFUSED, "c", "No."},
	    {400, "{\"error\":{\"error\":\"No.\"}}", SUBMIT_REFUSED, NULL, "No."},
	    {400, "{\"error\":\"invalid_request\",\"error_description\":\"No.\"}", SUBMIT_REFUSED, NULL,
	     "No."},
	    {400, "{\"error\":\"Validation failed\",\"issues\":[{\"message\":\"No.\"}]}", SUBMIT_REFUSED,
	     NULL, "No."},
	    {400, "{\"error\":\"No.\",\"issues\":[]}", SUBMIT_REFUSED, NULL, "No."},
	    {400, "{\"Code\":\"c\",\"Message\":\"No.\"}", SUBMIT_REFUSED, "c", "No."},
	    {400, "[{\"error\":{\"code\":\"c\",\"message\":\"No.\"}}]", SUBMIT_REFUSED, "c", "No."},
	    {400, "\"No.\"", SUBMIT_REFUSED, NULL, "No."},
	    {400, "\xef\xbb\xbf No.\r\n", SUBMIT_REFUSED, NULL, "No."},
	    {500, "It broke.\n", SUBMIT_UNKNOWN, NULL, "It broke."},
	    /* A page, or what is cut off, is no sentence. */
	    {400, "<html>No.</html>", SUBMIT_REFUSED, NULL, "The upstream answered 400."},
	    {400, "{\"error\":\"No.", SUBMIT_REFUSED, NULL, "The upstream answered 400."},
	    {400, "\"No.", SUBMIT_REFUSED, NULL, "The upstream answered 400."},
	    {400, "N\xf6.", SUBMIT_REFUSED, NULL, "The upstream answered 400."},
	    {400, " ", SUBMIT_REFUSED, NULL, "The upstream answered 400."},
	    {400, "12", SUBMIT_REFUSED, NULL, "The upstream answered 400."},
	    {401, "Key k1 is bad.", SUBMIT_NO_ACCOUNT, NULL, "The upstream answered 401."},
	    {400, "Insufficient balance.", SUBMIT_NO_ACCOUNT, NULL, "Insufficient balance."},
	    /* Not known what became of it: but what was said is kept. */
	    {500, "{\"error\":{\"code\":\"boom\",\"message\":\"It broke.\"}}", SUBMIT_UNKNOWN, "boom",
	     "It broke."},
	    {500, "{\"detail\":\"It broke.\"}", SUBMIT_UNKNOWN, NULL, "It broke."},
	};
	expect(rows, sizeof(rows) / sizeof(rows[0]));
}

TEST(a_refusal_may_come_as_a_success)
{
	static const struct row rows[] = {
	    {200, "{\"error\":{\"code\":\"policy\",\"message\":\"No.\"}}", SUBMIT_REFUSED, "policy", "No."},
	    {200, "{\"error\":\"No.\"}", SUBMIT_REFUSED, NULL, "No."},
	    {200, "{\"id\":\"\",\"base_resp\":{\"status_code\":1026,\"status_msg\":\"No.\"}}", SUBMIT_REFUSED,
	     "1026", "No."},
	    {200, "{\"ErrCode\":500063,\"ErrMsg\":\"No.\",\"Resp\":null}", SUBMIT_REFUSED, "500063", "No."},
	    {200, "{\"code\":1301,\"message\":\"No.\"}", SUBMIT_REFUSED, "1301", "No."},
	    {200, "{\"code\":\"bad_prompt\",\"message\":\"No.\",\"data\":null}", SUBMIT_REFUSED, "bad_prompt",
	     "No."},
	    {200, "{\"Response\":{\"Error\":{\"Code\":\"X\",\"Message\":\"No.\"}}}", SUBMIT_REFUSED, "X",
	     "No."},
	    {200, "{\"success\":false,\"message\":\"No.\"}", SUBMIT_REFUSED, NULL, "No."},
	    {200, "{\"status\":\"failed\",\"fail_reason\":\"No.\"}", SUBMIT_REFUSED, NULL, "No."},
	    {202, "{\"detail\":[{\"msg\":\"No.\"}]}", SUBMIT_REFUSED, NULL, "No."},
	    {200, "[{\"error\":{\"code\":\"c\",\"message\":\"No.\"}}]", SUBMIT_REFUSED, "c", "No."},
	    {200, "No.", SUBMIT_UNKNOWN, NULL, "The upstream answered 200 without a task id."},
	    /* Of these it is not known. */
	    {200, "{\"error\":null,\"code\":0,\"message\":\"ok\"}", SUBMIT_UNKNOWN, NULL,
	     "The upstream answered 200 without a task id."},
	    {200, "{\"error\":{},\"code\":\"Success\",\"base_resp\":{\"status_code\":0}}", SUBMIT_UNKNOWN,
	     NULL, "The upstream answered 200 without a task id."},
	    {200, "{\"error\":\"\",\"errors\":[],\"ErrCode\":0,\"success\":true}", SUBMIT_UNKNOWN, NULL,
	     "The upstream answered 200 without a task id."},
	    /* A rate limit, wherever it stands. */
	    {200, "{\"code\":429,\"message\":\"Later.\"}", SUBMIT_NOT_ACCEPTED, "429", "Later."},
	};
	expect(rows, sizeof(rows) / sizeof(rows[0]));
	assert_false(submit(200, "{\"error\":\"No.\"}").fault);
	assert_int_equal(submit(200, "{\"id\":\"v\",\"error\":null}").verdict, SUBMIT_ACCEPTED);
	assert_int_equal(submit(200, "{\"id\":\"v\",\"error\":{\"code\":0}}").verdict, SUBMIT_ACCEPTED);
}

TEST(the_operators_trouble_is_told_apart)
{
	static const struct row rows[] = {
	    {402, "{\"error\":{\"message\":\"Pay.\"}}", SUBMIT_NO_ACCOUNT, NULL, "Pay."},
	    {401, "{}", SUBMIT_NO_ACCOUNT, NULL, "The upstream answered 401."},
	    {429, "{\"error\":{\"code\":\"insufficient_quota\"}}", SUBMIT_NO_ACCOUNT, "insufficient_quota",
	     "The upstream answered 429."},
	    {403, "{\"error\":{\"code\":\"insufficient_user_quota\",\"message\":\"Pay.\"}}",
	     SUBMIT_NO_ACCOUNT, "insufficient_user_quota", "Pay."},
	    {403, "{\"message\":\"\xe4\xbd\x99\xe9\xa2\x9d\xe4\xb8\x8d\xe8\xb6\xb3\"}", SUBMIT_NO_ACCOUNT,
	     NULL, "\xe4\xbd\x99\xe9\xa2\x9d\xe4\xb8\x8d\xe8\xb6\xb3"},
	    {400, "{\"error\":{\"message\":\"API key not valid. Please pass one.\"}}", SUBMIT_NO_ACCOUNT,
	     NULL, "API key not valid. Please pass one."},
	    {200, "{\"code\":401,\"message\":\"Who?\"}", SUBMIT_NO_ACCOUNT, "401", "Who?"},
	    {503, "{\"code\":\"insufficient_balance\"}", SUBMIT_NO_ACCOUNT, "insufficient_balance",
	     "The upstream answered 503."},
	    {500, "{\"message\":\"Insufficient balance.\"}", SUBMIT_UNKNOWN, NULL,
	     "The upstream answered 500."},
	    {403, "{\"message\":\"Not this content.\"}", SUBMIT_REFUSED, NULL, "Not this content."},
	};
	expect(rows, sizeof(rows) / sizeof(rows[0]));
	assert_true(submit(403, "{}").doubtful);
	assert_false(submit(400, "{}").doubtful);
}

TEST(a_missing_model_is_told_apart)
{
	assert_true(submit(404, "{\"error\":{\"code\":\"model_not_found\"}}").no_model);
	assert_true(submit(404, "{\"error\":{\"message\":\"The model `x` does not exist.\"}}").no_model);
	assert_false(submit(404, "{\"error\":{\"message\":\"No such video.\"}}").no_model);
	assert_false(submit(400, "{\"error\":{\"message\":\"The model does not exist.\"}}").no_model);
}

/* The profile's own places and words. */
TEST(a_profile_says_what_is_a_refusal)
{
	char text[8192];
	struct buf file;
	buf_init(&file, sizeof(text));
	assert_int_equal(file_read("conf/dialects/openai.json", &file), ERR_OK);
	const char *from = strstr(buf_str(&file), "\"path\": \"/v1/videos\"");
	assert_non_null(from);
	snprintf(
	    text, sizeof(text),
	    "%.*s\"refused\": {\"at\": [\"/r/c\"], \"unless\": [7, true], \"later\": [1002, \"too many\"], "
	    "\"key\": [1004, \"no purse\"]}, %s",
	    (int)(from - buf_str(&file)), buf_str(&file), from);
	buf_free(&file);
	dialect_free(dialect);
	dialect = dialect_parse("x", text, strlen(text), why, sizeof(why));
	if (!dialect)
		fail_msg("%s", why);
	static const struct row rows[] = {
	    {200, "{\"id\":\"v\",\"r\":{\"c\":7}}", SUBMIT_ACCEPTED, NULL, NULL},
	    {200, "{\"id\":\"v\",\"r\":{\"c\":0},\"message\":\"No.\"}", SUBMIT_REFUSED, NULL, "No."},
	    {200, "{\"id\":\"v\",\"r\":{\"c\":true}}", SUBMIT_ACCEPTED, NULL, NULL},
	    {200, "{\"id\":\"v\",\"r\":{\"c\":false},\"message\":\"No.\"}", SUBMIT_REFUSED, NULL, "No."},
	    {400, "{\"code\":1002,\"message\":\"Wait.\"}", SUBMIT_NOT_ACCEPTED, "1002", "Wait."},
	    {400, "{\"code\":9,\"message\":\"Far too MANY.\"}", SUBMIT_NOT_ACCEPTED, "9", "Far too MANY."},
	    {200, "{\"code\":1004,\"message\":\"Key.\"}", SUBMIT_NO_ACCOUNT, "1004", "Key."},
	    {403, "{\"code\":9,\"message\":\"No purse!\"}", SUBMIT_NO_ACCOUNT, "9", "No purse!"},
	    {400, "{\"code\":10041,\"message\":\"Else.\"}", SUBMIT_REFUSED, "10041", "Else."},
	};
	expect(rows, sizeof(rows) / sizeof(rows[0]));
}

/* A word of success for a job that is forgotten is as good as a 404: it does not take until the deadline. */
TEST(a_forgotten_job_is_missing)
{
	struct poll_answer answer;
	static const char json[] = "{\"output\":{\"task_id\":\"t\",\"task_status\":\"UNKNOWN\"}}";
	const struct http_response response = {
	    .end = HTTP_ANSWERED, .status = 200, .body = json, .body_len = strlen(json)};
	dialect_free(dialect);
	dialect = dialect_load("conf/dialects", "dashscope", why, sizeof(why));
	assert_non_null(dialect);
	answer_poll(dialect, &response, arena, &answer);
	assert_int_equal(answer.verdict, POLL_MISSING);
	assert_false(answer.fault);
}

/* The model and the prompt are the user's: a refusal that quotes them says nothing of the operator's account,
 * which would hold up all users. */
TEST(a_quotation_is_no_trouble_of_the_operators)
{
	static const struct task model = {.model = "Invalid API Key", .prompt = "a cat"};
	static const struct task prompt = {.prompt = "a banker says insufficient BALANCE"};
	static const struct {
		const struct task *task;
		const char *json;
	} rows[] = {
	    {&model, "{\"error\":{\"message\":\"The model `Invalid API Key` does not exist\"}}"},
	    {&prompt, "{\"detail\":\"not allowed: a banker says insufficient BALANCE\"}"},
	};
	for (size_t i = 0; i < 2 * sizeof(rows) / sizeof(rows[0]); i++) {
		struct submit_answer answer;
		const char *json = rows[i / 2].json;
		bool quoted = i % 2 != 0;
		const struct http_response response = {
		    .end = HTTP_ANSWERED, .status = 400, .body = json, .body_len = strlen(json)};
		answer_submit(dialect, &response, quoted ? rows[i / 2].task : NULL, arena, &answer);
		assert_int_equal(answer.verdict, quoted ? SUBMIT_REFUSED : SUBMIT_NO_ACCOUNT);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(the_reason_always_arrives, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(a_refusal_may_come_as_a_success, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(the_operators_trouble_is_told_apart, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(a_quotation_is_no_trouble_of_the_operators, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(a_missing_model_is_told_apart, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(a_profile_says_what_is_a_refusal, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(a_forgotten_job_is_missing, set_up, tear_down),
	};
	return cmocka_run_group_tests_name("upstream/refusal", tests, NULL, NULL);
}
