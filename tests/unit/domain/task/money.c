/* Money follows the task: what each edge and each event of state.def does to the charge of the attempt, as
 * the contract has it. A word of that table that is changed alone makes a test fail. */

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "domain/money/hold.h"
#include "domain/money/quote.h"
#include "domain/task/lapse.h"
#include "domain/task/transition.h"
#include "store/charge.h"
#include "store/clock.h"
#include "store/store.h"
#include "support/domains.h"
#include "support/money.h"
#include "support/raw.h"
#include "support/test.h"

enum { AFTER_MS = 1000, LINGER_MS = 500 };

/* How the charge stands before. */
enum before { HELD, HELD_SENT, LINGERING, CANCELLED, RELEASED, BEFORE__MAX };

/* What becomes of it then: its state, reason and cost, and how it lingers. The reason is in the place of %s.
 */
struct word {
	const char *word;
	const char *after[BEFORE__MAX];
};

static const struct word words[] = {
    {"keep", {"held||||", "held||||", "held||-500|released|", "held||-500|settled|", "released|operator|||"}},
    {"release",
     {"released|%s|||0", "released|%s|||0", "released|%s|||0", "released|%s|||0", "released|operator|||"}},
    {"give_back",
     {"released|%s|||", "released|%s|||", "released|%s|||", "released|%s|||", "released|operator|||"}},
    {"settle", {"settled|%s|||", "settled|%s|||", "settled|%s|||", "settled|%s|||", "released|waived|||"}},
    {"in_vain", {"settled|%s|||", "settled|%s|||", "settled|%s|||", "settled|%s|||", "released|operator|||"}},
    {"linger",
     {"held||60000|released|", "held||60000|released|", "held||60000|released|", "held||60000|released|",
      "released|operator|||"}},
    {"revive", {"held||||", "held||||", "held||||", "held||||", "released|operator|||"}},
    {"cancel",
     {"released|%s|||", "held||600000|settled|", "held||600000|settled|", "held||600000|settled|",
      "released|operator|||"}},
    {"cancel unknown",
     {"released|%s|||", "held||60000|released|", "held||60000|released|", "held||60000|released|",
      "released|operator|||"}},
    {"lapse", {"held||||", "held||||", "released|%s|||", "settled|%s|||", "released|operator|||"}},
    {"cut_short",
     {"released|%s|||", "released|%s|||", "released|%s|||", "settled|%s|||", "released|operator|||"}},
};

/* The contract, section 3. */
static const struct {
	const char *name, *word;
} edges[] =
    {
        {"CLAIM", "keep"},
        {"ACCEPT", "keep"},
        {"POSTPONE", "keep"},
        {"LOSE", "keep"},
        {"FIND", "keep"},
        {"REPEAT", "keep"},
        {"PROGRESS", "keep"},
        {"LATE_ID", "keep"},
        {"EXPIRE", "release"},
        {"REFUSE", "release"},
        {"CANCEL_READY", "release"},
        {"COMPLETE", "settle"},
        {"ARRIVE_LATE", "settle"},
        {"FAIL", "release"},
        {"GIVE_UP_POLLING", "linger"},
        {"GIVE_UP", "linger"},
        {"REVIVE", "revive"},
        {"STOPPED", "release"},
        {"CANCEL_SENDING", "cancel unknown"},
        {"CANCEL_UNSURE", "cancel"},
        {"CANCEL_RUNNING", "cancel"},
},
  events[] = {
      {"LAPSE", "lapse"},
      {"DELETE", "give_back"},
      {"RETRY", "cut_short"},
      {"LATE_VERDICT", "release"},
      {"CONFIRM_CANCEL", "release"},
      {"CANCEL_IN_VAIN", "in_vain"},
      {"VERDICT_AFTER_CANCEL", "release"},
      {"OPERATOR", "give_back"},
};

