/* Every step of every verb fails once, with each kind of failure; nothing may be left half done. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "store/sqlite/db.h"
#include "store/sqlite/fault.h"
#include "support/stores.h"

/* What the verbs work on, in a database that is made anew for each. */
struct ground {
	struct stores *s;
	int64_t ready, running, failed, sending, retried;
};

static const uint8_t token[CRYPTO_HASH_SIZE] = {7};
static const uint8_t new_token[CRYPTO_HASH_SIZE] = {8};

/* The verbs, each as it is used. */
static enum err_code
user_add(struct ground *g)
{
	struct user user = {.username = "new", .password_hash = "$h"};
	int64_t id;
	return store_user_add(g->s->store, &user, &id);
}

static enum err_code
user_by_name(struct ground *g)
{
	struct user user;
	return store_user_by_name(g->s->store, g->s->arena, "ada", &user);
}

static enum err_code
user_by_token(struct ground *g)
{
	struct user user;
	return store_user_by_token(g->s->store, g->s->arena, token, 1000, &user);
}

static enum err_code
user_list(struct ground *g)
{
	struct user *users;
	size_t count;
	return store_user_list(g->s->store, g->s->arena, &users, &count);
}

static enum err_code
user_set_password(struct ground *g)
{
	return store_user_set_password(g->s->store, g->s->user, "$new");
}

static enum err_code
user_disable(struct ground *g)
{
	return store_user_disable(g->s->store, g->s->user, true);
}

static enum err_code
token_add(struct ground *g)
{
	return store_token_add(g->s->store, new_token, g->s->user, 1000, 9000);
}

static enum err_code
token_revoke(struct ground *g)
{
	return store_token_revoke(g->s->store, token);
}

static enum err_code
purge(struct ground *g)
{
	int64_t count;
	return store_purge(g->s->store, 1764291402480, 100, &count);
}

static enum err_code
rate_take(struct ground *g)
{
	int64_t wait;
	enum err_code err = store_rate_refund(g->s->store, "bucket", 60);
	return err != ERR_OK ? err : store_rate_take(g->s->store, "bucket", 120, 1000, &wait);
}

static enum err_code
channel_health(struct ground *g)
{
	struct channel_health health;
	return store_channel_health(g->s->store, "default", &health);
}

static enum err_code
channel_set_health(struct ground *g)
{
	struct channel_health health = {.failures = 9};
	return store_channel_set_health(g->s->store, "default", &health);
}

static enum err_code
task_add(struct ground *g)
{
	struct task task = stores_task(g->s->user, "video_new");
	int64_t id, rev;
	task.channel = "new";
	return store_task_add(g->s->store, &task, &id, &rev);
}

static enum err_code
task_get(struct ground *g)
{
	struct task task;
	return store_task_get(g->s->store, g->s->arena, g->s->user, "video_ready", &task);
}

static enum err_code
task_by_request(struct ground *g)
{
	struct task task;
	return store_task_by_request(g->s->store, g->s->arena, g->s->user, "request", &task);
}

static enum err_code
task_list(struct ground *g)
{
	struct task_filter filter = {.user_id = g->s->user, .status = TASK_STATUS__MAX, .text = "cat"};
	struct task_page page = {.limit = 10};
	struct task *tasks;
	size_t count;
	return store_task_list(g->s->store, g->s->arena, &filter, &page, &tasks, &count);
}

static enum err_code
task_count(struct ground *g)
{
	struct task_filter filter = {.user_id = g->s->user, .status = TASK_STATUS__MAX};
	int64_t count;
	enum err_code err = store_task_count(g->s->store, &filter, &count);
	filter.text = "cat";
	return err != ERR_OK ? err : store_task_count(g->s->store, &filter, &count);
}

static enum err_code
task_move(struct ground *g)
{
	struct task_move move = stores_move(g->running, TASK_STATE_RUNNING, TASK_STATE_COMPLETED);
	int64_t rev;
	return store_task_move(g->s->store, &move, &rev);
}

