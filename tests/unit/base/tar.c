/* Streams of tar: what was written is read again, tar(1) agrees, and what is hostile is refused. */
#include "base/tar.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "support/test.h"
#include "support/tmpdir.h"

enum { BLOCK = 512, SUM_AT = 148, SUM_SIZE = 8, SIZE_AT = 124, TYPE_AT = 156, NAME_SIZE = 100 };

static int
new_file(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	return fd;
}

static void
put_file(int fd, const char *name, const char *text)
{
	struct tar_member member = {.size = (int64_t)strlen(text)};
	snprintf(member.name, sizeof(member.name), "%s", name);
	assert_true(tar_write_head(fd, &member));
	assert_true(file_write_all(fd, text, strlen(text)));
	assert_true(tar_write_rest(fd, member.size));
}

TEST(what_is_written_is_read)
{
	char *dir = tmpdir_make(), *path = tmpdir_path(dir, "a.tar"), piece[2000], deep[200], command[400];
	struct tar_member member = {.name = "sub", .folder = true};
	const char *why = "";
	int fd = new_file(path);
	memset(deep, 'd', sizeof(deep));
	deep[120] = '/';
	deep[199] = '\0';
	assert_true(tar_write_head(fd, &member));
	put_file(fd, "sub/a", "hello");
	put_file(fd, "empty", "");
	put_file(fd, deep, "far away");
	assert_true(tar_write_end(fd));

	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	struct tar tar = {.fd = fd};
	assert_int_equal(tar_next(&tar, &member, &why), ERR_OK);
	assert_true(member.folder);
	assert_string_equal(member.name, "sub");
	assert_int_equal(tar_next(&tar, &member, &why), ERR_OK);
	assert_false(member.folder);
	assert_string_equal(member.name, "sub/a");
	assert_int_equal(tar_read(&tar, piece, 3), 3);
	assert_memory_equal(piece, "hel", 3);
	assert_int_equal(tar_read(&tar, piece, sizeof(piece)), 2);
	assert_int_equal(tar_read(&tar, piece, sizeof(piece)), 0);
	assert_int_equal(tar_next(&tar, &member, &why), ERR_OK);
	assert_int_equal(member.size, 0);
	assert_int_equal(tar_next(&tar, &member, &why), ERR_OK); /* what was not read is passed over */
	assert_string_equal(member.name, deep);
	assert_int_equal(tar_next(&tar, &member, &why), ERR_NOT_FOUND);
	close(fd);

	snprintf(command, sizeof(command),
	         "tar -tf %s | grep -c -e '^sub/*$' -e '^sub/a$' -e '^empty$' -e '^ddd'", path);
	FILE *listed = popen(command, "re");
	assert_non_null(listed);
	assert_non_null(fgets(piece, sizeof(piece), listed));
	assert_string_equal(piece, "4\n");
	pclose(listed);
	free(path);
	tmpdir_remove(dir);
}

/* Makes the sum of the head fit again. */
static void
mend_sum(unsigned char *head)
{
	unsigned sum = 0;
	char text[16];
	memset(head + SUM_AT, ' ', SUM_SIZE);
	for (int i = 0; i < BLOCK; i++)
		sum += head[i];
	snprintf(text, sizeof(text), "%06o", sum);
	memcpy(head + SUM_AT, text, 7);
}

/* Reads a stream that begins with this head. */
static enum err_code
read_one(const unsigned char head[BLOCK], size_t len, struct tar_member *ret_member, const char **ret_why)
{
	char *dir = tmpdir_make(), *path = tmpdir_path(dir, "a.tar");
	struct tar tar = {.fd = new_file(path)};
	assert_true(file_write_all(tar.fd, head, len));
	assert_int_equal(lseek(tar.fd, 0, SEEK_SET), 0);
	enum err_code err = tar_next(&tar, ret_member, ret_why);
	close(tar.fd);
	free(path);
	tmpdir_remove(dir);
	return err;
}