/* A task with a charge that stands so. */
static struct task
task_before(struct domains *d, const char *name, enum task_state state, enum before before, int64_t now)
{
	struct task task = domains_task(d, name, state);
	char sql[120];
	d->config.cancel_charge = before == HELD ? "never" : "sent";
	const struct quote quoted = money_quote(d, &task);
	assert_int_equal(store_begin(d->s->store, STORE_RELAXED), ERR_OK);
	assert_int_equal(hold_add(&d->env, &quoted, &task), ERR_OK);
	raw_run(d->s->store, "UPDATE task SET priced = 1"); /* as its creation would have */
	if (before == RELEASED)
		assert_int_equal(transition_event(d->s->store, STATE_EVENT_OPERATOR, now, &task), ERR_OK);
	assert_int_equal(store_commit(d->s->store), ERR_OK);
	snprintf(
	    sql, sizeof(sql), "UPDATE charge SET linger_until = %lld, linger_to = '%s' WHERE task_id = %lld",
	    (long long)now + LINGER_MS, before == CANCELLED ? "settled" : "released", (long long)task.id);
	if (before == LINGERING || before == CANCELLED)
		raw_run(d->s->store, sql);
	return task;
}

static void
assert_after(struct domains *d, const struct task *task, int64_t now, const char *name, const char *word,
             enum before before)
{
	char sql[240], wanted[80], reason[32] = "";
	struct buf found;
	size_t i = 0;
	while (strcmp(words[i].word, word) != 0)
		i++;
	for (size_t k = 0; name[k] != '\0'; k++)
		reason[k] = name[k] == '_' ? '_' : (char)(name[k] - 'A' + 'a');
	const char *after = words[i].after[before], *at = strstr(after, "%s");
	snprintf(wanted, sizeof(wanted), "%.*s%s%s", at != NULL ? (int)(at - after) : 0, after,
	         at != NULL ? reason : "", at != NULL ? at + 2 : after);
	snprintf(sql, sizeof(sql),
	         "SELECT state || '|' || coalesce(reason, '') || '|' || coalesce(linger_until - %lld, '') || "
	         "'|' || "
	         "coalesce(linger_to, '') || '|' || coalesce(cost, '') FROM charge WHERE task_id = %lld",
	         (long long)now, (long long)task->id);
	buf_init(&found, 1000);
	raw_rows(d->s->store, sql, &found);
	if (strncmp(buf_str(&found), wanted, strlen(wanted)) != 0 || buf_str(&found)[strlen(wanted)] != '|')
		fail_msg("%s, before %d: %s, not %s", name, (int)before, buf_str(&found), wanted);
	buf_free(&found);
}

static const char *
word_of(const char *name, bool event)
{
	size_t count = event ? sizeof(events) / sizeof(events[0]) : sizeof(edges) / sizeof(edges[0]);
	for (size_t i = 0; i < count; i++)
		if (strcmp(event ? events[i].name : edges[i].name, name) == 0)
			return event ? events[i].word : edges[i].word;
	return NULL;
}

static void
take_edge(struct domains *d, enum state_edge edge, enum before before)
{
	const struct state_move *move = state_edge(edge);
	assert_true(move->money != MONEY_HOLD); /* a charge is made with an attempt alone */
	const int64_t now = clock_wall_ms(), then = now + AFTER_MS;
	const char *name = arena_printf(d->s->arena, "%s_%d", move->name, (int)before);
	struct task task = task_before(d, name, move->from, before, now);
	const struct transition change = {.now = then,
	                                  .completed_at = task_state_terminal(move->to) ? then : 0,
	                                  .error_code = move->to == TASK_STATE_FAILED ? "x" : NULL};
	assert_int_equal(store_begin(d->s->store, STORE_RELAXED), ERR_OK);
	assert_int_equal(transition(d->s->store, edge, &change, &task), ERR_OK);
	assert_int_equal(store_commit(d->s->store), ERR_OK);
	assert_non_null(word_of(move->name, false));
	assert_after(d, &task, then, move->name, word_of(move->name, false), before);
	const struct task again = stores_get(d->s, name);
	assert_int_equal(again.charge.state, task.charge.state);
	assert_int_equal(again.charge.charged, task.charge.charged);
	assert_int_equal(again.charge.reserved, MONEY_PRICE);
}

