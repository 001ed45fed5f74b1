/* Life of a store and of its transactions. */

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "store/database.h"
#include "store/feed.h"
#include "store/list.h"
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

TEST(absent_database_is_not_found)
{
	char *dir = tmpdir_make();
	struct store *store = NULL;
	assert_int_equal(store_open(dir, STORE_READ, &store), ERR_NOT_FOUND);
	assert_int_equal(store_open(dir, STORE_WRITE, &store), ERR_NOT_FOUND);
	assert_int_equal(store_open("/nonexistent/longreel", STORE_MIGRATE, &store), ERR_INTERNAL);
	assert_null(store);
	tmpdir_remove(dir);
}

TEST(files_are_private)
{
	static const char *const names[] = {"longreel.db", "longreel.db-wal", "longreel.db-shm", "bell"};
	struct stores *s = *state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct stat st;
		char *path = tmpdir_path(s->dir, names[i]);
		assert_int_equal(stat(path, &st), 0);
		assert_int_equal(st.st_mode & 07777, 0600);
		free(path);
	}
}

TEST(foreign_bytes_are_refused)
{
	char *dir = tmpdir_make();
	char text[4096];
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	tmpdir_write(dir, "longreel.db", text);
	struct store *store = NULL;
	assert_int_equal(store_open(dir, STORE_WRITE, &store), ERR_NOT_OURS);
	assert_int_equal(store_open(dir, STORE_MIGRATE, &store), ERR_NOT_OURS);
	tmpdir_remove(dir);
}

/* A crash may leave the file that was to become the database. It goes, and with it no other's. */
TEST(interrupted_creation_begins_anew)
{
	char *dir = tmpdir_make(), *left = tmpdir_path(dir, "longreel.db.new");
	struct store *store = NULL;
	tmpdir_write(dir, "longreel.db.new", "half a database");
	assert_int_equal(store_open(dir, STORE_MIGRATE, &store), ERR_OK);
	assert_int_equal(access(left, F_OK), -1);
	store_close(store);
	free(left);
	tmpdir_remove(dir);
}

/* A database that is gone is not replaced by an empty one, which would take the rest along. */
TEST(missing_database_is_told)
{
	static const char *const names[] = {"longreel.db-wal", "archive/ab", "uploads/x"};
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char *dir = tmpdir_make(), *archive = tmpdir_path(dir, "archive"),
		     *uploads = tmpdir_path(dir, "uploads"), *belonging = tmpdir_path(dir, names[i]),
		     *path = tmpdir_path(dir, "longreel.db");
		struct store *store = NULL;
		mkdir(archive, 0700);
		mkdir(uploads, 0700);
		tmpdir_write(dir, names[i], "x");
		assert_int_equal(store_open(dir, STORE_MIGRATE, &store), ERR_DATABASE_MISSING);
		assert_int_equal(access(path, F_OK), -1);
		assert_int_equal(unlink(belonging), 0);
		/* A volume that is not mounted. */
		assert_int_equal(symlink("/nonexistent/longreel.db", path), 0);
		assert_int_equal(store_open(dir, STORE_MIGRATE, &store), ERR_NOT_OURS);
		assert_int_equal(unlink(path), 0);
		assert_int_equal(store_open(dir, STORE_MIGRATE, &store), ERR_OK);
		store_close(store);
		free(archive);
		free(uploads);
		free(belonging);
		free(path);
		tmpdir_remove(dir);
	}
}

TEST(connection_is_set_up)
{
	struct stores *s = *state;
	assert_int_equal(raw_number(s->store, "PRAGMA foreign_keys"), 1);
	assert_int_equal(raw_number(s->store, "PRAGMA trusted_schema"), 0);
	assert_int_equal(raw_number(s->store, "PRAGMA cell_size_check"), 1);
	assert_int_equal(raw_number(s->store, "PRAGMA cache_size"), -1000);
	assert_int_equal(raw_number(s->store, "PRAGMA temp_store"), 2);
	assert_int_equal(raw_number(s->store, "SELECT journal_mode = 'wal' FROM pragma_journal_mode"), 1);
}

TEST(durability_is_set_between_transactions)
{
	struct stores *s = *state;
	static const struct {
		enum store_durability durability;
		int synchronous;
	} steps[] = {{STORE_RELAXED, 1}, {STORE_DURABLE, 2}, {STORE_DURABLE, 2}, {STORE_RELAXED, 1}};
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		assert_int_equal(store_begin(s->store, steps[i].durability), ERR_OK);
		assert_int_equal(raw_number(s->store, "PRAGMA synchronous"), steps[i].synchronous);
		assert_int_equal(store_commit(s->store), ERR_OK);
	}
}

