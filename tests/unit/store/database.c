/* Checking the file and copying it. */

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/database.h"
#include "store/feed.h"
#include "store/store.h"
#include "store/task.h"
#include "support/raw.h"
#include "support/stores.h"
#include "support/tmpdir.h"
#include "support/test.h"

static int
setup(void **state)
{
	*state = stores_new();
	return 0;
}

static int
teardown(void **state)
{
	stores_free(*state);
	return 0;
}

TEST(sound_file_is_sound)
{
	struct stores *s = *state;
	const char *why = NULL;
	struct task task = stores_task(s->user, "video_1");
	stores_add(s->store, &task);
	assert_int_equal(store_check(s->store, s->arena, &why), ERR_OK);
	assert_null(why);
}

TEST(row_without_its_user_is_found)
{
	struct stores *s = *state;
	const char *why = NULL;
	struct task task = stores_task(s->user, "video_1");
	stores_add(s->store, &task);
	raw_run(s->store, "PRAGMA foreign_keys = OFF; DELETE FROM user");
	assert_int_equal(store_check(s->store, s->arena, &why), ERR_CORRUPT);
	assert_non_null(strstr(why, "task"));
	assert_non_null(strstr(why, "user"));
}

TEST(damaged_page_is_found)
{
	struct stores *s = *state;
	const char *why = NULL;
	for (int i = 0; i < 50; i++) {
		char name[24];
		snprintf(name, sizeof(name), "video_%d", i);
		struct task task = stores_task(s->user, name);
		stores_add(s->store, &task);
	}
	store_close(s->store);
	char *path = tmpdir_path(s->dir, "longreel.db");
	int fd = open(path, O_RDWR);
	struct stat st;
	assert_int_equal(fstat(fd, &st), 0);
	char garbage[4096];
	memset(garbage, 0xa5, sizeof(garbage));
	/* Every page but the first two, which hold the schema. */
	for (off_t at = 3 * 4096; at < st.st_size; at += 4096)
		assert_int_equal(pwrite(fd, garbage, sizeof(garbage), at), sizeof(garbage));
	close(fd);
	free(path);
	enum err_code err = store_open(s->dir, STORE_WRITE, &s->store);
	if (err == ERR_OK) {
		err = store_check(s->store, s->arena, &why);
		assert_non_null(why);
	} else {
		s->store = NULL;
	}
	assert_int_equal(err, ERR_CORRUPT);
}

static bool
counts_match(struct stores *s)
{
	bool match = false;
	assert_int_equal(store_counts_check(s->store, &match), ERR_OK);
	return match;
}

TEST(counts_that_differ_are_found_and_mended)
{
	struct stores *s = *state;
	static const char *const edits[] = {
	    "DELETE FROM task WHERE video_id = 'video_1'",
	    "UPDATE task SET state = 'failed'",
	    "UPDATE task SET deleted = 1 WHERE video_id = 'video_3'",
	    "UPDATE task SET model = NULL",
	    "DELETE FROM tally",
	    "INSERT INTO tally VALUES (7, '', 'VIDEO', 'QUEUED', 1)",
	    /* All together are right, but none of them. */
	    "UPDATE tally SET n = n + 1; INSERT INTO tally VALUES (7, '', 'VIDEO', 'QUEUED', -1)",
	};
	for (int i = 0; i < 4; i++) {
		char name[24];
		snprintf(name, sizeof(name), "video_%d", i);
		struct task task = stores_task(s->user, name);
		stores_add(s->store, &task);
	}
	assert_true(counts_match(s));
	for (size_t i = 0; i < sizeof(edits) / sizeof(edits[0]); i++) {
		raw_run(s->store, edits[i]);
		assert_false(counts_match(s));
		assert_int_equal(store_begin(s->store, STORE_DURABLE), ERR_OK);
		assert_int_equal(store_counts_mend(s->store), ERR_OK);
		assert_int_equal(store_commit(s->store), ERR_OK);
		assert_true(counts_match(s));
	}
	assert_int_equal(raw_number(s->store, "SELECT n FROM tally WHERE status = 'FAILED'"), 2);
}

