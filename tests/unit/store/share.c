/* Shares of polled tasks and the pollers that hold them. */

#include <stdio.h>
#include <string.h>

#include "sql_migrations.h"
#include "store/clock.h"
#include "store/db.h"
#include "store/share.h"
#include "store/store.h"
#include "support/raw.h"
#include "support/stores.h"
#include "support/tmpdir.h"
#include "support/test.h"

static void
begin(struct stores *s)
{
	assert_int_equal(store_begin(s->store, STORE_RELAXED), ERR_OK);
}

static void
commit(struct stores *s)
{
	assert_int_equal(store_commit(s->store), ERR_OK);
}

static struct share
share(struct stores *s, int n)
{
	struct share shares[SHARES];
	assert_int_equal(store_share_list(s->store, s->arena, shares), ERR_OK);
	return shares[n];
}

static bool
idle(struct stores *s, int64_t now)
{
	bool idle = false;
	assert_int_equal(store_share_idle(s->store, now, &idle), ERR_OK);
	return idle;
}

static int64_t
pollers(struct stores *s, const char *owner)
{
	int64_t count = -1;
	assert_int_equal(store_poller_count(s->store, owner, &count), ERR_OK);
	return count;
}

static bool
known(struct stores *s, const char *owner)
{
	bool known = false;
	assert_int_equal(store_poller_known(s->store, owner, &known), ERR_OK);
	return known;
}

static void
take(struct stores *s, const char *owner, int from, int to, int64_t until)
{
	begin(s);
	assert_int_equal(store_poller_extend(s->store, owner, until, true), ERR_OK);
	for (int n = from; n < to; n++)
		assert_int_equal(store_share_set(s->store, n, owner, 500), ERR_OK);
	commit(s);
}

TEST(shares_are_their_pollers_as_long_as_the_lease_lasts)
{
	struct stores *s = stores_new();
	for (int n = 0; n < SHARES; n++) {
		assert_null(share(s, n).owner);
		assert_int_equal(share(s, n).looked_until, 0);
	}
	assert_true(idle(s, 1000));
	take(s, "one", 0, SHARES / 2, 2000);
	assert_true(idle(s, 1000));
	take(s, "two", SHARES / 2, SHARES, 3000);
	assert_false(idle(s, 1999));
	assert_true(idle(s, 2000));
	assert_int_equal(pollers(s, "one"), 2);
	assert_int_equal(pollers(s, "three"), 2); /* that is not known yet */
	take(s, "one", 0, 0, 2500);
	assert_false(idle(s, 2000));
	begin(s);
	assert_int_equal(store_poller_purge(s->store, 2500), ERR_OK);
	commit(s);
	assert_false(known(s, "one"));
	assert_true(known(s, "two"));
	assert_null(share(s, 0).owner);
	assert_int_equal(share(s, 0).looked_until, 500);
	assert_string_equal(share(s, SHARES - 1).owner, "two");
	begin(s);
	assert_int_equal(store_poller_remove(s->store, "two"), ERR_OK);
	commit(s);
	assert_int_equal(pollers(s, "two"), 0);
	stores_free(s);
}

/* A process that ends when nothing is due has no part of its own. */
TEST(who_does_not_stay_is_not_counted)
{
	struct stores *s = stores_new();
	begin(s);
	assert_int_equal(store_poller_extend(s->store, "brief", 2000, false), ERR_OK);
	assert_int_equal(store_poller_extend(s->store, "one", 2000, true), ERR_OK);
	commit(s);
	assert_int_equal(pollers(s, "one"), 1);
	assert_int_equal(pollers(s, "brief"), 2);
	stores_free(s);
}

TEST(leases_and_looks_move_with_the_clock)
{
	struct stores *s = stores_new();
	const int64_t day = 86400000;
	take(s, "one", 0, SHARES, 2000);
	begin(s);
	assert_int_equal(store_clock_shift(s->store, day), ERR_OK);
	commit(s);
	assert_int_equal(share(s, 5).looked_until, day + 500);
	assert_false(idle(s, day + 1999));
	assert_true(idle(s, day + 2000));
	begin(s);
	assert_int_equal(store_clock_back(s->store, 300, 800, 900, false), ERR_OK);
	commit(s);
	assert_int_equal(share(s, 5).looked_until, 300);
	assert_false(idle(s, 799));
	assert_true(idle(s, 800));
	stores_free(s);
}

