/* The ends of long strings are left out of an answer, wherever the pieces of it end. */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "upstream/http/cut.h"
#include "support/test.h"

/* What is left of a text that comes in pieces of that size. */
static void
expect(const char *text, size_t len, size_t piece, const char *left)
{
	struct cut cut = {0};
	struct buf buf;
	buf_init(&buf, LIMIT_ANSWER);
	for (size_t at = 0; at < len; at += piece)
		assert_true(cut_add(&cut, &buf, text + at, len - at < piece ? len - at : piece));
	assert_string_equal(buf_str(&buf), left);
	assert_true(buf.cap <= 4 * LIMIT_ANSWER_STRING);
	buf_free(&buf);
}

TEST(short_strings_stay)
{
	static const char text[] = " {\"a\":\"x\\\"y\\\\\",\"\":[\"\",1,\"\\u00e9\"]} ";
	for (size_t piece = 1; piece < sizeof(text); piece++)
		expect(text, sizeof(text) - 1, piece, text);
}

TEST(of_long_strings_the_beginning_stays)
{
	enum { LONG = 3 * 1024 * 1024 };
	static char text[LONG + 64], left[LIMIT_ANSWER_STRING + 64];
	int head = snprintf(text, sizeof(text), "{\"v\":\"");
	memset(text + head, 'A', LONG);
	memcpy(text + head + 100000, "\\\"\\\\\\u00e9", 10);
	size_t len = (size_t)(head + LONG);
	len += (size_t)snprintf(text + len, sizeof(text) - len, "\",\"w\":\"B\\\"\"}");
	snprintf(left, sizeof(left), "%.*s\",\"w\":\"B\\\"\"}", head + LIMIT_ANSWER_STRING, text);
	static const size_t pieces[] = {1, 7, 16384, 1000003, sizeof(text)};
	for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++)
		expect(text, len, pieces[i], left);
}

/* Cut in the middle, a character or an escape would make the whole answer unreadable. */
TEST(nothing_is_cut_in_its_middle)
{
	static const char *const units[] = {
	    "\\n", "\\\"", "\\u00e9", "\\ud83d\\ude00", "\xc3\xa9", "\xf0\x9f\x98\x80"};
	static char text[LIMIT_ANSWER_STRING + 64], left[sizeof(text)];
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		for (size_t in = 0; in <= strlen(units[i]); in++) {
			size_t head = LIMIT_ANSWER_STRING - in;
			text[0] = '"';
			memset(text + 1, 'A', head);
			snprintf(text + 1 + head, sizeof(text) - 1 - head, "%s%s\"", units[i], "AAAA");
			memcpy(left, text, 1 + head);
			snprintf(left + 1 + head, sizeof(left) - 1 - head, "%s\"",
			         in == strlen(units[i]) ? units[i] : "");
			expect(text, strlen(text), 1000, left);
		}
}

TEST(the_limit_is_exact)
{
	static char text[LIMIT_ANSWER_STRING + 8];
	text[0] = '"';
	memset(text + 1, 'A', LIMIT_ANSWER_STRING + 1);
	text[LIMIT_ANSWER_STRING + 1] = '"';
	char kept[sizeof(text)];
	memcpy(kept, text, sizeof(text));
	expect(text, LIMIT_ANSWER_STRING + 2, 1000, kept);
	text[LIMIT_ANSWER_STRING + 1] = 'A';
	text[LIMIT_ANSWER_STRING + 2] = '"';
	expect(text, LIMIT_ANSWER_STRING + 3, 1000, kept);
}

TEST(what_is_too_long_all_the_same_is_refused)
{
	struct cut cut = {0};
	struct buf buf;
	static char text[LIMIT_ANSWER + 1];
	memset(text, '1', sizeof(text));
	buf_init(&buf, LIMIT_ANSWER);
	assert_false(cut_add(&cut, &buf, text, sizeof(text)));
	assert_true(buf.full);
	assert_false(cut_add(&cut, &buf, "\"a\"", 3));
	buf_free(&buf);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(short_strings_stay),
	    cmocka_unit_test(of_long_strings_the_beginning_stays),
	    cmocka_unit_test(nothing_is_cut_in_its_middle),
	    cmocka_unit_test(the_limit_is_exact),
	    cmocka_unit_test(what_is_too_long_all_the_same_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
