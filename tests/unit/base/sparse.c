/* Tables of which only what is touched takes memory. */
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/sparse.h"
#include "support/test.h"

enum { PAGES = 64 };

/* The pages of the table that are in memory. */
static size_t
resident(void *table, size_t size)
{
	unsigned char pages[PAGES];
	size_t count = 0;
	assert_int_equal(mincore(table, size, pages), 0);
	for (size_t i = 0; i < PAGES; i++)
		count += pages[i] & 1;
	return count;
}

static void
what_is_not_touched_takes_nothing(void **state)
{
	(void)state;
	size_t size = (size_t)PAGES * (size_t)sysconf(_SC_PAGESIZE);
	char *table = sparse_new(size);
	assert_non_null(table);
	assert_true(resident(table, size) < PAGES);
	for (size_t i = 0; i < size; i++)
		assert_int_equal(table[i], 0);
	table[0] = table[size - 1] = 1;
	assert_int_equal(table[0] + table[size - 1], 2);
	sparse_free(table, size);
}

static void
no_memory_is_told(void **state)
{
	(void)state;
	assert_null(sparse_new(SIZE_MAX / 2));
	sparse_free(NULL, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_not_touched_takes_nothing),
	    cmocka_unit_test(no_memory_is_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
