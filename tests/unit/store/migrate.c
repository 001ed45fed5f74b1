/* Bringing databases up to date. */

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/crypto.h"
#include "sql_migrations.h"
#include "store/account.h"
#include "store/database.h"
#include "store/fault.h"
#include "store/feed.h"
#include "store/ledger.h"
#include "store/store.h"
#include "store/db.h"
#include "store/migrate.h"
#include "store/task.h"
#include "support/raw.h"
#include "support/stores.h"
#include "support/tmpdir.h"
#include "support/test.h"

static void
set_version(const char *dir, const char *pragma)
{
	struct store *store = NULL;
	assert_int_equal(db_open(dir, STORE_WRITE, &store), ERR_OK);
	raw_run(store, pragma);
	store_close(store);
}

TEST(epoch_is_drawn_once)
{
	struct stores *one = stores_new(), *two = stores_new();
	const char *first, *second, *again;
	int64_t rev;
	assert_int_equal(store_feed_head(one->store, one->arena, &first, &rev), ERR_OK);
	assert_int_equal(rev, 0);
	assert_int_equal(store_feed_head(two->store, one->arena, &second, &rev), ERR_OK);
	assert_true(strlen(first) > 10);
	assert_string_not_equal(first, second);
	store_close(one->store);
	assert_int_equal(store_open(one->dir, STORE_MIGRATE, &one->store), ERR_OK);
	assert_int_equal(store_feed_head(one->store, one->arena, &again, &rev), ERR_OK);
	assert_string_equal(first, again);
	stores_free(one);
	stores_free(two);
}

TEST(newer_and_older_are_refused)
{
	struct stores *s = stores_new();
	struct store *store = NULL;
	set_version(s->dir, "PRAGMA user_version = 9999");
	assert_int_equal(store_open(s->dir, STORE_READ, &store), ERR_SCHEMA_TOO_NEW);
	assert_int_equal(store_open(s->dir, STORE_WRITE, &store), ERR_SCHEMA_TOO_NEW);
	assert_int_equal(store_open(s->dir, STORE_MIGRATE, &store), ERR_SCHEMA_TOO_NEW);
	stores_free(s);

	/* As an older release has left it. */
	char *dir = tmpdir_make();
	tmpdir_write(dir, "longreel.db", "");
	set_version(dir, sql_sqlite_migrations[0].text);
	set_version(dir, "PRAGMA user_version = 1");
	assert_int_equal(store_open(dir, STORE_READ, &store), ERR_SCHEMA_TOO_OLD);
	assert_int_equal(store_open(dir, STORE_WRITE, &store), ERR_SCHEMA_TOO_OLD);
	assert_int_equal(store_open(dir, STORE_MIGRATE, &store), ERR_OK);
	store_close(store);
	tmpdir_remove(dir);
}

/* A database of ours is never empty, not even while it is made. */
TEST(empty_file_is_refused)
{
	struct store *store = NULL;
	struct stat st;
	char *dir = tmpdir_make(), *path = tmpdir_path(dir, "longreel.db");
	tmpdir_write(dir, "longreel.db", "");
	for (int mode = STORE_READ; mode <= STORE_MIGRATE; mode++)
		assert_int_equal(store_open(dir, (enum store_mode)mode, &store), ERR_NOT_OURS);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_size, 0);
	free(path);
	tmpdir_remove(dir);
}

TEST(another_programs_database_is_refused)
{
	struct store *store = NULL;
	char *dir = tmpdir_make();
	tmpdir_write(dir, "longreel.db", "");
	set_version(dir, "PRAGMA application_id = 7; PRAGMA user_version = 1");
	assert_int_equal(store_open(dir, STORE_WRITE, &store), ERR_NOT_OURS);
	assert_int_equal(store_open(dir, STORE_MIGRATE, &store), ERR_NOT_OURS);
	set_version(dir, "PRAGMA user_version = 0");
	assert_int_equal(store_open(dir, STORE_MIGRATE, &store), ERR_NOT_OURS);
	tmpdir_remove(dir);
}

/* A process that waits for the start signal (its end of the pipe closes), then migrates. */
static pid_t
migrator(const char *dir, const int start[2])
{
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid != 0)
		return pid;
	char byte;
	struct store *store = NULL;
	close(start[1]);
	while (read(start[0], &byte, 1) > 0)
		;
	enum err_code err = store_open(dir, STORE_MIGRATE, &store);
	store_close(store);
	_exit(err == ERR_OK ? 0 : 1);
}

