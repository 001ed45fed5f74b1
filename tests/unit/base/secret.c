/* Secrets of files and of the environment, and what keeps one from being used. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/limits.h"
#include "base/secret.h"
#include "support/tmpdir.h"
#include "support/test.h"

static struct arena *arena;
static char *dir;
static char why[300], source[512];

static int
set_up(void **state)
{
	(void)state;
	arena = arena_new();
	dir = tmpdir_make();
	return arena && dir ? 0 : -1;
}

static int
tear_down(void **state)
{
	(void)state;
	arena_free(arena);
	tmpdir_remove(dir);
	return 0;
}

/* The secret of a file with that text and mode. */
static const char *
of_file(const char *text, mode_t mode)
{
	why[0] = '\0';
	tmpdir_write(dir, "key", text);
	snprintf(source, sizeof(source), "file:%s/key", dir);
	assert_int_equal(chmod(source + 5, mode), 0);
	return secret_read(arena, source, why, sizeof(why));
}

TEST(a_line_is_a_secret)
{
	assert_string_equal(of_file("sk-1\n", 0600), "sk-1");
	assert_string_equal(of_file("  sk 1\r\n\n", 0400), "sk 1");
	setenv("LONGREEL_TEST_SECRET", "sk-2", 1);
	assert_string_equal(secret_read(arena, "env:LONGREEL_TEST_SECRET", why, sizeof(why)), "sk-2");
}

TEST(what_others_can_read_is_none)
{
	static const mode_t modes[] = {0644, 0640, 0602, 0601};
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		assert_null(of_file("sk-hidden", modes[i]));
		assert_non_null(strstr(why, "chmod 600"));
		assert_non_null(strstr(why, dir));
		assert_null(strstr(why, "sk-hidden"));
	}
}

TEST(what_is_wrong_is_said)
{
	char long_text[LIMIT_SECRET + 2];
	memset(long_text, 'x', sizeof(long_text));
	long_text[LIMIT_SECRET + 1] = '\0';
	assert_null(of_file(long_text, 0600));
	assert_non_null(strstr(why, "too long"));
	assert_null(of_file("\n \n", 0600));
	assert_non_null(strstr(why, "one line"));
	assert_null(of_file("a\nb", 0600));
	assert_non_null(strstr(why, "one line"));
	assert_null(of_file("a\x01", 0600));
	assert_non_null(strstr(why, "one line"));
	snprintf(source, sizeof(source), "file:%s/none", dir);
	assert_null(secret_read(arena, source, why, sizeof(why)));
	assert_non_null(strstr(why, "does not exist"));
	snprintf(source, sizeof(source), "file:%s", dir);
	assert_null(secret_read(arena, source, why, sizeof(why)));
	assert_non_null(strstr(why, "no regular file"));
	assert_null(secret_read(arena, "env:LONGREEL_TEST_NONE", why, sizeof(why)));
	assert_non_null(strstr(why, "not in the environment"));
	assert_null(secret_read(arena, "sk-1", why, sizeof(why)));
	assert_non_null(strstr(why, "neither"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(a_line_is_a_secret, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(what_others_can_read_is_none, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(what_is_wrong_is_said, set_up, tear_down),
	};
	return cmocka_run_group_tests_name("base/secret", tests, NULL, NULL);
}