static void
have_event(struct domains *d, enum state_event event, enum before before)
{
	const struct state_happening *what = state_event(event);
	const int64_t now = clock_wall_ms(), then = now + AFTER_MS;
	const char *name = arena_printf(d->s->arena, "%s_%d", what->name, (int)before);
	struct task task = task_before(d, name, TASK_STATE_FAILED, before, now);
	const int64_t rev = task.rev;
	const enum charge_state was = task.charge.state;
	assert_int_equal(store_begin(d->s->store, STORE_RELAXED), ERR_OK);
	assert_int_equal(transition_event(d->s->store, event, then, &task), ERR_OK);
	assert_int_equal(store_commit(d->s->store), ERR_OK);
	assert_non_null(word_of(what->name, true));
	assert_after(d, &task, then, what->name, word_of(what->name, true), before);
	/* A client that sees another charge hears of it. */
	assert_int_equal(stores_get(d->s, name).rev > rev, task.charge.state != was);
}

/* Whatever state they have left the tasks in, the accounts add up but for what no task would be in. */
static void
end(struct domains *d)
{
	raw_run(d->s->store,
	        "UPDATE charge SET linger_until = 1, linger_to = 'released' WHERE state = 'held' AND "
	        "(SELECT completed_at FROM task WHERE id = task_id) > 0; "
	        "UPDATE charge SET linger_until = NULL, linger_to = NULL WHERE state = 'held' AND "
	        "(SELECT completed_at FROM task WHERE id = task_id) = 0; "
	        "UPDATE charge SET linger_until = 1, linger_to = 'released' WHERE state = 'held' AND "
	        "(SELECT state FROM task WHERE id = task_id) = 'failed'");
	money_check(d);
	domains_free(d);
}

TEST(each_edge_has_its_money)
{
	struct domains *d = money_domains();
	size_t seen = 0;
	for (enum state_edge edge = 0; edge < STATE_EDGE__MAX; edge++) {
		bool again = edge == STATE_EDGE_RETRY || edge == STATE_EDGE_RESUME;
		for (enum before before = 0; before < BEFORE__MAX && !again; before++)
			take_edge(d, edge, before);
		seen += !again;
	}
	assert_int_equal(seen, sizeof(edges) / sizeof(edges[0]));
	end(d);
}

TEST(each_event_has_its_money)
{
	struct domains *d = money_domains();
	size_t seen = 0;
	for (enum state_event event = 0; event < STATE_EVENT__MAX; event++) {
		for (enum before before = 0; before < BEFORE__MAX && event != STATE_EVENT_CREATE; before++)
			have_event(d, event, before);
		seen += event != STATE_EVENT_CREATE;
	}
	assert_int_equal(seen, sizeof(events) / sizeof(events[0]));
	end(d);
}