TEST(processes_may_migrate_at_once)
{
	assert_true(crypto_open());
	for (int round = 0; round < 8; round++) {
		enum { PROCESSES = 4 };
		char *dir = tmpdir_make();
		int start[2], status;
		pid_t pids[PROCESSES];
		assert_int_equal(pipe(start), 0);
		for (int i = 0; i < PROCESSES; i++)
			pids[i] = migrator(dir, start);
		close(start[0]);
		close(start[1]);
		for (int i = 0; i < PROCESSES; i++) {
			assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
			assert_int_equal(status, 0);
		}
		struct store *store = NULL;
		struct arena *arena = arena_new();
		const char *why = NULL;
		assert_int_equal(store_open(dir, STORE_WRITE, &store), ERR_OK);
		assert_int_equal(store_check(store, arena, &why), ERR_OK);
		store_close(store);
		arena_free(arena);
		tmpdir_remove(dir);
	}
}

/* A directory with a database as that version has left it, with what `rows` puts into it. */
static char *
old_database(int version, const char *rows)
{
	char *dir = tmpdir_make(), pragma[40];
	tmpdir_write(dir, "longreel.db", "");
	for (int i = 0; i < version; i++)
		set_version(dir, sql_sqlite_migrations[i].text);
	snprintf(pragma, sizeof(pragma), "PRAGMA user_version = %d", version);
	set_version(dir, pragma);
	set_version(dir, rows);
	return dir;
}

/* Rows of before 0015 have the place of their key in key_id alone. */
TEST(keys_get_their_place)
{
	struct store *store = NULL;
	char *dir = old_database(
	    14,
	    "PRAGMA foreign_keys = OFF;"
	    "INSERT INTO task (id, user_id, video_id, fingerprint, channel, state, progress, prompt, "
	    "seconds, media_type, options, metadata, attempt, created_at, updated_at, completed_at, "
	    "deadline_at, rev, due_at, polls, misses, key_id) "
	    "SELECT value, 1, 'v' || value, zeroblob(32), 'x', 'ready', 0, '', 0, '', '', '', 1, 1, 1, 0, "
	    "1, 1, 0, 0, 0, iif(value = 1, 'k.p', iif(value = 2, 'k', NULL)) "
	    "FROM json_each('[1, 2, 3]')");
	assert_int_equal(store_open(dir, STORE_MIGRATE, &store), ERR_OK);
	assert_int_equal(raw_number(store, "SELECT count(*) FROM task WHERE key_place = '.p' AND id = 1"), 1);
	assert_int_equal(raw_number(store, "SELECT count(*) FROM task WHERE key_place IS NULL"), 2);
	store_close(store);
	tmpdir_remove(dir);
}

/* Before 0016 triggers kept counts, archive and deliveries: the verbs go on from what those have left. */
TEST(verbs_go_on_from_where_triggers_ended)
{
	struct store *store = NULL;
	bool match = false;
	int64_t rev;
	char *dir = old_database(
	    15, "INSERT INTO user (id, username, password_hash, admin, disabled, created_at) VALUES (1, 'a', "
	        "'', 0, 0, 1);"
	        "INSERT INTO webhook (user_id, url, completed, failed, secret, enabled, created_at) "
	        "VALUES (1, 'https://a', 1, 1, 's', 1, 1);"
	        "INSERT INTO channel (name) VALUES ('x');"
	        "INSERT INTO task (id, user_id, video_id, fingerprint, channel, state, progress, prompt, "
	        "seconds, media_type, options, metadata, attempt, created_at, updated_at, completed_at, "
	        "deadline_at, rev, due_at, polls, misses) "
	        "SELECT value, 1, 'v' || value, zeroblob(32), 'x', 'running', 0, '', 0, 'VIDEO', '{}', '{}', "
	        "1, 1, 1, "
	        "0, 1, 1, 0, 0, 0 FROM json_each('[1, 2, 3, 4]');"
	        "UPDATE task SET state = 'completed', completed_at = 5 WHERE id = 1;"
	        "UPDATE task SET deleted = 1 WHERE id = 1;"
	        "UPDATE task SET state = 'completed', completed_at = 6 WHERE id = 2;");
	assert_int_equal(store_open(dir, STORE_MIGRATE, &store), ERR_OK);
	assert_int_equal(raw_number(store, "SELECT count(*) FROM sqlite_master WHERE type = 'trigger'"), 0);
	assert_int_equal(store_counts_check(store, &match), ERR_OK);
	assert_true(match);
	struct task_move move = stores_move(3, TASK_STATE_RUNNING, TASK_STATE_COMPLETED);
	stores_make(store, &move);
	assert_int_equal(store_begin(store, STORE_RELAXED), ERR_OK);
	assert_int_equal(store_task_delete(store, 2, 7, &rev), ERR_OK);
	assert_int_equal(store_commit(store), ERR_OK);
	assert_int_equal(store_counts_check(store, &match), ERR_OK);
	assert_true(match);
	assert_int_equal(raw_number(store, "SELECT sum(n) FROM tally"), 2);
	assert_int_equal(
	    raw_number(store, "SELECT count(*) FROM archive WHERE state = 'gone' AND due_at = 0"), 2);
	assert_int_equal(raw_number(store, "SELECT count(*) FROM archive WHERE state = 'wanted'"), 1);
	assert_int_equal(raw_number(store, "SELECT count(*) FROM delivery WHERE event = 'video.completed'"),
	                 3);
	store_close(store);
	tmpdir_remove(dir);
}

