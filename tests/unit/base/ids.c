/* Ids: their form, their length, and that no two are alike. */
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/crypto.h"
#include "base/ids.h"
#include "support/test.h"

enum { DRAWN = 20000 };

static const char base36[] = "0123456789abcdefghijklmnopqrstuvwxyz";

static int
compare(const void *a, const void *b)
{
	return strcmp(a, b);
}

static void
assert_all_different(void *ids, size_t size)
{
	const char *id = ids;

	qsort(ids, DRAWN, size, compare);
	for (size_t i = 1; i < DRAWN; i++)
		assert_string_not_equal(id + (i - 1) * size, id + i * size);
}

TEST(test_video)
{
	static char ids[DRAWN][IDS_VIDEO_SIZE];

	for (size_t i = 0; i < DRAWN; i++) {
		ids_video(1764291402480, ids[i]);
		assert_memory_equal(ids[i], "video_1764291402480_", 20);
		assert_int_equal(strlen(ids[i]), 32);
		assert_int_equal(strspn(ids[i] + 20, base36), 12);
		assert_true(ids_is_word(ids[i], IDS_VIDEO_SIZE));
	}
	assert_all_different(ids, IDS_VIDEO_SIZE);
	ids_video(INT64_MIN, ids[0]);
	assert_int_equal(strlen(ids[0]), 39);
}

TEST(test_short)
{
	static char ids[DRAWN][IDS_SHORT_SIZE];
	bool seen[16][36] = {0};

	for (size_t i = 0; i < DRAWN; i++) {
		ids_short(ids[i]);
		assert_int_equal(strlen(ids[i]), 16);
		assert_int_equal(strspn(ids[i], base36), 16);
		for (size_t at = 0; at < 16; at++)
			seen[at][strchr(base36, ids[i][at]) - base36] = true;
	}
	/* 40 bits fill the first digit of each half to 15 of 36 values, the others wholly. */
	for (size_t at = 0; at < 16; at++) {
		size_t values = 0;

		for (size_t digit = 0; digit < 36; digit++)
			values += seen[at][digit];
		assert_int_equal(values, at % 8 == 0 ? 15 : 36);
	}
	assert_all_different(ids, IDS_SHORT_SIZE);
}

TEST(test_is_word)
{
	assert_true(ids_is_word("sora-2:pro_1.0", 14));
	assert_false(ids_is_word("sora-2:pro_1.0", 13));
	assert_false(ids_is_word("", 10));
	assert_false(ids_is_word("a b", 10));
	assert_false(ids_is_word("a/b", 10));
	assert_false(ids_is_word("\xC3\xA9", 10));
	assert_false(ids_is_word("a\n", 10));
}

static int
open_crypto(void **state)
{
	(void)state;
	return crypto_open() ? 0 : -1;
}

TEST(a_child_draws_others_than_its_parent)
{
	char ours[IDS_SHORT_SIZE], theirs[IDS_SHORT_SIZE] = "";
	int ends[2], status;

	ids_short(ours); /* so that there is something drawn ahead */
	assert_int_equal(pipe(ends), 0);
	pid_t child = fork();
	assert_true(child >= 0);
	ids_short(ours);
	if (child == 0)
		_exit(write(ends[1], ours, sizeof(ours)) != (ssize_t)sizeof(ours));
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_int_equal(read(ends[0], theirs, sizeof(theirs)), sizeof(theirs));
	assert_string_not_equal(ours, theirs);
	close(ends[0]);
	close(ends[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_video),
	    cmocka_unit_test(test_short),
	    cmocka_unit_test(test_is_word),
	    cmocka_unit_test(a_child_draws_others_than_its_parent),
	};

	return cmocka_run_group_tests_name("base/ids", tests, open_crypto, NULL);
}