TEST(creation_and_another_attempt_hold_the_price)
{
	static const enum state_edge again[] = {STATE_EDGE_RETRY, STATE_EDGE_RESUME};
	for (size_t i = 0; i < 2; i++) {
		struct domains *d = money_domains();
		struct task task = stores_task(d->s->user, "video_1");
		const struct quote quoted = money_quote(d, &task);
		const int64_t now = clock_wall_ms();
		const struct transition_again attempt = {
		    .edge = again[i], .now = now, .due_at = now, .deadline_at = now + 1};
		const enum state_edge end = i == 0 ? STATE_EDGE_EXPIRE : STATE_EDGE_CANCEL_READY;
		const struct transition change = {
		    .now = now, .completed_at = now, .error_code = i == 0 ? "x" : NULL};
		task.created_at = quoted.at + 5; /* a set comes one after the other */
		assert_int_equal(store_begin(d->s->store, STORE_RELAXED), ERR_OK);
		assert_int_equal(transition_create(&d->env, &quoted, &task), ERR_OK);
		assert_int_equal(task.charge.state, CHARGE_HELD);
		assert_int_equal(store_commit(d->s->store), ERR_OK);
		money_check(d);
		assert_int_equal(
		    raw_number(d->s->store,
		               "SELECT balance FROM account WHERE kind = 'held' AND user_id = 1"),
		    MONEY_PRICE);
		assert_int_equal(raw_number(d->s->store, "SELECT created_at FROM charge"), quoted.at);
		assert_int_equal(store_begin(d->s->store, STORE_RELAXED), ERR_OK);
		assert_int_equal(transition(d->s->store, end, &change, &task), ERR_OK);
		assert_int_equal(transition_retry(&d->env, &attempt, &quoted, &task), ERR_OK);
		assert_int_equal(store_commit(d->s->store), ERR_OK);
		money_check(d);
		assert_int_equal(task.charge.state, CHARGE_HELD);
		assert_int_equal(
		    raw_number(d->s->store,
		               "SELECT count(*) FROM charge WHERE state = 'held' AND attempt = 2"),
		    1);
		assert_int_equal(
		    raw_number(d->s->store,
		               "SELECT balance FROM account WHERE kind = 'available' AND user_id = 1"),
		    MONEY_GRANT - MONEY_PRICE);
		domains_free(d);
	}
}

/* What lingers is swept when its time has come, and not before. */
TEST(what_lingers_is_swept)
{
	struct domains *d = money_domains();
	const int64_t now = clock_wall_ms();
	struct task late = task_before(d, "late", TASK_STATE_FAILED, HELD, now);
	struct task paid = task_before(d, "paid", TASK_STATE_CANCELLED, HELD, now);
	struct task waits = task_before(d, "waits", TASK_STATE_FAILED, HELD, now);
	raw_run(d->s->store,
	        "UPDATE charge SET linger_until = 1, linger_to = 'released' WHERE id = 1; "
	        "UPDATE charge SET linger_until = 2, linger_to = 'settled' WHERE id = 2; "
	        "UPDATE charge SET linger_until = 9000000000000, linger_to = 'released' WHERE id = 3");
	money_check(d);
	assert_int_equal(lapse_sweep(&d->env, d->s->arena), ERR_OK);
	money_check(d);
	assert_int_equal(stores_get(d->s, "late").charge.state, CHARGE_RELEASED);
	assert_int_equal(stores_get(d->s, "paid").charge.state, CHARGE_SETTLED);
	assert_int_equal(stores_get(d->s, "waits").charge.state, CHARGE_HELD);
	assert_true(stores_get(d->s, "late").rev > late.rev && stores_get(d->s, "paid").rev > paid.rev);
	assert_int_equal(stores_get(d->s, "waits").rev, waits.rev);
	assert_int_equal(lapse_order(&d->env, d->s->arena, 3), ERR_OK);
	assert_int_equal(lapse_order(&d->env, d->s->arena, 3), ERR_NOT_HELD);
	assert_int_equal(lapse_order(&d->env, d->s->arena, 4), ERR_NOT_FOUND);
	money_check(d);
	assert_int_equal(stores_get(d->s, "waits").charge.state, CHARGE_RELEASED);
	domains_free(d);
}

/* The clock is set by a day, forward or back. Until the times have moved with it nothing lapses; then what
 * lingered before, and what began to since, both linger for as long as they were to. */