static enum err_code
task_rest(struct ground *g)
{
	return store_task_rest(g->s->store,
	                       &(struct task_rest){g->ready, 1, TASK_STATE_READY, NULL, 9000, 1, 1});
}

static enum err_code
task_claim(struct ground *g)
{
	struct task *tasks;
	size_t count;
	return store_task_claim(g->s->store, g->s->arena, &(struct task_claim){"p", 5000, 6000, 10}, &tasks,
	                        &count);
}

static enum err_code
task_next_due(struct ground *g)
{
	int64_t due;
	return store_task_next_due(g->s->store, &due);
}

static enum err_code
task_by_content(struct ground *g)
{
	static const uint8_t print[CRYPTO_HASH_SIZE] = {1, 2, 3};
	const struct task_content content = {g->s->user, print, 0, 0, 9};
	struct task task;
	return store_task_by_content(g->s->store, g->s->arena, &content, &task);
}

static enum err_code
task_repeated(struct ground *g)
{
	enum err_code err = store_task_set_keyed(g->s->store, g->ready, true);
	return err != ERR_OK ? err : store_task_repeated(g->s->store, g->ready, 3);
}

static enum err_code
task_traces(struct ground *g)
{
	bool known;
	struct task task = stores_task(g->s->user, "video_ready");
	struct task_rivals rivals;
	enum err_code err = store_external_known(g->s->store, "default", "job", &known);
	return err != ERR_OK ? err : store_task_rivals(g->s->store, &task, 0, &rivals);
}

static enum err_code
task_lineage(struct ground *g)
{
	struct task *tasks;
	size_t count;
	return store_task_lineage(g->s->store, g->s->arena, g->running, 10, &tasks, &count);
}

static enum err_code
task_again(struct ground *g)
{
	const struct task_again again = {.id = g->failed, .from = TASK_STATE_FAILED, .to = TASK_STATE_READY};
	int64_t rev;
	return store_task_again(g->s->store, &again, &rev);
}

static enum err_code
task_hold(struct ground *g)
{
	return store_task_hold(g->s->store, g->sending, 1, "p", 9000);
}

static enum err_code
attempt_learn(struct ground *g)
{
	return store_attempt_learn(g->s->store, g->retried, 1, "late");
}

static enum err_code
task_hide(struct ground *g)
{
	int64_t rev;
	return store_task_hide(g->s->store, g->failed, 9000, &rev);
}

static enum err_code
clock_back(struct ground *g)
{
	return store_clock_back(g->s->store, 900, 950);
}

static enum err_code
feed_head(struct ground *g)
{
	const char *epoch;
	int64_t rev;
	return store_feed_head(g->s->store, g->s->arena, &epoch, &rev);
}

static enum err_code
feed_since(struct ground *g)
{
	struct task *tasks;
	size_t count;
	bool more;
	return store_feed_since(g->s->store, g->s->arena, &(struct feed_window){g->s->user, 0, 10, 1000},
	                        &tasks, &count, &more);
}

static enum err_code
feed_changes(struct ground *g)
{
	struct feed_change *changes;
	size_t count;
	return store_feed_changes(g->s->store, g->s->arena, 0, &changes, &count);
}

static enum err_code
data_version(struct ground *g)
{
	int64_t version;
	return store_data_version(g->s->store, &version);
}