static void
make_head(unsigned char head[BLOCK])
{
	char *dir = tmpdir_make(), *path = tmpdir_path(dir, "a.tar");
	int fd = new_file(path);
	put_file(fd, "a", "");
	assert_int_equal(pread(fd, head, BLOCK, 0), BLOCK);
	close(fd);
	free(path);
	tmpdir_remove(dir);
}

TEST(names_that_lead_elsewhere_are_refused)
{
	static const char *const bad[] = {"/etc/passwd", "../a", "a/../b", "a/..", "..",
	                                  "a//b",        "/",    "a/./b",  "a\nb", "a\\b",
	                                  "./../a",      "./",   "",       "a/",   ".//a"};
	static const char *const good[] = {"a", "./a", "a/b", ".mark", "..a", "a b", "…"};
	unsigned char head[BLOCK];
	struct tar_member member;
	const char *why = "";
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		bool cut = strcmp(bad[i], "a/") == 0; /* a slash at the end is that of a folder */
		make_head(head);
		memset(head, 0, NAME_SIZE);
		memcpy(head, bad[i], strlen(bad[i]));
		mend_sum(head);
		assert_int_equal(read_one(head, BLOCK, &member, &why), cut ? ERR_OK : ERR_CORRUPT);
	}
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		make_head(head);
		memset(head, 0, NAME_SIZE);
		memcpy(head, good[i], strlen(good[i]));
		mend_sum(head);
		assert_int_equal(read_one(head, BLOCK, &member, &why), ERR_OK);
	}
}

TEST(anything_but_files_and_folders_is_refused)
{
	unsigned char head[BLOCK];
	struct tar_member member;
	const char *why = "";
	for (const char *type = "12346789xgLKSV"; *type != '\0'; type++) {
		make_head(head);
		head[TYPE_AT] = (unsigned char)*type;
		mend_sum(head);
		assert_int_equal(read_one(head, BLOCK, &member, &why), ERR_CORRUPT);
		assert_non_null(strstr(why, "neither a file nor a folder"));
	}
}

TEST(damage_is_noticed)
{
	static const char *const sizes[] = {"-0000000001", "0000000008x", "           ",
	                                    "\x80\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
	                                    "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"};
	unsigned char head[BLOCK];
	struct tar_member member;
	const char *why = "";
	make_head(head);
	assert_int_equal(read_one(head, BLOCK, &member, &why), ERR_OK);
	assert_int_equal(read_one(head, BLOCK - 1, &member, &why), ERR_CORRUPT);
	assert_int_equal(read_one(head, 0, &member, &why), ERR_CORRUPT);
	head[0] ^= 1;
	assert_int_equal(read_one(head, BLOCK, &member, &why), ERR_CORRUPT);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		make_head(head);
		memcpy(head + SIZE_AT, sizes[i], 11);
		mend_sum(head);
		assert_int_equal(read_one(head, BLOCK, &member, &why), ERR_CORRUPT);
	}
}

TEST(sizes_beyond_eight_gibibytes)
{
	struct tar_member member = {.name = "large", .size = INT64_C(1) << 40}, found;
	char *dir = tmpdir_make(), *path = tmpdir_path(dir, "a.tar"), piece[16];
	const char *why = "";
	struct tar tar = {.fd = new_file(path)};
	assert_true(tar_write_head(tar.fd, &member));
	assert_int_equal(lseek(tar.fd, 0, SEEK_SET), 0);
	assert_int_equal(tar_next(&tar, &found, &why), ERR_OK);
	assert_true(found.size == member.size);
	assert_int_equal(tar_read(&tar, piece, sizeof(piece)), -1);
	close(tar.fd);
	free(path);
	tmpdir_remove(dir);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_written_is_read),
	    cmocka_unit_test(names_that_lead_elsewhere_are_refused),
	    cmocka_unit_test(anything_but_files_and_folders_is_refused),
	    cmocka_unit_test(damage_is_noticed),
	    cmocka_unit_test(sizes_beyond_eight_gibibytes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
