/* Refusals are counted by word, by many at a time, and a file that is not as it was written does no harm. */
#include "base/refusals.h"

#include <pthread.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/tmpdir.h"
#include "support/test.h"

enum { THREADS = 4, EACH = 50 };

static char path[200];

static uint64_t
count(enum err_code code)
{
	uint64_t counts[ERR__MAX];
	refusals_read(counts);
	return counts[code];
}

/* Makes the file anew, with these bytes. */
static void
write_file(const char *bytes)
{
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	assert_true(fputs(bytes, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static void *
refuse(void *cookie)
{
	(void)cookie;
	for (int i = 0; i < EACH; i++) {
		refusals_add(ERR_OVER_BUDGET);
		refusals_add(i % 2 == 0 ? ERR_NOT_FOUND : ERR_BUSY);
	}
	return NULL;
}

TEST(threads_and_processes_lose_none)
{
	pthread_t threads[THREADS];
	int status = -1;
	write_file("");
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		refuse(NULL);
		_exit(0);
	}
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, refuse, NULL), 0);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_int_equal(count(ERR_OVER_BUDGET), (THREADS + 1) * EACH);
	assert_int_equal(count(ERR_NOT_FOUND), (THREADS + 1) * EACH / 2);
	assert_int_equal(count(ERR_BUSY), (THREADS + 1) * EACH / 2);
	assert_int_equal(count(ERR_INTERNAL), 0);
}

TEST(codes_of_one_word_have_one_count)
{
	write_file("");
	refusals_add(ERR_NO_CREDIT);
	refusals_add(ERR_LESS_CREDIT);
	assert_int_equal(count(ERR_NO_CREDIT), 2);
	assert_int_equal(count(ERR_LESS_CREDIT), 2);
}

TEST(each_word_has_its_row_and_no_more_are_made)
{
	struct stat st;
	off_t size;
	write_file("");
	for (int code = 0; code < ERR__MAX; code++)
		refusals_add((enum err_code)code);
	assert_int_equal(stat(path, &st), 0);
	size = st.st_size;
	for (int code = 0; code < ERR__MAX; code++)
		refusals_add((enum err_code)code);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_size, size);
	assert_int_equal(count(ERR_BUSY), 2);
}

TEST(a_row_that_is_half_written_or_no_number_begins_anew)
{
	write_file("not_f");
	refusals_add(ERR_NOT_FOUND);
	refusals_add(ERR_BUSY);
	refusals_add(ERR_NOT_FOUND);
	assert_int_equal(count(ERR_NOT_FOUND), 2);
	assert_int_equal(count(ERR_BUSY), 1);
	write_file("not_found                               -0000000000000000007\n");
	assert_int_equal(count(ERR_NOT_FOUND), 0);
	refusals_add(ERR_NOT_FOUND);
	assert_int_equal(count(ERR_NOT_FOUND), 1);
}

TEST(without_a_file_nothing_is_counted)
{
	assert_int_equal(unlink(path), 0);
	assert_int_equal(count(ERR_BUSY), 0);
	assert_int_equal(mkdir(path, 0700), 0);
	refusals_add(ERR_BUSY);
	assert_int_equal(count(ERR_BUSY), 0);
	assert_int_equal(rmdir(path), 0);
	refusals_share("");
	refusals_add(ERR_BUSY);
	assert_int_equal(access(path, F_OK), -1);
	refusals_share(path);
	refusals_add(ERR_BUSY);
	assert_int_equal(count(ERR_BUSY), 1);
}

static int
share(void **state)
{
	char *dir = tmpdir_make();
	*state = dir;
	snprintf(path, sizeof(path), "%s/refusals", dir);
	refusals_share(path);
	return 0;
}

static int
clean(void **state)
{
	tmpdir_remove(*state);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(threads_and_processes_lose_none),
	    cmocka_unit_test(codes_of_one_word_have_one_count),
	    cmocka_unit_test(each_word_has_its_row_and_no_more_are_made),
	    cmocka_unit_test(a_row_that_is_half_written_or_no_number_begins_anew),
	    cmocka_unit_test(without_a_file_nothing_is_counted),
	};
	return cmocka_run_group_tests_name("base/refusals", tests, share, clean);
}