static const struct {
	const char *name;
	enum err_code (*fn)(struct ground *ground);
	bool writes;
} verbs[] = {
    {"user_add", user_add, true},
    {"user_by_name", user_by_name, false},
    {"user_by_token", user_by_token, false},
    {"user_list", user_list, false},
    {"user_set_password", user_set_password, true},
    {"user_disable", user_disable, true},
    {"token_add", token_add, true},
    {"token_revoke", token_revoke, true},
    {"purge", purge, true},
    {"rate_refund, rate_take", rate_take, true},
    {"channel_health", channel_health, false},
    {"channel_set_health", channel_set_health, true},
    {"task_add", task_add, true},
    {"task_get", task_get, false},
    {"task_by_request", task_by_request, false},
    {"task_list", task_list, false},
    {"task_count", task_count, false},
    {"task_move", task_move, true},
    {"task_rest", task_rest, true},
    {"task_claim", task_claim, true},
    {"task_next_due", task_next_due, false},
    {"task_by_content", task_by_content, false},
    {"task_set_keyed, task_repeated", task_repeated, true},
    {"external_known, task_rivals", task_traces, false},
    {"task_lineage", task_lineage, false},
    {"task_again", task_again, true},
    {"task_hold", task_hold, true},
    {"attempt_learn", attempt_learn, true},
    {"task_hide", task_hide, true},
    {"clock_back", clock_back, true},
    {"feed_head", feed_head, false},
    {"feed_since", feed_since, false},
    {"feed_changes", feed_changes, false},
    {"data_version", data_version, false},
};

static const struct {
	int code;
	enum err_code err, at_commit;
} faults[] = {
    {SQLITE_BUSY, ERR_BUSY, ERR_BUSY},
    {SQLITE_BUSY_SNAPSHOT, ERR_BUSY, ERR_BUSY},
    {SQLITE_FULL, ERR_NO_SPACE, ERR_NO_SPACE},
    {SQLITE_NOMEM, ERR_NO_MEMORY, ERR_NO_MEMORY},
    {SQLITE_IOERR_NOMEM, ERR_NO_MEMORY, ERR_NO_MEMORY},
    {SQLITE_CORRUPT, ERR_CORRUPT, ERR_CORRUPT},
    {SQLITE_NOTADB, ERR_CORRUPT, ERR_CORRUPT},
    {SQLITE_IOERR_FSYNC, ERR_INTERNAL, ERR_UNCERTAIN},
    {SQLITE_READONLY, ERR_INTERNAL, ERR_UNCERTAIN},
};

static int64_t
add(struct stores *s, const char *video_id, enum task_state state)
{
	struct task task = stores_task(s->user, video_id);
	task.state = state;
	task.client_request_id = state == TASK_STATE_READY ? "request" : NULL;
	task.external_id = state == TASK_STATE_RUNNING ? "job" : NULL;
	task.owner = state == TASK_STATE_SENDING ? "p" : NULL;
	return stores_add(s->store, &task);
}

static struct ground
make_ground(void)
{
	struct ground g = {.s = stores_new()};
	int64_t wait, rev;
	g.ready = add(g.s, "video_ready", TASK_STATE_READY);
	g.running = add(g.s, "video_running", TASK_STATE_RUNNING);
	g.failed = add(g.s, "video_failed", TASK_STATE_FAILED);
	g.sending = add(g.s, "video_sending", TASK_STATE_SENDING);
	g.retried = add(g.s, "video_retried", TASK_STATE_FAILED);
	assert_int_equal(store_begin(g.s->store, STORE_RELAXED), ERR_OK);
	assert_int_equal(store_token_add(g.s->store, token, g.s->user, 1000, 5000), ERR_OK);
	assert_int_equal(store_rate_take(g.s->store, "bucket", 60, 1000, &wait), ERR_OK);
	const struct task_again again = {.id = g.retried, .from = TASK_STATE_FAILED, .to = TASK_STATE_READY};
	assert_int_equal(store_task_again(g.s->store, &again, &rev), ERR_OK);
	assert_int_equal(store_commit(g.s->store), ERR_OK);
	return g;
}

/* Everything that stands in the database. */
static void
dump(struct store *store, struct buf *out)
{
	static const char *const tables[] = {"head",    "user", "token", "rate",
	                                     "channel", "task", "tally", "attempt"};
	buf_clear(out);
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		char sql[64];
		sqlite3_stmt *stmt = NULL;
		snprintf(sql, sizeof(sql), "SELECT * FROM %s", tables[i]);
		assert_int_equal(sqlite3_prepare_v2(store->db, sql, -1, &stmt, NULL), SQLITE_OK);
		while (sqlite3_step(stmt) == SQLITE_ROW) {
			for (int c = 0; c < sqlite3_column_count(stmt); c++) {
				buf_add(out, sqlite3_column_blob(stmt, c),
				        (size_t)sqlite3_column_bytes(stmt, c));
				buf_addc(out, '|');
			}
			buf_addc(out, '\n');
		}
		assert_int_equal(sqlite3_finalize(stmt), SQLITE_OK);
	}
	assert_false(out->failed);
}

