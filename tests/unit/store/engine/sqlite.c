/* SQLite's result codes as our errors. */

#include "store/engine/sqlite.h"
#include "support/test.h"

TEST(errors_are_ours)
{
	static const struct {
		int code;
		enum err_code err;
	} cases[] = {
	    {SQLITE_OK, ERR_OK},
	    {SQLITE_ROW, ERR_OK},
	    {SQLITE_DONE, ERR_OK},
	    {SQLITE_CONSTRAINT_UNIQUE, ERR_CONFLICT},
	    {SQLITE_CONSTRAINT_PRIMARYKEY, ERR_CONFLICT},
	    {SQLITE_CONSTRAINT_FOREIGNKEY, ERR_NOT_FOUND},
	    {SQLITE_CONSTRAINT_CHECK, ERR_INTERNAL},
	    {SQLITE_BUSY, ERR_BUSY},
	    {SQLITE_BUSY_SNAPSHOT, ERR_BUSY},
	    {SQLITE_LOCKED, ERR_BUSY},
	    {SQLITE_FULL, ERR_NO_SPACE},
	    {SQLITE_NOMEM, ERR_NO_MEMORY},
	    {SQLITE_IOERR_NOMEM, ERR_NO_MEMORY},
	    {SQLITE_CORRUPT, ERR_CORRUPT},
	    {SQLITE_CORRUPT_INDEX, ERR_CORRUPT},
	    {SQLITE_NOTADB, ERR_CORRUPT},
	    {SQLITE_IOERR_FSYNC, ERR_INTERNAL},
	    {SQLITE_READONLY, ERR_INTERNAL},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(sqlite_error(cases[i].code), cases[i].err);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(errors_are_ours),
	};
	return cmocka_run_group_tests_name("store/engine/sqlite", tests, NULL, NULL);
}
