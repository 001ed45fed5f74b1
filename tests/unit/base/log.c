/* Log lines as they arrive at descriptor 2: form, level, cleaning and cutting. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/log.h"
#include "base/utf8.h"

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

static void
test_form(void **state)
{
	char expected[64];

	(void)state;
	log_open("tester", LOG_LEVEL_INFO, false);
	const char *whole = logged(LOG_LEVEL_WARN, "task=7");
	snprintf(expected, sizeof expected, " warn tester[%d] task=7\n", (int)getpid());
	assert_int_equal(whole[10], 'T');
	assert_int_equal(whole[23], 'Z');
	assert_string_equal(whole + 24, expected);
}

static void
test_level(void **state)
{
	(void)state;
	log_open("tester", LOG_LEVEL_WARN, false);
	assert_string_equal(logged(LOG_LEVEL_INFO, "x"), "");
	assert_string_equal(text_of(logged(LOG_LEVEL_ERROR, "x")), "x\n");
	log_open("tester", LOG_LEVEL_DEBUG, false);
	assert_string_equal(text_of(logged(LOG_LEVEL_DEBUG, "x")), "x\n");
}

static void
test_a_line_stays_a_line(void **state)
{
	(void)state;
	assert_string_equal(text_of(logged(LOG_LEVEL_INFO, "a\nb\r\x1B[31m\x7F\t")), "a?b??[31m??\n");
	assert_string_equal(text_of(logged(LOG_LEVEL_INFO, "\xC2\x9B"
	                                                   "31m \xC3\xA9")),
	                    "??31m \xC3\xA9\n");
	assert_string_equal(text_of(logged(LOG_LEVEL_INFO, "caf\xE9")), "caf?\n");
}

static void
test_long_lines_are_cut(void **state)
{
	char text[6001];

	(void)state;
	for (size_t i = 0; i + 3 < sizeof text; i += 3)
		memcpy(text + i, "\xE4\xBB\xBB", 4);
	const char *whole = logged(LOG_LEVEL_INFO, text);
	size_t len = strlen(whole);
	assert_in_range(len, 2045, 2048);
	assert_true(utf8_count(whole, len) > 0);
	assert_null(strchr(text_of(whole), '?'));
	assert_int_equal(whole[len - 1], '\n');
	memset(text, 0x80, sizeof text - 1);
	whole = logged(LOG_LEVEL_INFO, text);
	assert_int_equal(strlen(whole), 2048);
	assert_int_equal(strspn(text_of(whole), "?"), strlen(text_of(whole)) - 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_form),
	    cmocka_unit_test(test_level),
	    cmocka_unit_test(test_a_line_stays_a_line),
	    cmocka_unit_test(test_long_lines_are_cut),
	};

	return cmocka_run_group_tests_name("base/log", tests, NULL, NULL);
}
