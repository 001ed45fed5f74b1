/* What the recorded answers of providers mean by the shipped profiles: recorded/NAME.json is a list of
 * answers, each with what it means. What a row does not name must not be there: no link, no code, no
 * sentence. */
#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/json.h"
#include "base/limits.h"
#include "upstream/dialect/answer.h"
#include "upstream/dialect/dialect.h"
#include "upstream/http/message.h"
#include "support/test.h"

#define FOLDER "tests/unit/upstream/dialect/recorded"

static struct arena *arena;

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
	arena_free(arena);
	return 0;
}

static bool
same(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

/* True where the row's member `name` is `text`, or where it has none and `text` is NULL. */
static bool
says(const struct json *means, const char *name, const char *text)
{
	return same(json_string(json_get(means, name)), text);
}

static bool
submission_means(const struct dialect *dialect, const struct http_response *response,
                 const struct json *means)
{
	static const char *const verdicts[] = {[SUBMIT_ACCEPTED] = "accepted",
	                                       [SUBMIT_REFUSED] = "refused",
	                                       [SUBMIT_NO_ACCOUNT] = "no_account",
	                                       [SUBMIT_NOT_ACCEPTED] = "not_accepted",
	                                       [SUBMIT_UNKNOWN] = "unknown"};
	struct submit_answer answer = {0};
	answer_submit(dialect, response, NULL, arena, &answer);
	if (!says(means, "verdict", verdicts[answer.verdict]) || !says(means, "id", answer.external_id))
		return false;
	if (answer.verdict != SUBMIT_REFUSED ||
	    (says(means, "code", answer.code) && says(means, "message", answer.message)))
		return true;
	print_error("code %s, message %s\n", answer.code ? answer.code : "-",
	            answer.message ? answer.message : "-");
	return false;
}

/* What a poll answers, or, with `result`, the second call for the video, after a poll that had none. */
static bool
poll_means(const struct dialect *dialect, const struct http_response *response, bool result,
           const struct json *means)
{
	static const char *const words[] = {
	    [POLL_QUEUED] = "queued",    [POLL_RUNNING] = "running",     [POLL_COMPLETED] = "completed",
	    [POLL_ERROR] = "error",      [POLL_CANCELLED] = "cancelled", [POLL_UNKNOWN_WORD] = "unknown_word",
	    [POLL_NO_VIDEO] = "no_video"};
	struct poll_answer answer = {0};
	int64_t progress = -1;
	answer.status = POLL_COMPLETED;
	answer.progress = -1;
	(result ? answer_result : answer_poll)(dialect, response, arena, &answer);
	if (answer.verdict == POLL_MISSING)
		return says(means, "status", "missing");
	json_integer(json_get(means, "progress"), &progress);
	return answer.verdict == POLL_NEWS && says(means, "status", words[answer.status]) &&
	       answer.progress == progress && says(means, "video_url", answer.video_url) &&
	       says(means, "image_url", answer.image_url) &&
	       (answer.status != POLL_ERROR ||
	        (says(means, "code", answer.error_code) && says(means, "message", answer.error_message)));
}

/* Checks the rows of a file, and returns how many there are. */
static size_t
check_file(const char *name, const char *path)
{
	char why[512];
	struct buf file;
	const struct json *rows;
	size_t count = 0;
	struct dialect *dialect = dialect_load("conf/dialects", name, why, sizeof(why));
	if (!dialect)
		fail_msg("%s", why);
	buf_init(&file, LIMIT_ANSWER);
	assert_int_equal(file_read(path, &file), ERR_OK);
	assert_int_equal(json_parse_bigint(arena, buf_str(&file), file.len, &rows), ERR_OK);
	for (const struct json *row = json_first(rows); row; row = json_next(row), count++) {
		int64_t status = 0;
		const struct json *body = json_get(row, "answer"), *means = json_get(row, "means");
		const char *text = json_type(body) == JSON_NULL ? "" : json_text(arena, body);
		assert_true(json_integer(json_get(row, "status"), &status) && text && means);
		const struct http_response response = {
		    .end = HTTP_ANSWERED, .status = (int)status, .body = text, .body_len = strlen(text)};
		bool submission = says(row, "call", "submit"), result = says(row, "call", "result");
		if (!(submission ? submission_means(dialect, &response, means)
		                 : poll_means(dialect, &response, result, means)))
			fail_msg("%s: %lld %s does not mean %s", path, (long long)status, text,
			         json_text(arena, means));
	}
	buf_free(&file);
	dialect_free(dialect);
	return count;
}

TEST(recorded_answers_mean_what_they_say)
{
	size_t count = 0;
	DIR *folder = opendir(FOLDER);
	assert_non_null(folder);
	for (const struct dirent *entry; (entry = readdir(folder)) != NULL;) {
		char name[64], path[512];
		if (sscanf(entry->d_name, "%63[a-z0-9-].json", name) != 1 || entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), FOLDER "/%s", entry->d_name);
		count += check_file(name, path);
	}
	closedir(folder);
	assert_true(count > 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(recorded_answers_mean_what_they_say, set_up, tear_down),
	};
	return cmocka_run_group_tests_name("upstream/recorded", tests, NULL, NULL);
}
