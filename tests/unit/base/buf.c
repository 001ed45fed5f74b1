/* Buffers: the ceiling holds to the byte, failures stick, what fits stays. */
#include <string.h>

#include "base/buf.h"
#include "support/test.h"

TEST(test_empty)
{
	struct buf buf;

	buf_init(&buf, 10);
	assert_string_equal(buf_str(&buf), "");
	buf_drop(&buf, 5);
	buf_clear(&buf);
	buf_free(&buf);
	assert_true(buf_add(&buf, NULL, 0));
	assert_string_equal(buf_str(&buf), "");
	buf_free(&buf);
}

TEST(test_ceiling_to_the_byte)
{
	struct buf buf;

	for (size_t max = 0; max < 600; max += 7) {
		buf_init(&buf, max);
		for (size_t i = 0; i < max; i++)
			assert_true(buf_addc(&buf, 'x'));
		assert_int_equal(buf.len, max);
		assert_false(buf.failed);
		assert_false(buf_addc(&buf, 'y'));
		assert_true(buf.full && buf.failed);
		assert_int_equal(strlen(buf_str(&buf)), max);
		assert_true(buf.cap <= max + 1);
		buf_free(&buf);
		assert_int_equal(buf.max, max);
	}
}

TEST(test_failure_sticks_and_adds_nothing)
{
	struct buf buf;

	buf_init(&buf, 5);
	assert_true(buf_adds(&buf, "abc"));
	assert_false(buf_adds(&buf, "def"));
	assert_false(buf_adds(&buf, "g"));
	assert_false(buf_addf(&buf, "%d", 1));
	assert_string_equal(buf_str(&buf), "abc");
	buf_clear(&buf);
	assert_false(buf.failed || buf.full);
	assert_true(buf_adds(&buf, "fives"));
	assert_string_equal(buf_str(&buf), "fives");
	buf_free(&buf);
}

TEST(test_huge_length_is_refused)
{
	struct buf buf;

	buf_init(&buf, SIZE_MAX);
	assert_true(buf_adds(&buf, "ab"));
	assert_false(buf_add(&buf, "", SIZE_MAX - 1));
	assert_true(buf.failed);
	buf_free(&buf);
}

TEST(test_format_and_drop)
{
	struct buf buf;

	buf_init(&buf, 5000);
	assert_true(buf_addf(&buf, "%s=%d;", "a", 1));
	assert_true(buf_addf(&buf, "%04000d", 0));
	assert_int_equal(buf.len, 4004);
	assert_false(buf_addf(&buf, "%01000d", 0));
	buf_drop(&buf, 4);
	assert_int_equal(buf.len, 4000);
	assert_int_equal(buf_str(&buf)[0], '0');
	buf_drop(&buf, 99999);
	assert_string_equal(buf_str(&buf), "");
	buf_free(&buf);
}

TEST(test_bytes_with_nul)
{
	struct buf buf;

	buf_init(&buf, 100);
	assert_true(buf_add(&buf, "a\0b", 3));
	assert_int_equal(buf.len, 3);
	assert_memory_equal(buf.data, "a\0b", 4);
	buf_free(&buf);
}

TEST(room_is_written_by_the_caller)
{
	struct buf buf;
	buf_init(&buf, 600);
	buf_adds(&buf, "a");
	char *room = buf_room(&buf, 300);
	assert_non_null(room);
	memset(room, 'b', 300);
	buf_adds(&buf, "c");
	assert_int_equal(buf.len, 302);
	assert_true(buf.data[300] == 'b' && buf.data[301] == 'c');
	assert_null(buf_room(&buf, 300));
	assert_true(buf.failed && buf.full);
	assert_int_equal(strlen(buf.data), 302);
	/* Formatting that does not fit leaves what was there. */
	buf_clear(&buf);
	buf_adds(&buf, "kept");
	assert_false(buf_addf(&buf, "%700d", 1));
	assert_string_equal(buf.data, "kept");
	buf_free(&buf);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_empty),
	    cmocka_unit_test(test_ceiling_to_the_byte),
	    cmocka_unit_test(test_failure_sticks_and_adds_nothing),
	    cmocka_unit_test(test_huge_length_is_refused),
	    cmocka_unit_test(test_format_and_drop),
	    cmocka_unit_test(test_bytes_with_nul),
	    cmocka_unit_test(room_is_written_by_the_caller),
	};

	return cmocka_run_group_tests_name("base/buf", tests, NULL, NULL);
}