struct seen {
	int count;
	char names[400];
};

static void
see(void *cookie, const struct task *task)
{
	struct seen *seen = cookie;
	size_t len = strlen(seen->names);
	seen->count++;
	snprintf(seen->names + len, sizeof(seen->names) - len, "%s ", task->video_id);
}

static int64_t
add(struct stores *s, const char *name, enum task_state state, int64_t due_at)
{
	struct task task = stores_task(s->user, name);
	task.state = state;
	task.due_at = due_at;
	return stores_add(s->store, &task);
}

static struct seen
tasks_of(struct stores *s, uint64_t shares)
{
	struct seen seen = {.count = 0};
	assert_int_equal(store_share_tasks(s->store, shares, see, &seen), ERR_OK);
	return seen;
}

TEST(polled_tasks_are_those_that_run_or_have_timed_out)
{
	struct stores *s = stores_new();
	add(s, "ready", TASK_STATE_READY, 1000);
	add(s, "sending", TASK_STATE_SENDING, 1000);
	int64_t running = add(s, "running", TASK_STATE_RUNNING, 1000);
	int64_t late = add(s, "late", TASK_STATE_FAILED, 1000);
	add(s, "failed", TASK_STATE_FAILED, 0);
	add(s, "completed", TASK_STATE_COMPLETED, 0);
	add(s, "cancelled", TASK_STATE_CANCELLED, 1000);
	assert_string_equal(tasks_of(s, UINT64_MAX).names, "running late ");
	assert_string_equal(tasks_of(s, UINT64_C(1) << (running % SHARES)).names, "running ");
	assert_string_equal(tasks_of(s, UINT64_C(1) << (late % SHARES)).names, "late ");
	assert_int_equal(
	    tasks_of(s, ~(UINT64_C(1) << (running % SHARES) | UINT64_C(1) << (late % SHARES))).count, 0);
	for (int i = 0; i < 200; i++)
		add(s, arena_printf(s->arena, "r%d", i), TASK_STATE_RUNNING, 1000);
	int sum = 0;
	for (int n = 0; n < SHARES; n++)
		sum += tasks_of(s, UINT64_C(1) << n).count;
	assert_int_equal(sum, 202);
	stores_free(s);
}

/* Ten thousand running tasks of before there were shares, half of them under the leases of pollers that were
 * killed. */
TEST(an_upgrade_takes_all_running_tasks_over)
{
	static const char fill[] =
	    "INSERT INTO user (id, username, password_hash, admin, disabled, created_at) VALUES (1, 'ada', "
	    "'-', 0, 0, 1);"
	    "INSERT INTO channel (name) VALUES ('default');"
	    "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000)"
	    "INSERT INTO task (user_id, video_id, external_id, fingerprint, channel, state, progress, "
	    "prompt, seconds,"
	    " media_type, options, metadata, attempt, created_at, updated_at, completed_at, deadline_at, "
	    "rev, due_at,"
	    " owner, polls, misses)"
	    " SELECT 1, 'v' || i, 'job' || i, zeroblob(32), 'default', CASE i % 100 WHEN 0 THEN 'failed' "
	    "ELSE 'running' END,"
	    " 1, 'p', 0, 'VIDEO', '{}', '{}', 1, 1000, 1000, 0, 900000, i, 5000 + i, CASE i % 2 WHEN 0 THEN "
	    "'killed' END,"
	    " 0, 0 FROM n";
	char *dir = tmpdir_make(), version[64];
	struct store *store = NULL;
	size_t before = 0;
	tmpdir_write(dir, "longreel.db", "");
	assert_int_equal(db_open(dir, STORE_WRITE, &store), ERR_OK);
	for (; strstr(sql_sqlite_migrations[before].text, "CREATE TABLE share") == NULL; before++)
		raw_run(store, sql_sqlite_migrations[before].text);
	raw_run(store, fill);
	snprintf(version, sizeof(version), "PRAGMA user_version = %zu", before);
	raw_run(store, version);
	store_close(store);
	assert_int_equal(store_open(dir, STORE_MIGRATE, &store), ERR_OK);
	assert_int_equal(raw_number(store, "SELECT count(*) FROM task WHERE owner IS NOT NULL"), 0);
	assert_int_equal(raw_number(store, "SELECT count(*) FROM task WHERE due_at <> 5000 + id"), 0);
	struct stores s = {.store = store, .arena = arena_new()};
	struct seen seen = tasks_of(&s, UINT64_MAX);
	assert_int_equal(seen.count, 10000);
	assert_true(idle(&s, 1));
	arena_free(s.arena);
	store_close(store);
	tmpdir_remove(dir);
}