TEST(reader_cannot_write)
{
	struct stores *s = *state;
	struct store *reader = NULL;
	struct task task = stores_task(s->user, "video_1");
	stores_add(s->store, &task);
	assert_int_equal(store_open(s->dir, STORE_READ, &reader), ERR_OK);
	assert_int_equal(store_task_get(reader, s->arena, s->user, "video_1", &task), ERR_OK);
	assert_int_equal(store_begin(reader, STORE_RELAXED), ERR_INTERNAL);
	assert_int_equal(
	    store_lease_return(reader, &(struct task_return){task.id, 1, TASK_STATE_READY, NULL, 1, 1, 1}),
	    ERR_INTERNAL);
	store_close(reader);
}

TEST(who_is_in_haste_does_not_wait)
{
	struct stores *s = *state;
	struct store *hasty = NULL;
	assert_int_equal(store_begin(s->store, STORE_RELAXED), ERR_OK);
	assert_int_equal(store_open(s->dir, STORE_WRITE_NOWAIT, &hasty), ERR_OK);
	int64_t since = clock_mono_ms();
	assert_int_equal(store_begin(hasty, STORE_RELAXED), ERR_BUSY);
	assert_true(clock_mono_ms() - since < 5000); /* a patient opening waits for 10 s */
	store_rollback(s->store);
	assert_int_equal(store_begin(hasty, STORE_RELAXED), ERR_OK);
	assert_int_equal(store_commit(hasty), ERR_OK);
	store_close(hasty);
}

TEST(writing_needs_a_transaction)
{
	struct stores *s = *state;
	struct task task = stores_task(s->user, "video_1");
	int64_t id, rev;
	assert_int_equal(store_task_add(s->store, &task, &id, &rev), ERR_INTERNAL);
	assert_int_equal(store_commit(s->store), ERR_INTERNAL);
	assert_int_equal(store_begin(s->store, STORE_RELAXED), ERR_OK);
	assert_int_equal(store_begin(s->store, STORE_RELAXED), ERR_INTERNAL);
	assert_int_equal(store_task_add(s->store, &task, &id, &rev), ERR_OK);
	assert_int_equal(store_commit(s->store), ERR_OK);
	assert_int_equal(stores_get(s, "video_1").id, id);
}

TEST(rollback_and_close_leave_no_trace)
{
	struct stores *s = *state;
	struct task task = stores_task(s->user, "video_1");
	struct store *other = NULL;
	int64_t id, rev;
	store_rollback(s->store);
	assert_int_equal(store_begin(s->store, STORE_RELAXED), ERR_OK);
	assert_int_equal(store_task_add(s->store, &task, &id, &rev), ERR_OK);
	store_rollback(s->store);
	assert_int_equal(store_task_get(s->store, s->arena, 0, "video_1", &task), ERR_TASK_NOT_FOUND);

	assert_int_equal(store_open(s->dir, STORE_WRITE, &other), ERR_OK);
	assert_int_equal(store_begin(other, STORE_RELAXED), ERR_OK);
	assert_int_equal(store_task_add(other, &task, &id, &rev), ERR_OK);
	store_close(other);
	assert_int_equal(store_task_get(s->store, s->arena, 0, "video_1", &task), ERR_TASK_NOT_FOUND);
	store_close(NULL);
}

TEST(two_stores_see_each_other)
{
	struct stores *s = *state;
	struct store *other = NULL;
	int64_t before, own, after;
	assert_int_equal(store_open(s->dir, STORE_WRITE, &other), ERR_OK);
	assert_int_equal(store_data_version(s->store, &before), ERR_OK);
	struct task task = stores_task(s->user, "video_1");
	stores_add(s->store, &task);
	assert_int_equal(store_data_version(s->store, &own), ERR_OK);
	assert_int_equal(own, before);
	task.video_id = "video_2";
	stores_add(other, &task);
	assert_int_equal(store_data_version(s->store, &after), ERR_OK);
	assert_int_not_equal(after, before);
	assert_string_equal(stores_get(s, "video_2").prompt, task.prompt);
	store_close(other);
}

