/* What the log is told of a channel: each change once, and no flood. */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "domain/channel/note.h"
#include "upstream/http/message.h"
#include "support/test.h"

static char line[4096];

/* What is logged of the response at `now`, behind the head of the line; "" for nothing. */
static const char *
noted(struct channel_notes *notes, struct http_response response, int64_t now)
{
	int ends[2], saved = dup(STDERR_FILENO);
	assert_int_equal(pipe(ends), 0);
	assert_true(dup2(ends[1], STDERR_FILENO) >= 0);
	channel_note(notes, "first", &response, now);
	assert_true(dup2(saved, STDERR_FILENO) >= 0);
	close(saved);
	close(ends[1]);
	ssize_t got = read(ends[0], line, sizeof(line) - 1);
	close(ends[0]);
	line[got > 0 ? got : 0] = '\0';
	const char *text = strstr(line, "] ");
	return text != NULL ? text + 2 : line;
}

static struct http_response
lost(const char *why, int error)
{
	return (struct http_response){.end = HTTP_NOT_SENT, .why = why, .error = error, .body = ""};
}

static struct http_response
answered(int status)
{
	return (struct http_response){.end = HTTP_ANSWERED, .status = status, .body = ""};
}

TEST(each_change_is_told_once)
{
	struct channel_notes *notes = channel_notes_new();
	const char refused[] =
	    "channel=first state=failing why=\"Couldn't connect to server: host (Connection refused)\"\n";
	assert_string_equal(noted(notes, answered(200), 1), "");
	assert_string_equal(noted(notes, lost("Couldn't connect to server: host", ECONNREFUSED), 2), refused);
	for (int64_t now = 3; now < 100000; now += 5000)
		assert_string_equal(noted(notes, lost("Couldn't connect to server: host", ECONNREFUSED), now),
		                    "");
	assert_string_equal(noted(notes, lost("Timeout was reached: host", 0), 100000),
	                    "channel=first state=failing why=\"Timeout was reached: host\"\n");
	assert_string_equal(noted(notes, answered(404), 120000), "channel=first state=working\n");
	assert_string_equal(noted(notes, answered(401), 140000),
	                    "channel=first state=failing why=\"It answered 401\"\n");
	assert_string_equal(noted(notes, answered(429), 160000), "channel=first state=working\n");
	assert_string_equal(noted(notes, answered(502), 180000),
	                    "channel=first state=failing why=\"It answered 502\"\n");
	channel_notes_free(notes);
}

TEST(coming_and_going_is_no_flood)
{
	struct channel_notes *notes = channel_notes_new();
	int lines = 0;
	for (int64_t now = 0; now < 60000; now += 100)
		lines += noted(notes, now / 100 % 2 == 0 ? lost("x", 0) : answered(200), now)[0] != '\0';
	assert_in_range(lines, 2, 7);
	/* The last word is right in the end. */
	noted(notes, lost("x", 0), 70000);
	assert_string_equal(noted(notes, answered(200), 80000), "channel=first state=working\n");
	channel_notes_free(notes);
}

TEST(our_own_end_says_nothing)
{
	struct channel_notes *notes = channel_notes_new();
	struct http_response ours = lost("Ended by ourselves", 0);
	ours.ours = true;
	assert_string_equal(noted(notes, ours, 1), "");
	channel_notes_free(notes);
	channel_notes_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_change_is_told_once),
	    cmocka_unit_test(coming_and_going_is_no_flood),
	    cmocka_unit_test(our_own_end_says_nothing),
	};
	log_open("tester", LOG_LEVEL_INFO, false);
	return cmocka_run_group_tests_name("domain/channel/note", tests, NULL, NULL);
}
