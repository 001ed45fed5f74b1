/* Files: read up to a ceiling, written whole or not at all, nothing left behind. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/file.h"
#include "support/tmpdir.h"
#include "support/test.h"

static char *dir, *path;

static int
set_up(void **state)
{
	(void)state;
	dir = tmpdir_make();
	path = tmpdir_path(dir, "file");
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	free(path);
	tmpdir_remove(dir);
	return 0;
}

static int
entries(void)
{
	DIR *opened = opendir(dir);
	int count = 0;

	assert_non_null(opened);
	for (const struct dirent *entry; (entry = readdir(opened));)
		count += entry->d_name[0] != '.';
	closedir(opened);
	return count;
}

TEST(test_write_and_read)
{
	size_t len = 100000;
	char *bytes = malloc(len);
	struct buf buf;
	struct stat st;

	memset(bytes, 'a', len);
	assert_int_equal(file_write_whole(path, "old", 3), ERR_OK);
	assert_int_equal(file_write_whole(path, bytes, len), ERR_OK);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(entries(), 1);
	buf_init(&buf, len);
	assert_int_equal(file_read(path, &buf), ERR_OK);
	assert_int_equal(buf.len, len);
	assert_memory_equal(buf.data, bytes, len);
	buf_free(&buf);
	buf_init(&buf, len - 1);
	assert_int_equal(file_read(path, &buf), ERR_TOO_LARGE);
	buf_free(&buf);
	free(bytes);
}

TEST(test_read_fails)
{
	struct buf buf;

	buf_init(&buf, 10);
	assert_int_equal(file_read(path, &buf), ERR_NOT_FOUND);
	assert_int_equal(file_read(dir, &buf), ERR_INTERNAL);
	assert_int_equal(buf.len, 0);
	buf_free(&buf);
}

TEST(test_write_fails_and_leaves_nothing)
{
	char *inner = tmpdir_path(path, "inner");

	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(file_write_whole(inner, "x", 1), ERR_OK);
	/* A directory that is not empty cannot be replaced by a file. */
	assert_int_equal(file_write_whole(path, "x", 1), ERR_INTERNAL);
	assert_int_equal(entries(), 1);
	free(inner);
	inner = tmpdir_path(dir, "none/file");
	assert_int_equal(file_write_whole(inner, "x", 1), ERR_INTERNAL);
	free(inner);
}

TEST(test_full_disk)
{
	int full = open("/dev/full", O_WRONLY | O_CLOEXEC);

	assert_true(full >= 0);
	assert_false(file_write_all(full, "x", 1));
	assert_int_equal(errno, ENOSPC);
	close(full);
	assert_false(file_write_all(-1, "x", 1));
	assert_int_equal(errno, EBADF);
	assert_true(file_write_all(-1, "", 0));
}

TEST(test_settle)
{
	char *target = tmpdir_path(dir, "target");
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	assert_true(file_write_all(fd, "abc", 3));
	assert_int_equal(file_commit(fd, path, target), ERR_OK);
	assert_int_equal(access(path, F_OK), -1);
	assert_int_equal(access(target, F_OK), 0);
	assert_int_equal(file_commit(fd, path, target), ERR_INTERNAL);
	close(fd);
	free(target);
}

TEST(test_make_dir)
{
	char *file = tmpdir_path(path, "file");
	struct stat st;

	assert_true(file_make_dir(path));
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	assert_true(file_make_dir(path));
	tmpdir_write(path, "file", "");
	assert_false(file_make_dir(file));
	assert_int_equal(errno, ENOTDIR);
	free(file);
	file = tmpdir_path(dir, "none/dir");
	assert_false(file_make_dir(file));
	assert_int_equal(errno, ENOENT);
	free(file);
}

/* This program lies in a folder that is not cgi-bin, so the answer is that folder. */
TEST(test_install_dir)
{
	struct arena *arena = arena_new();
	char *exe = realpath("/proc/self/exe", NULL);
	const char *found = file_install_dir(arena);

	assert_non_null(found);
	*strrchr(exe, '/') = '\0';
	assert_string_equal(found, exe);
	free(exe);
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_write_and_read, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_read_fails, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_write_fails_and_leaves_nothing, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_full_disk, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_settle, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_make_dir, set_up, tear_down),
	    cmocka_unit_test(test_install_dir),
	};

	return cmocka_run_group_tests_name("base/file", tests, NULL, NULL);
}