TEST(changes_come_in_order_and_asked_ones_by_themselves)
{
	struct stores *s = stores_new();
	struct share_change *changes;
	struct share_asked *asked;
	size_t count;
	int64_t ids[3], due_at;
	for (int i = 0; i < 3; i++)
		ids[i] = add(s, arena_printf(s->arena, "v%d", i), TASK_STATE_RUNNING,
		             i == 1 ? TASK_LOOK_NOW : 1000);
	assert_int_equal(store_share_changes(s->store, s->arena, 1, 10, &changes, &count), ERR_OK);
	assert_int_equal(count, 2);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(changes[i].id, ids[i + 1]);
		assert_int_equal(changes[i].rev, i + 2);
		assert_true(changes[i].polled);
	}
	add(s, "ready", TASK_STATE_READY, 1000);
	assert_int_equal(store_share_changes(s->store, s->arena, 3, 10, &changes, &count), ERR_OK);
	assert_int_equal(count, 1);
	assert_false(changes[0].polled);
	assert_int_equal(store_share_changes(s->store, s->arena, 0, 2, &changes, &count), ERR_OK);
	assert_int_equal(count, 2);
	assert_int_equal(store_share_asked(s->store, s->arena, 0, 10, &asked, &count), ERR_OK);
	assert_int_equal(count, 1);
	assert_int_equal(asked[0].id, ids[1]);
	assert_int_equal(asked[0].due_at, TASK_LOOK_NOW);
	int64_t more = add(s, "more", TASK_STATE_RUNNING, TASK_LOOK_NOW_LAST);
	add(s, "none", TASK_STATE_RUNNING, TASK_LOOK_NOW_LAST + 1);
	assert_int_equal(store_share_asked(s->store, s->arena, 0, 1, &asked, &count), ERR_OK);
	assert_int_equal(count, 1);
	assert_int_equal(asked[0].id, ids[1]);
	assert_int_equal(store_share_asked(s->store, s->arena, ids[1], 10, &asked, &count), ERR_OK);
	assert_int_equal(count, 1);
	assert_int_equal(asked[0].id, more);
	assert_int_equal(asked[0].due_at, TASK_LOOK_NOW_LAST);
	assert_int_equal(store_share_due(s->store, more, &due_at), ERR_OK);
	assert_int_equal(due_at, TASK_LOOK_NOW_LAST);
	assert_int_equal(store_share_due(s->store, 99, &due_at), ERR_OK);
	assert_int_equal(due_at, 0);
	struct task task;
	assert_int_equal(store_share_task(s->store, s->arena, ids[2], &task), ERR_OK);
	assert_string_equal(task.video_id, "v2");
	assert_int_equal(store_share_task(s->store, s->arena, 99, &task), ERR_NOT_FOUND);
	stores_free(s);
}

struct whole {
	int count;
	struct stores *s;
};

