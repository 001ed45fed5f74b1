/* Cells of CSV: what is quoted, and what no spreadsheet may take for a formula. */
#include "base/csv.h"

#include "base/buf.h"
#include "support/test.h"

TEST(cells_are_quoted_where_they_must_be)
{
	static const struct {
		const char *text, *cell;
	} rows[] = {
	    {"plain", "plain,"},
	    {"", ","},
	    {NULL, ","},
	    {"a,b", "\"a,b\","},
	    {"a \"b\"", "\"a \"\"b\"\"\","},
	    {"\"", "\"\"\"\","},
	    {"two\r\nlines", "\"two\r\nlines\","},
	    {"视频", "视频,"},
	    {"=1+1", "'=1+1,"},
	    {"+1", "'+1,"},
	    {"-1", "'-1,"},
	    {"@a", "'@a,"},
	    {"\t=1", "'\t=1,"},
	    {"＝1+1", "'＝1+1,"},
	    {"＠a", "'＠a,"},
	    {"=\"a\"", "\"'=\"\"a\"\"\","},
	    {"a=1", "a=1,"},
	    {"'=1", "'=1,"},
	};
	struct buf out;
	buf_init(&out, 1000);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		buf_clear(&out);
		csv_cell(&out, rows[i].text, false);
		assert_string_equal(buf_str(&out), rows[i].cell);
	}
	buf_clear(&out);
	csv_cell(&out, "a", false);
	csv_cell(&out, "b", true);
	assert_string_equal(buf_str(&out), "a,b\r\n");
	buf_free(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(cells_are_quoted_where_they_must_be),
	};
	return cmocka_run_group_tests_name("base/csv", tests, NULL, NULL);
}
