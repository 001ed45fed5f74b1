/* Where the authorities' file is found: libcurl's own first, then those of other systems. */
#include <string.h>
#include <unistd.h>

#include "upstream/http/trust.h"
#include "support/test.h"

static const char there[] = "/proc/self/status", also_there[] = "/proc/self/stat",
                  missing[] = "/proc/self/nothing";

TEST(the_own_file_is_taken_where_it_is)
{
	const char *const known[] = {also_there, NULL};
	assert_ptr_equal(trust_find(there, known), there);
}

TEST(otherwise_the_first_that_is_there)
{
	const char *const known[] = {missing, also_there, there, NULL};
	assert_ptr_equal(trust_find(missing, known), also_there);
	assert_ptr_equal(trust_find(NULL, known), also_there);
}

TEST(where_there_is_none_libcurl_keeps_its_own)
{
	const char *const known[] = {missing, NULL};
	assert_ptr_equal(trust_find(missing, known), missing);
	assert_null(trust_find(NULL, known));
}

TEST(what_libcurl_finds_is_not_replaced)
{
	assert_null(trust_file(there));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_own_file_is_taken_where_it_is),
	    cmocka_unit_test(otherwise_the_first_that_is_there),
	    cmocka_unit_test(where_there_is_none_libcurl_keeps_its_own),
	    cmocka_unit_test(what_libcurl_finds_is_not_replaced),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