/* Before 0029 what waited went in order of creation; it is in line afterwards. */
TEST(what_waits_stands_in_line)
{
	struct store *store = NULL;
	char *dir = old_database(
	    28, "PRAGMA foreign_keys = OFF;"
	        "INSERT INTO task (id, user_id, video_id, fingerprint, channel, state, progress, prompt, "
	        "seconds, media_type, options, metadata, attempt, created_at, updated_at, completed_at, "
	        "deadline_at, rev, due_at, polls, misses) "
	        "SELECT value, value / 3, 'v' || value, zeroblob(32), 'x', iif(value < 6, 'ready', "
	        "'running'), 0, "
	        "'', 0, '', '{}', '{}', 1, 1, 1, 0, 1, 1, 1, 0, 0 FROM json_each('[1, 2, 3, 6, 7]')");
	assert_int_equal(store_open(dir, STORE_MIGRATE, &store), ERR_OK);
	assert_int_equal(raw_number(store, "SELECT count(*) FROM turn"), 2);
	assert_int_equal(raw_number(store, "SELECT user_id FROM turn WHERE due_at = 0 ORDER BY place"), 0);
	assert_int_equal(raw_number(store, "SELECT user_id FROM turn WHERE single > 0"), 1);
	store_close(store);
	tmpdir_remove(dir);
}

/* Before 0052 accounts were numbered as they came, and sums by day were of a user or a key. */
TEST(the_ledger_goes_on_with_its_numbers)
{
	struct store *store = NULL;
	struct arena *arena = arena_new();
	struct ledger_fault *faults;
	size_t count = 0;
	char *dir = old_database(
	    50,
	    "INSERT INTO \"user\" (id, username, password_hash, admin, disabled, created_at) "
	    "VALUES (1, 'a', '', 0, 0, 1), (2, 'b', '', 0, 0, 1);"
	    "INSERT INTO channel (name) VALUES ('x');"
	    "INSERT INTO account (kind, user_id, balance, credit_line) "
	    "VALUES ('available', 2, 40, 5), ('held', 2, 10, 0), ('held', 1, 0, 0), ('available', 1, 94, 0);"
	    "INSERT INTO task (id, user_id, video_id, fingerprint, channel, state, progress, prompt, "
	    "seconds, "
	    "media_type, options, metadata, attempt, created_at, updated_at, completed_at, deadline_at, rev, "
	    "due_at, polls, misses, priced) "
	    "SELECT value, value, 'v' || value, zeroblob(32), 'x', iif(value = 1, 'completed', 'running'), "
	    "0, '', "
	    "0, 'VIDEO', '{}', '{}', 1, 1, 1, 0, 1, value, 0, 0, 0, 1 FROM json_each('[1, 2]');"
	    "INSERT INTO tariff (id, side, channel, model, job, size, image, audio, images, flat, "
	    "per_second, "
	    "min_seconds, step_seconds, default_seconds, default_size, max_seconds, settle, valid_from, "
	    "created_at, created_by) "
	    "VALUES (3, 'price', '', '', 'any', 'any', 'any', 'any', 0, 10, 0, 0, 1, 0, '', 0, 'asked', 1, "
	    "1, '');"
	    "INSERT INTO charge (id, task_id, attempt, user_id, api_key, group_id, model, channel, job, "
	    "size, "
	    "seconds, tariff_id, multiplier_ppm, cancel, late_hold, reserved, charged, state, reason, "
	    "outcome, "
	    "day, created_at, ended_at) "
	    "VALUES (7, 1, 1, 1, 0, 0, '', 'x', 'create', '', 0, 3, 1000000, 'never', 0, 10, 6, 'settled', "
	    "'complete', 'completed', 20, 1, 2), "
	    "(9, 2, 1, 2, 4, 0, '', 'x', 'create', '', 0, 3, 1000000, 'never', 0, 10, 0, 'held', NULL, NULL, "
	    "21, "
	    "1, 0);"
	    "INSERT INTO transfer (id, at, kind, user_id, debit, credit, amount, balance, charge_id, actor) "
	    "VALUES (1, 1, 'grant', 2, 1, 4, 50, 50, NULL, 'x'), (2, 1, 'grant', 1, 1, 7, 100, 100, NULL, "
	    "'x'), "
	    "(3, 1, 'reserve', 1, 7, 6, 10, 90, 7, 'x'), (4, 1, 'reserve', 2, 4, 5, 10, 40, 9, 'x'), "
	    "(5, 1, 'settle', 1, 6, 2, 6, 90, 7, 'x'), (8, 1, 'release', 1, 6, 7, 4, 94, 7, 'x');"
	    "INSERT INTO spend_day (subject, who, day, amount) "
	    "VALUES ('user', '1', 20, 6), ('user', '2', 21, 10), ('key', '0', 20, 6), ('key', '4', 21, 10), "
	    "('channel', 'x', 20, 6), ('channel', 'x', 21, 10);"
	    "INSERT INTO usage_day (user_id, day, model, api_key, channel, group_id, completed, failed, "
	    "cancelled, seconds, charged, cost, unknown) VALUES (1, 20, '', 0, 'x', 0, 1, 0, 0, 0, 6, 0, 1)");
	assert_non_null(arena);
	assert_int_equal(store_open(dir, STORE_MIGRATE, &store), ERR_OK);
	assert_int_equal(store_ledger_check(store, arena, 9, &faults, &count), ERR_OK);
	if (count > 0)
		fail_msg("%s", faults[0].what);
	assert_int_equal(raw_number(store, "SELECT sum(id * amount) FROM transfer"), 382);
	assert_int_equal(raw_number(store, "SELECT balance FROM account WHERE id = 7 AND user_id = 2"), 10);
	assert_int_equal(raw_number(store, "SELECT credit_line FROM account WHERE id = 6"), 5);
	assert_int_equal(raw_number(store, "SELECT amount FROM spend_day WHERE user_id = 2 AND api_key = 4"),
	                 10);
	assert_int_equal(raw_number(store, "SELECT max(id) FROM charge"), 9);

	/* What is added follows what is there. */
	const struct transfer grant = {
	    .at = 9, .kind = TRANSFER_GRANT, .user_id = 1, .amount = 6, .actor = "x"};
	struct transfer made;
	assert_int_equal(store_begin(store, STORE_RELAXED), ERR_OK);
	assert_int_equal(store_transfer(store, &grant, &made), ERR_OK);
	assert_int_equal(store_commit(store), ERR_OK);
	assert_int_equal(made.id, 9);
	assert_int_equal(made.balance, 100);
	store_close(store);
	arena_free(arena);
	tmpdir_remove(dir);
}

