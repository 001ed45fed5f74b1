/* Byte ranges: the examples of RFC 9110, section 14.1.2, and every border of one small file. */

#include "web/range.h"
#include "support/test.h"

enum { SIZE = 10000 };
#define ETAG "\"abc\""

static void
expect(const char *header, int64_t size, enum range_kind kind, struct range range)
{
	struct range got = {.first = -7, .len = -7};

	if (range_read(header, NULL, ETAG, size, &got) != kind)
		fail_msg("%s of %lld bytes", header, (long long)size);
	assert_int_equal(got.first, kind == RANGE_BAD ? -7 : range.first);
	assert_int_equal(got.len, kind == RANGE_BAD ? -7 : range.len);
}

TEST(test_parts)
{
	expect("bytes=0-499", SIZE, RANGE_PART, (struct range){0, 500});
	expect("bytes=500-999", SIZE, RANGE_PART, (struct range){500, 500});
	expect("bytes=-500", SIZE, RANGE_PART, (struct range){9500, 500});
	expect("bytes=9500-", SIZE, RANGE_PART, (struct range){9500, 500});
	expect("bytes=0-0", SIZE, RANGE_PART, (struct range){0, 1});
	expect("bytes=-1", SIZE, RANGE_PART, (struct range){9999, 1});
	expect("bytes=0-", SIZE, RANGE_PART, (struct range){0, SIZE});
	expect("bytes=9999-9999", SIZE, RANGE_PART, (struct range){9999, 1});
	expect("BYTES= 0-4 ", SIZE, RANGE_PART, (struct range){0, 5});
	/* More than there is means as much as there is. */
	expect("bytes=9999-20000", SIZE, RANGE_PART, (struct range){9999, 1});
	expect("bytes=-20000", SIZE, RANGE_PART, (struct range){0, SIZE});
	expect("bytes=0-99999999999999999999999", SIZE, RANGE_PART, (struct range){0, SIZE});
	expect("bytes=-99999999999999999999999", SIZE, RANGE_PART, (struct range){0, SIZE});
}

TEST(test_unsatisfiable)
{
	expect("bytes=10000-", SIZE, RANGE_BAD, (struct range){0});
	expect("bytes=10000-10001", SIZE, RANGE_BAD, (struct range){0});
	expect("bytes=99999999999999999999999-", SIZE, RANGE_BAD, (struct range){0});
	expect("bytes=-0", SIZE, RANGE_BAD, (struct range){0});
	expect("bytes=0-", 0, RANGE_BAD, (struct range){0});
	expect("bytes=-5", 0, RANGE_BAD, (struct range){0});
}

TEST(test_ignored)
{
	static const char *const headers[] = {
	    "",           "bytes",         "bytes=",       "bytes=-",    "bytes=a-b",
	    "bytes=5-4",  "bytes=0-1,4-5", "bytes=0-1x",   "bytes=--1",  "bytes=0x1-2",
	    "lines=0-1",  "bytes 0-1",     "bytes=1",      "bytes=+1-2", "bytes=1 -2",
	    "bytes=1- 2", "bytes=0-1 ,2",  "bytes=0-1\n2", "bytes=1--2",
	};

	for (size_t i = 0; i < sizeof headers / sizeof *headers; i++)
		expect(headers[i], SIZE, RANGE_WHOLE, (struct range){0, SIZE});
	expect(NULL, SIZE, RANGE_WHOLE, (struct range){0, SIZE});
	expect(NULL, 0, RANGE_WHOLE, (struct range){0, 0});
}

TEST(test_if_range)
{
	struct range range;

	assert_int_equal(range_read("bytes=0-1", ETAG, ETAG, SIZE, &range), RANGE_PART);
	assert_int_equal(range.len, 2);
	assert_int_equal(range_read("bytes=0-1", "\"other\"", ETAG, SIZE, &range), RANGE_WHOLE);
	assert_int_equal(range.len, SIZE);
	assert_int_equal(range_read("bytes=0-1", "W/" ETAG, ETAG, SIZE, &range), RANGE_WHOLE);
	assert_int_equal(range_read("bytes=0-1", "Fri, 28 Nov 2025 00:56:42 GMT", ETAG, SIZE, &range),
	                 RANGE_WHOLE);
	/* Without the condition holding, a range cannot be wrong. */
	assert_int_equal(range_read("bytes=20000-", "\"other\"", ETAG, SIZE, &range), RANGE_WHOLE);
	assert_int_equal(range_read(NULL, ETAG, ETAG, SIZE, &range), RANGE_WHOLE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_parts),
	    cmocka_unit_test(test_unsatisfiable),
	    cmocka_unit_test(test_ignored),
	    cmocka_unit_test(test_if_range),
	};
	return cmocka_run_group_tests_name("web/range", tests, NULL, NULL);
}