static size_t
files_in(const char *dir)
{
	size_t count = 0;
	DIR *d = opendir(dir);
	assert_non_null(d);
	for (const struct dirent *e = readdir(d); e != NULL; e = readdir(d))
		count += e->d_name[0] != '.';
	closedir(d);
	return count;
}

/* True where the file asks to be opened with a WAL (the SQLite file format, section 1.3: byte 18). */
static bool
wants_wal(const char *path)
{
	unsigned char byte = 0;
	int fd = open(path, O_RDONLY);
	assert_int_equal(pread(fd, &byte, 1, 18), 1);
	close(fd);
	return byte == 2;
}

TEST(copy_is_another_database_with_the_same_rows)
{
	struct stores *s = *state;
	struct store *other = NULL, *copy = NULL;
	const char *epoch, *copied_epoch, *why;
	int64_t rev, copied_rev, id, more;
	struct task task = stores_task(s->user, "video_1");
	stores_add(s->store, &task);
	char *dir = tmpdir_make(), *path = tmpdir_path(dir, "longreel.db");

	/* Another process is in the middle of writing; what is not committed is not copied. */
	assert_int_equal(store_open(s->dir, STORE_WRITE, &other), ERR_OK);
	assert_int_equal(store_begin(other, STORE_RELAXED), ERR_OK);
	task.video_id = "video_2";
	assert_int_equal(store_task_add(other, &task, &id, &more), ERR_OK);
	assert_int_equal(store_backup(s->store, path, NULL, NULL), ERR_OK);
	assert_int_equal(store_commit(other), ERR_OK);
	store_close(other);

	struct stat st;
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(files_in(dir), 1);
	assert_false(wants_wal(path));
	assert_int_equal(store_backup(s->store, path, NULL, NULL), ERR_CONFLICT);

	assert_int_equal(store_open(dir, STORE_MIGRATE, &copy), ERR_OK);
	assert_int_equal(store_check(copy, s->arena, &why), ERR_OK);
	assert_int_equal(store_feed_head(s->store, s->arena, &epoch, &rev), ERR_OK);
	assert_int_equal(store_feed_head(copy, s->arena, &copied_epoch, &copied_rev), ERR_OK);
	assert_string_not_equal(epoch, copied_epoch);
	assert_int_equal(copied_rev, 1);
	assert_int_equal(rev, 2);
	assert_int_equal(store_task_get(copy, s->arena, 0, "video_1", &task), ERR_OK);
	assert_int_equal(store_task_get(copy, s->arena, 0, "video_2", &task), ERR_TASK_NOT_FOUND);
	store_close(copy);
	tmpdir_remove(dir);
	free(path);
}

TEST(reader_may_back_up)
{
	struct stores *s = *state;
	struct store *reader = NULL;
	char *dir = tmpdir_make(), *path = tmpdir_path(dir, "copy");
	assert_int_equal(store_open(s->dir, STORE_READ, &reader), ERR_OK);
	assert_int_equal(store_backup(reader, path, NULL, NULL), ERR_OK);
	store_close(reader);
	assert_int_equal(store_backup(s->store, "/nonexistent/copy", NULL, NULL), ERR_INTERNAL);
	assert_int_equal(store_begin(s->store, STORE_RELAXED), ERR_OK);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(store_backup(s->store, path, NULL, NULL), ERR_INTERNAL);
	assert_int_equal(files_in(dir), 0);
	tmpdir_remove(dir);
	free(path);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(sound_file_is_sound, setup, teardown),
	    cmocka_unit_test_setup_teardown(row_without_its_user_is_found, setup, teardown),
	    cmocka_unit_test_setup_teardown(damaged_page_is_found, setup, teardown),
	    cmocka_unit_test_setup_teardown(counts_that_differ_are_found_and_mended, setup, teardown),
	    cmocka_unit_test_setup_teardown(copy_is_another_database_with_the_same_rows, setup, teardown),
	    cmocka_unit_test_setup_teardown(reader_may_back_up, setup, teardown),
	};
	return cmocka_run_group_tests_name("store/database", tests, NULL, NULL);
}