/* Whatever fails on the way, the program of before can go on. */
TEST(an_upgrade_is_made_whole_or_not_at_all)
{
	enum { OLD = 14 };
	char *dir = old_database(OLD, "INSERT INTO channel (name) VALUES ('x')");
	struct store *store = NULL;
	bool pending = false;
	int64_t failures = 0;
	while (!pending) {
		assert_int_equal(db_open(dir, STORE_MIGRATE, &store), ERR_OK);
		store_fault_set(store, failures + 1, ERR_NO_SPACE);
		enum err_code err = migrate_apply(store);
		pending = store_fault_pending(store);
		store_close(store);
		assert_int_equal(err, pending ? ERR_OK : ERR_NO_SPACE);
		assert_int_equal(db_open(dir, STORE_WRITE, &store), ERR_OK);
		assert_int_equal(raw_number(store, "PRAGMA user_version"), pending ? SQL_MIGRATIONS : OLD);
		assert_int_equal(
		    raw_number(store, "SELECT count(*) FROM sqlite_master WHERE name = 'charge'"), pending);
		assert_int_equal(raw_number(store, "SELECT count(*) FROM channel"), 1);
		store_close(store);
		failures += !pending;
	}
	assert_true(failures >= 2); /* the beginning and the commit */
	tmpdir_remove(dir);
}

TEST(migrations_are_numbered)
{
	for (int i = 0; i < SQL_MIGRATIONS; i++)
		assert_int_equal(sql_sqlite_migrations[i].version, i + 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(epoch_is_drawn_once),
	    cmocka_unit_test(newer_and_older_are_refused),
	    cmocka_unit_test(empty_file_is_refused),
	    cmocka_unit_test(another_programs_database_is_refused),
	    cmocka_unit_test(processes_may_migrate_at_once),
	    cmocka_unit_test(keys_get_their_place),
	    cmocka_unit_test(verbs_go_on_from_where_triggers_ended),
	    cmocka_unit_test(what_waits_stands_in_line),
	    cmocka_unit_test(the_ledger_goes_on_with_its_numbers),
	    cmocka_unit_test(an_upgrade_is_made_whole_or_not_at_all),
	    cmocka_unit_test(migrations_are_numbered),
	};
	return cmocka_run_group_tests_name("store/migrate", tests, NULL, NULL);
}
