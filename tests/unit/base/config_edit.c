/* One key of a configuration is changed, and nothing else. */
#include "base/config_edit.h"

#include "base/buf.h"

#include "support/test.h"

TEST(a_line_is_replaced_or_put_where_it_belongs)
{
	static const struct {
		const char *text, *edited;
	} rows[] = {
	    {"", "listen = 80\n"},
	    {"a = 1", "a = 1\nlisten = 80\n"},
	    {"a = 1\n", "a = 1\nlisten = 80\n"},
	    {"listen = 1\n", "listen = 80\n"},
	    {"listen = 1", "listen = 80\n"},
	    {"a = 1\n  listen=1 # old\nb = 2\n", "a = 1\nlisten = 80\nb = 2\n"},
	    {"# where\n# listen =\n\n# next\n", "# where\n# listen =\nlisten = 80\n\n# next\n"},
	    {"#listen = x", "#listen = x\nlisten = 80\n"},
	    {"# listen =\nlisten = 1\n", "# listen =\nlisten = 80\n"},
	    {"listener = 1\n# listen to this\n", "listener = 1\n# listen to this\nlisten = 80\n"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct buf out, again;

		buf_init(&out, 1024);
		buf_init(&again, 1024);
		assert_true(config_edit(rows[i].text, "listen", "80", &out));
		assert_string_equal(buf_str(&out), rows[i].edited);
		assert_true(config_edit(buf_str(&out), "listen", "80", &again));
		assert_string_equal(buf_str(&again), rows[i].edited);
		buf_free(&out);
		buf_free(&again);
	}
}

TEST(an_empty_value_and_a_full_buffer)
{
	struct buf out;

	buf_init(&out, 1024);
	assert_true(config_edit("listen = 1\n", "listen", "", &out));
	assert_string_equal(buf_str(&out), "listen =\n");
	buf_free(&out);
	buf_init(&out, 8);
	assert_false(config_edit("listen = 1\n", "listen", "127.0.0.1:80", &out));
	buf_free(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_line_is_replaced_or_put_where_it_belongs),
	    cmocka_unit_test(an_empty_value_and_a_full_buffer),
	};
	return cmocka_run_group_tests_name("base/config_edit", tests, NULL, NULL);
}
