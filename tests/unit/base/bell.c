/* The bell: a ring wakes every listener, in this process and in another, and many rings are one event. */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/bell.h"
#include "support/tmpdir.h"
#include "support/test.h"

static char *dir;

static int
set_up(void **state)
{
	(void)state;
	dir = tmpdir_make();
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	tmpdir_remove(dir);
	return 0;
}

static bool
webhook(int listener, int timeout_ms)
{
	struct pollfd fd = {.fd = listener, .events = POLLIN};

	return poll(&fd, 1, timeout_ms) == 1;
}

TEST(test_every_listener_hears)
{
	int first = bell_listen(dir); /* before there is a bell */
	int bell = bell_open(dir);
	int second = bell_listen(dir);

	assert_true(first >= 0 && bell >= 0 && second >= 0);
	assert_false(webhook(first, 0) || webhook(second, 0));
	for (int i = 0; i < 100; i++)
		bell_ring(bell);
	assert_true(webhook(first, 10000) && webhook(second, 10000));
	bell_drain(first);
	assert_false(webhook(first, 0));
	assert_true(webhook(second, 0));
	bell_ring(bell);
	assert_true(webhook(first, 10000));
	bell_drain(second);
	bell_drain(second);
	assert_false(webhook(second, 0));
	close(first);
	close(second);
	close(bell);
}

TEST(test_another_process_rings)
{
	int listener = bell_listen(dir), status;

	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		int bell = bell_open(dir);

		bell_ring(bell);
		_exit(bell < 0);
	}
	assert_true(webhook(listener, 10000));
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	close(listener);
}

TEST(test_the_file)
{
	char *path = tmpdir_path(dir, "bell");
	int bell = bell_open(dir);
	struct stat st;

	for (int i = 0; i < 10; i++)
		bell_ring(bell);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(st.st_size, 1);
	close(bell);
	free(path);
}

TEST(test_no_bell)
{
	char *none = tmpdir_path(dir, "none");
	char longest[5000];

	errno = 0;
	assert_int_equal(bell_open(none), -1);
	assert_int_equal(errno, ENOENT);
	assert_int_equal(bell_listen(none), -1);
	memset(longest, 'x', sizeof longest - 1);
	longest[sizeof longest - 1] = '\0';
	assert_int_equal(bell_listen(longest), -1);
	assert_int_equal(errno, ENAMETOOLONG);
	bell_ring(-1);
	assert_int_equal(errno, ENAMETOOLONG);
	free(none);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_every_listener_hears, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_another_process_rings, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_the_file, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_no_bell, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("base/bell", tests, NULL, NULL);
}