/* What a poll needs is as the whole row has it. */
static void
compare(void *cookie, const struct task *task)
{
	struct whole *whole = cookie;
	struct task row;
	assert_int_equal(store_share_task(whole->s->store, whole->s->arena, task->id, &row), ERR_OK);
	const char *const ours[] = {task->video_id,    task->external_id, task->channel, task->key_id,
	                            task->model,       task->size,        task->options, task->input_file,
	                            task->input_type,  task->images,      task->job,     task->owner,
	                            task->facts.model, task->facts.size};
	const char *const theirs[] = {row.video_id,    row.external_id, row.channel, row.key_id,
	                              row.model,       row.size,        row.options, row.input_file,
	                              row.input_type,  row.images,      row.job,     row.owner,
	                              row.facts.model, row.facts.size};
	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		assert_string_equal(ours[i], theirs[i]);
	const int64_t our[] = {task->id,          task->state,         task->progress,
	                       task->seconds,     task->attempt,       task->created_at,
	                       task->accepted_at, task->deadline_at,   task->rev,
	                       task->due_at,      task->tries,         task->not_found_count,
	                       task->deleted,     task->facts.seconds, task->facts.expires_at};
	const int64_t their[] = {row.id,      row.state,         row.progress,        row.seconds,
	                         row.attempt, row.created_at,    row.accepted_at,     row.deadline_at,
	                         row.rev,     row.due_at,        row.tries,           row.not_found_count,
	                         row.deleted, row.facts.seconds, row.facts.expires_at};
	assert_memory_equal(our, their, sizeof(our));
	whole->count++;
}

TEST(polled_tasks_have_what_their_polls_need)
{
	struct stores *s = stores_new();
	struct whole whole = {.s = s};
	const enum task_state states[] = {TASK_STATE_RUNNING, TASK_STATE_FAILED};
	for (int i = 0; i < 2; i++) {
		struct task task = stores_task(s->user, i == 0 ? "running" : "late");
		task.state = states[i];
		task.external_id = "job1";
		task.key_id = "k.p";
		task.model = "m";
		task.size = "1280x720";
		task.options = "{\"hd\":true}";
		task.input_file = "f";
		task.input_type = "image/png";
		task.images = "[]";
		task.job = "{\"poll_url\":\"u\"}";
		task.owner = "o";
		task.facts = (struct job_facts){"theirs", "640x360", 5, 6, 0};
		task.progress = 7;
		task.seconds = 8;
		task.attempt = 9;
		task.accepted_at = 10;
		task.deadline_at = 11;
		task.due_at = 12;
		task.tries = 13;
		task.not_found_count = 14;
		stores_add(s->store, &task);
	}
	assert_int_equal(store_share_tasks(s->store, UINT64_MAX, compare, &whole), ERR_OK);
	assert_int_equal(whole.count, 2);
	stores_free(s);
}

TEST(what_no_poller_looks_at_lags)
{
	struct stores *s = stores_new();
	int64_t lag;
	take(s, "one", 0, SHARES, 2000);
	assert_int_equal(store_share_lag(s->store, 3000, &lag), ERR_OK);
	assert_int_equal(lag, INT64_MAX); /* there is nothing to look at */
	add(s, "running", TASK_STATE_RUNNING, 1000);
	assert_int_equal(store_share_lag(s->store, 1999, &lag), ERR_OK);
	assert_int_equal(lag, INT64_MAX);
	assert_int_equal(store_share_lag(s->store, 3000, &lag), ERR_OK);
	assert_int_equal(lag, 500);
	stores_free(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(shares_are_their_pollers_as_long_as_the_lease_lasts),
	    cmocka_unit_test(who_does_not_stay_is_not_counted),
	    cmocka_unit_test(leases_and_looks_move_with_the_clock),
	    cmocka_unit_test(polled_tasks_are_those_that_run_or_have_timed_out),
	    cmocka_unit_test(an_upgrade_takes_all_running_tasks_over),
	    cmocka_unit_test(changes_come_in_order_and_asked_ones_by_themselves),
	    cmocka_unit_test(polled_tasks_have_what_their_polls_need),
	    cmocka_unit_test(what_no_poller_looks_at_lags),
	};
	return cmocka_run_group_tests_name("store/share", tests, NULL, NULL);
}