TEST(what_lingers_moves_with_the_clock)
{
	enum { DAY = 24 * 60 * 60 * 1000, SLOW = 60 * 1000 };
	for (int64_t step = -DAY; step <= DAY; step += 2 * (int64_t)DAY) {
		struct domains *d = money_domains();
		char sql[160];
		assert_int_equal(store_begin(d->s->store, STORE_RELAXED), ERR_OK);
		assert_int_equal(store_clock_shift(d->s->store, 0), ERR_OK);
		assert_int_equal(store_commit(d->s->store), ERR_OK);
		/* As it stands a day later or earlier: the offset is another, and the row from before it. */
		const int64_t now = clock_wall_ms();
		task_before(d, "before", TASK_STATE_FAILED, HELD, now);
		task_before(d, "since", TASK_STATE_FAILED, HELD, now);
		snprintf(sql, sizeof(sql),
		         "UPDATE head SET clock_offset = clock_offset - %lld; "
		         "UPDATE charge SET linger_to = 'released', linger_until = %lld WHERE id = 1",
		         (long long)step, (long long)(now + MONEY_LATE_MS - step));
		raw_run(d->s->store, sql);
		assert_int_equal(store_begin(d->s->store, STORE_RELAXED), ERR_OK);
		assert_int_equal(store_charge_linger(d->s->store, 2, now + MONEY_LATE_MS, false), ERR_OK);
		assert_int_equal(store_commit(d->s->store), ERR_OK);
		assert_int_equal(lapse_sweep(&d->env, d->s->arena), ERR_OK);
		assert_int_equal(raw_number(d->s->store, "SELECT count(*) FROM charge WHERE state = 'held'"),
		                 2);
		assert_int_equal(store_begin(d->s->store, STORE_RELAXED), ERR_OK);
		assert_int_equal(store_clock_shift(d->s->store, step), ERR_OK);
		assert_int_equal(store_commit(d->s->store), ERR_OK);
		for (int id = 1; id <= 2; id++) {
			snprintf(sql, sizeof(sql), "SELECT linger_until FROM charge WHERE id = %d", id);
			assert_in_range(raw_number(d->s->store, sql), now + MONEY_LATE_MS - SLOW,
			                now + MONEY_LATE_MS + SLOW);
		}
		domains_free(d);
	}
}

/* A balance that may not be fails the move, and leaves the task as it was. */
TEST(a_broken_ledger_moves_nothing)
{
	struct domains *d = money_domains();
	const int64_t now = clock_wall_ms();
	struct task task = task_before(d, "video_1", TASK_STATE_RUNNING, HELD, now);
	const struct transition change = {.now = now, .completed_at = now};
	raw_run(d->s->store, "UPDATE account SET balance = 5 WHERE kind = 'held' AND user_id = 1");
	assert_int_equal(store_begin(d->s->store, STORE_RELAXED), ERR_OK);
	enum err_code err = transition(d->s->store, STATE_EDGE_COMPLETE, &change, &task);
	assert_int_equal(err, ERR_LEDGER);
	assert_int_equal(store_end(d->s->store, err), ERR_LEDGER);
	assert_int_equal(task.state, TASK_STATE_RUNNING);
	assert_int_equal(stores_get(d->s, "video_1").state, TASK_STATE_RUNNING);
	raw_run(d->s->store, "UPDATE account SET balance = 800000 WHERE kind = 'held' AND user_id = 1");
	assert_int_equal(store_begin(d->s->store, STORE_RELAXED), ERR_OK);
	assert_int_equal(transition(d->s->store, STATE_EDGE_COMPLETE, &change, &task), ERR_OK);
	assert_int_equal(store_commit(d->s->store), ERR_OK);
	money_check(d);
	domains_free(d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_edge_has_its_money),
	    cmocka_unit_test(each_event_has_its_money),
	    cmocka_unit_test(creation_and_another_attempt_hold_the_price),
	    cmocka_unit_test(what_lingers_is_swept),
	    cmocka_unit_test(what_lingers_moves_with_the_clock),
	    cmocka_unit_test(a_broken_ledger_moves_nothing),
	};
	return cmocka_run_group_tests_name("domain/task/money", tests, NULL, NULL);
}