static bool
same(const struct buf *a, const struct buf *b)
{
	return a->len == b->len && memcmp(a->data, b->data, a->len) == 0;
}

/* One use of a verb, as the floors above use it. */
static enum err_code
use(struct ground *g, size_t verb, bool *ret_committing)
{
	struct store *store = g->s->store;
	*ret_committing = false;
	if (!verbs[verb].writes)
		return verbs[verb].fn(g);
	enum err_code err = store_begin(store, STORE_DURABLE);
	if (err != ERR_OK)
		return err;
	err = verbs[verb].fn(g);
	if (err != ERR_OK) {
		/* A caller who overlooks the error must not commit a half. */
		assert_int_equal(store_commit(store), err);
		store_rollback(store);
		return err;
	}
	*ret_committing = true;
	return store_commit(store);
}

/* Lets each step of the verb fail in turn, until it has none left, and then makes it. */
static void
torture(struct ground *g, size_t verb, size_t fault)
{
	struct store *store = g->s->store;
	struct buf before, after;
	buf_init(&before, 1 << 20);
	buf_init(&after, 1 << 20);
	dump(store, &before);
	for (int64_t nth = 1;; nth++) {
		bool committing;
		/* So that setting the durability is a step each time. */
		assert_int_equal(store_begin(store, STORE_RELAXED), ERR_OK);
		store_rollback(store);
		store_fault_set(store, nth, faults[fault].code);
		enum err_code err = use(g, verb, &committing);
		bool came = !store_fault_pending(store);
		store_fault_set(store, 0, 0);
		enum err_code expected = committing ? faults[fault].at_commit : faults[fault].err;
		if (err != (came ? expected : ERR_OK))
			fail_msg("%s, step %d, code %d: %s", verbs[verb].name, (int)nth, faults[fault].code,
			         err_word(err));
		dump(store, &after);
		if (!came) {
			assert_true(nth > 1);
			assert_int_equal(!same(&before, &after), verbs[verb].writes);
			break;
		}
		assert_true(same(&before, &after));
		arena_reset(g->s->arena);
	}
	buf_free(&before);
	buf_free(&after);
}

static void
every_step_may_fail(void **state)
{
	(void)state;
	for (size_t verb = 0; verb < sizeof(verbs) / sizeof(verbs[0]); verb++) {
		for (size_t fault = 0; fault < sizeof(faults) / sizeof(faults[0]); fault++) {
			struct ground g = make_ground();
			torture(&g, verb, fault);
			stores_free(g.s);
		}
	}
}

/* The check holds no transaction. */
static void
check_may_fail(void **state)
{
	(void)state;
	struct ground g = make_ground();
	const char *why = NULL;
	int64_t steps = 0;
	for (enum err_code err = ERR_NO_MEMORY; err != ERR_OK; steps++) {
		store_fault_set(g.s->store, steps + 1, SQLITE_NOMEM);
		err = store_check(g.s->store, g.s->arena, &why);
		assert_int_equal(err, store_fault_pending(g.s->store) ? ERR_OK : ERR_NO_MEMORY);
	}
	assert_true(steps > 2);
	store_fault_set(g.s->store, 1, SQLITE_CORRUPT);
	assert_int_equal(store_check(g.s->store, g.s->arena, &why), ERR_CORRUPT);
	assert_non_null(why);
	stores_free(g.s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_step_may_fail),
	    cmocka_unit_test(check_may_fail),
	};
	return cmocka_run_group_tests_name("store/fault", tests, NULL, NULL);
}
