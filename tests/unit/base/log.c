/* Log lines as they arrive at descriptor 2: form, level, cleaning and cutting. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/utf8.h"
#include "support/test.h"

static char line[8192];

/* Logs `text` at `level` with standard error turned into a pipe; the line that came out, "" for none. */
static const char *
logged(enum log_level level, const char *text)
{
	int ends[2], saved = dup(STDERR_FILENO);

	assert_int_equal(pipe(ends), 0);
	assert_true(dup2(ends[1], STDERR_FILENO) >= 0);
	close(ends[1]);
	log_line(level, "%s", text);
	assert_true(dup2(saved, STDERR_FILENO) >= 0); /* closes the pipe's last writer */
	close(saved);
	ssize_t got = read(ends[0], line, sizeof line - 1);
	assert_true(got >= 0);
	line[got] = '\0';
	assert_int_equal(read(ends[0], line + got, 1), 0);
	close(ends[0]);
	return line;
}

/* What stands behind the head of the line. */
static const char *
text_of(const char *whole)
{
	const char *bracket = strstr(whole, "] ");

	assert_non_null(bracket);
	return bracket + 2;
}

TEST(test_form)
{
	char expected[64];

	log_open("tester", LOG_LEVEL_INFO, false);
	const char *whole = logged(LOG_LEVEL_WARN, "task7");
	snprintf(expected, sizeof expected, " warn tester[%d] task7\n", (int)getpid());
	assert_int_equal(whole[10], 'T');
	assert_int_equal(whole[23], 'Z');
	assert_string_equal(whole + 24, expected);
}

TEST(test_level)
{
	log_open("tester", LOG_LEVEL_WARN, false);
	assert_string_equal(logged(LOG_LEVEL_INFO, "x"), "");
	assert_string_equal(text_of(logged(LOG_LEVEL_ERROR, "x")), "x\n");
	log_open("tester", LOG_LEVEL_DEBUG, false);
	assert_string_equal(text_of(logged(LOG_LEVEL_DEBUG, "x")), "x\n");
}

TEST(test_no_text_forges_a_field)
{
	static const struct {
		const char *text, *line;
	} cases[] = {
	    {"", "\"\"\n"},
	    {"video_1764291402480_4xj89sk", "video_1764291402480_4xj89sk\n"},
	    {"/api/x:~!*'()[]{}@,;+$&#%20", "/api/x:~!*'()[]{}@,;+$&#%20\n"},
	    {"/x status=200 user=1", "\"/x status\\x3d200 user\\x3d1\"\n"},
	    {"/x?client=1.2.3.4", "\"/x?client\\x3d1.2.3.4\"\n"},
	    {"/x\" client=\"1", "\"/x\\x22 client\\x3d\\x221\"\n"},
	    {"a\\", "\"a\\x5c\"\n"},
	    {"a\nb\r\x1B[31m\x7F\t", "\"a\\x0ab\\x0d\\x1b[31m\\x7f\\x09\"\n"},
	    {"\xC2\x9B", "\"\\xc2\\x9b\"\n"}, /* CSI */
	    {"caf\xC3\xA9", "\"caf\xC3\xA9\"\n"},
	    {"caf\xE9", "\"caf\\xe9\"\n"}, /* no UTF-8 */
	    {"\xE6\xB5\xB7\xE8\xBE\xB9", "\"\xE6\xB5\xB7\xE8\xBE\xB9\"\n"},
	    {"a\xE2\x80\xAE"
	     "b",
	     "\"a\\xe2\\x80\\xaeb\"\n"},                        /* right-to-left override */
	    {"\xD7\x90", "\"\\xd7\\x90\"\n"},                   /* a letter that turns the line round */
	    {"\xE2\x81\xA6", "\"\\xe2\\x81\\xa6\"\n"},          /* isolate */
	    {"\xC2\xAD", "\"\\xc2\\xad\"\n"},                   /* soft hyphen */
	    {"\xC2\xA0", "\"\\xc2\\xa0\"\n"},                   /* a blank that is none */
	    {"\xE3\x80\x80", "\"\\xe3\\x80\\x80\"\n"},          /* ideographic space */
	    {"\xE2\x80\xA8", "\"\\xe2\\x80\\xa8\"\n"},          /* line separator */
	    {"\xEF\xBB\xBF", "\"\\xef\\xbb\\xbf\"\n"},          /* byte order mark */
	    {"\xEF\xB8\x8F", "\"\\xef\\xb8\\x8f\"\n"},          /* variation selector */
	    {"\xF3\xA0\x81\x81", "\"\\xf3\\xa0\\x81\\x81\"\n"}, /* tag */
	    {"\xCC\x81", "\"\\xcc\\x81\"\n"}, /* combining: it would change what stands before */
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_string_equal(text_of(logged(LOG_LEVEL_INFO, cases[i].text)), cases[i].line);
	assert_string_equal(text_of(logged(LOG_LEVEL_INFO, NULL)), "-\n");
}

TEST(test_conversions)
{
	int ends[2], saved = dup(STDERR_FILENO);
	assert_int_equal(pipe(ends), 0);
	assert_true(dup2(ends[1], STDERR_FILENO) >= 0);
	errno = ENOENT;
	log_info("a=%d b=%ld c=%lld d=%zu e=%s 100%% %m", -1, LONG_MIN, LLONG_MAX, (size_t)7, "x");
	assert_int_equal(errno, ENOENT);
	assert_true(dup2(saved, STDERR_FILENO) >= 0);
	close(saved);
	close(ends[1]);
	ssize_t got = read(ends[0], line, sizeof line - 1);
	assert_true(got > 0);
	line[got] = '\0';
	close(ends[0]);
	assert_string_equal(text_of(line), "a=-1 b=-9223372036854775808 c=9223372036854775807 d=7 e=x 100% "
	                                   "\"No such file or directory\"\n");
}

/* What is long does not crowd out what follows it. */
TEST(test_long_texts_are_cut)
{
	char text[6001];

	memset(text, 'a', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	const char *cut = text_of(logged(LOG_LEVEL_INFO, text));
	assert_int_equal(strlen(cut), 1 + 256 + 3 + 1 + 1);
	assert_string_equal(cut + 1 + 256, "\xE2\x80\xA6\"\n");
	for (size_t i = 0; i + 3 < sizeof text; i += 3)
		memcpy(text + i, "\xE4\xBB\xBB", 4);
	cut = text_of(logged(LOG_LEVEL_INFO, text));
	assert_true(utf8_count(cut, strlen(cut)) > 0);
	memset(text, 0x80, sizeof text - 1);
	cut = text_of(logged(LOG_LEVEL_INFO, text));
	assert_int_equal(strlen(cut), 1 + 256 + 3 + 1 + 1);
	assert_int_equal(strncmp(cut, "\"\\x80\\x80", 9), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_form),
	    cmocka_unit_test(test_level),
	    cmocka_unit_test(test_no_text_forges_a_field),
	    cmocka_unit_test(test_conversions),
	    cmocka_unit_test(test_long_texts_are_cut),
	};

	return cmocka_run_group_tests_name("base/log", tests, NULL, NULL);
}