TEST(transaction_ends_as_it_has_gone)
{
	struct stores *s = *state;
	struct task task = stores_task(s->user, "video_1");
	int64_t id, rev;
	assert_int_equal(store_begin(s->store, STORE_RELAXED), ERR_OK);
	assert_int_equal(store_task_add(s->store, &task, &id, &rev), ERR_OK);
	assert_int_equal(store_end(s->store, ERR_CONFLICT), ERR_CONFLICT);
	assert_int_equal(store_end(s->store, ERR_BUSY), ERR_BUSY);
	assert_int_equal(store_task_get(s->store, s->arena, s->user, "video_1", &task), ERR_TASK_NOT_FOUND);
	assert_int_equal(store_begin(s->store, STORE_RELAXED), ERR_OK);
	assert_int_equal(store_task_add(s->store, &task, &id, &rev), ERR_OK);
	assert_int_equal(store_end(s->store, ERR_OK), ERR_OK);
	assert_int_equal(stores_get(s, "video_1").id, id);
	assert_int_equal(store_end(s->store, ERR_OK), ERR_INTERNAL); /* none is open */
}

/* After a power cut the latest revisions may be gone: no other change may be given them. */
TEST(revisions_go_on_far_ahead_after_a_boot)
{
	struct stores *s = *state;
	const char *epoch;
	int64_t before, after;
	struct store *store = NULL;
	assert_int_equal(store_feed_head(s->store, s->arena, &epoch, &before), ERR_OK);
	for (int boots = 0; boots < 3; boots++) {
		if (boots == 1)
			raw_run(s->store, "UPDATE head SET boot = 'another'");
		assert_int_equal(store_open(s->dir, STORE_MIGRATE, &store), ERR_OK);
		assert_int_equal(store_feed_head(store, s->arena, &epoch, &after), ERR_OK);
		assert_int_equal(after - before, boots == 0 ? 0 : 1 << 20);
		store_close(store);
	}
}

static int64_t
tasks_seen(struct store *store)
{
	const struct task_filter filter = {.status = TASK_STATUS__MAX};
	int64_t count = -1;
	assert_int_equal(store_task_count(store, &filter, &count), ERR_OK);
	return count;
}

TEST(snapshot_sees_one_state)
{
	struct stores *s = *state;
	struct store *reader = NULL;
	struct task task = stores_task(s->user, "video_1");
	assert_int_equal(store_open(s->dir, STORE_WRITE, &reader), ERR_OK);
	assert_int_equal(store_snapshot(reader), ERR_OK);
	assert_int_equal(store_snapshot(reader), ERR_INTERNAL);
	assert_int_equal(tasks_seen(reader), 0);
	stores_add(s->store, &task);
	assert_int_equal(tasks_seen(reader), 0);
	store_snapshot_end(reader);
	store_snapshot_end(reader);
	assert_int_equal(tasks_seen(reader), 1);

	/* A transaction begins with what is there, not with what was. */
	assert_int_equal(store_snapshot(reader), ERR_OK);
	assert_int_equal(tasks_seen(reader), 1);
	task = stores_task(s->user, "video_2");
	stores_add(s->store, &task);
	assert_int_equal(store_begin(reader, STORE_RELAXED), ERR_OK);
	assert_int_equal(tasks_seen(reader), 2);
	assert_int_equal(store_snapshot(reader), ERR_INTERNAL);
	assert_int_equal(store_commit(reader), ERR_OK);
	store_close(reader);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(absent_database_is_not_found),
	    cmocka_unit_test_setup_teardown(files_are_private, setup, teardown),
	    cmocka_unit_test(foreign_bytes_are_refused),
	    cmocka_unit_test(interrupted_creation_begins_anew),
	    cmocka_unit_test(missing_database_is_told),
	    cmocka_unit_test_setup_teardown(connection_is_set_up, setup, teardown),
	    cmocka_unit_test_setup_teardown(durability_is_set_between_transactions, setup, teardown),
	    cmocka_unit_test_setup_teardown(reader_cannot_write, setup, teardown),
	    cmocka_unit_test_setup_teardown(who_is_in_haste_does_not_wait, setup, teardown),
	    cmocka_unit_test_setup_teardown(writing_needs_a_transaction, setup, teardown),
	    cmocka_unit_test_setup_teardown(rollback_and_close_leave_no_trace, setup, teardown),
	    cmocka_unit_test_setup_teardown(two_stores_see_each_other, setup, teardown),
	    cmocka_unit_test_setup_teardown(transaction_ends_as_it_has_gone, setup, teardown),
	    cmocka_unit_test_setup_teardown(snapshot_sees_one_state, setup, teardown),
	    cmocka_unit_test_setup_teardown(revisions_go_on_far_ahead_after_a_boot, setup, teardown),
	};
	return cmocka_run_group_tests_name("store/open", tests, NULL, NULL);
}
