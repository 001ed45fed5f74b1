/* What the recorded answers of providers mean by the shipped profiles: recorded/NAME.json is a list of
 * answers, each with what it means. What a row does not name must not be there: no link, no code, no
 * sentence. */
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

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

/* Checks the rows of a file. */
static void
check_file(const char *name)
{
	char why[512], path[512];
	struct buf file;
	const struct json *rows;
	size_t count = 0;
	struct dialect *dialect = dialect_load("conf/dialects", name, why, sizeof(why));
	if (!dialect)
		fail_msg("%s", why);
	snprintf(path, sizeof(path), FOLDER "/%s.json", name);
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
	assert_true(count > 0);
	buf_free(&file);
	dialect_free(dialect);
}

/* Calls `each` with the names "NAME.json" in a folder, without the ending. Returns how many there are. */
static size_t
each_json(const char *folder, void (*each)(const char *name))
{
	size_t count = 0;
	DIR *dir = opendir(folder);
	assert_non_null(dir);
	for (const struct dirent *entry; (entry = readdir(dir)) != NULL;) {
		char name[64] = "";
		size_t len = strlen(entry->d_name);
		if (len <= strlen(".json") || len >= sizeof(name) ||
		    strcmp(entry->d_name + len - strlen(".json"), ".json") != 0)
			continue;
		memcpy(name, entry->d_name, len - strlen(".json"));
		each(name);
		count++;
	}
	closedir(dir);
	return count;
}

TEST(recorded_answers_mean_what_they_say)
{
	assert_true(each_json(FOLDER, check_file) > 0);
}

static void
has_answers(const char *name)
{
	char file[512], folder[512];
	snprintf(file, sizeof(file), FOLDER "/%s.json", name);
	snprintf(folder, sizeof(folder), "tests/unit/upstream/dialect/answers/%s", name);
	if (access(file, R_OK) != 0 && access(folder, R_OK) != 0)
		fail_msg("%s has no recorded answers", name);
}

TEST(each_shipped_profile_has_some)
{
	assert_true(each_json("conf/dialects", has_answers) > 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(recorded_answers_mean_what_they_say, set_up, tear_down),
	    cmocka_unit_test(each_shipped_profile_has_some),
	};
	return cmocka_run_group_tests_name("upstream/recorded", tests, NULL, NULL);
}
