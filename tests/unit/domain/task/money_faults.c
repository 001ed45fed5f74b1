/* A disk that is full, or memory that is short, at each statement of each transaction that moves money:
 * nothing of it stands, the accounts add up, and made again it is done. */

#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "domain/money/code.h"
#include "domain/money/credit.h"
#include "domain/money/hold.h"
#include "domain/money/quote.h"
#include "domain/task/change.h"
#include "domain/task/create.h"
#include "domain/task/lapse.h"
#include "domain/task/transition.h"
#include "store/charge.h"
#include "store/fault.h"
#include "store/store.h"
#include "support/money.h"
#include "support/raw.h"
#include "support/test.h"

struct ground {
	struct domains *d;
	struct task task;
	struct quote quote;
	char code[CODE_SIZE];
	int64_t now;
};

/* ---- what moves money; each inside a transaction, but the sweep, which has its own ---- */

static enum err_code
create(struct ground *g, struct task *task)
{
	*task = stores_task(g->d->s->user, "another");
	return transition_create(&g->d->env, &g->quote, task);
}

static enum err_code
move(struct ground *g, struct task *task, enum state_edge edge)
{
	bool ends = task_state_terminal(state_edge(edge)->to);
	const struct transition change = {.now = g->now,
	                                  .completed_at = ends ? g->now : 0,
	                                  .error_code =
	                                      state_edge(edge)->to == TASK_STATE_FAILED ? "x" : NULL};
	return transition(g->d->s->store, edge, &change, task);
}

static enum err_code
complete(struct ground *g, struct task *task)
{
	return move(g, task, STATE_EDGE_COMPLETE);
}

static enum err_code
end_badly(struct ground *g, struct task *task)
{
	return move(g, task, STATE_EDGE_FAIL);
}

static enum err_code
fall_silent(struct ground *g, struct task *task)
{
	return move(g, task, STATE_EDGE_GIVE_UP_POLLING);
}

static enum err_code
cancel(struct ground *g, struct task *task)
{
	return move(g, task, STATE_EDGE_CANCEL_RUNNING);
}

static enum err_code
arrive_late(struct ground *g, struct task *task)
{
	return move(g, task, STATE_EDGE_ARRIVE_LATE);
}

static enum err_code
again(struct ground *g, struct task *task)
{
	const struct transition_again attempt = {
	    .edge = STATE_EDGE_RETRY, .now = g->now, .due_at = g->now, .deadline_at = g->now + 1};
	enum err_code err = transition_let_go(g->d->s->store, g->now, task);
	return err == ERR_OK ? transition_retry(&g->d->env, &attempt, &g->quote, task) : err;
}

static enum err_code
resume(struct ground *g, struct task *task)
{
	const struct transition_again attempt = {
	    .edge = STATE_EDGE_RESUME, .now = g->now, .due_at = g->now, .deadline_at = g->now + 1};
	enum err_code err = transition_let_go(g->d->s->store, g->now, task);
	return err == ERR_OK ? transition_retry(&g->d->env, &attempt, &g->quote, task) : err;
}

/* A set of three, as a program makes it: all or none. */
static enum err_code
create_set(struct ground *g, struct task *task)
{
	enum { SET = 3 };
	struct create_input inputs[SET];
	struct create_order orders[SET];
	(void)task;
	for (size_t i = 0; i < SET; i++) {
		inputs[i] = (struct create_input){.user_id = g->d->s->user,
		                                  .prompt = "a cat",
		                                  .options = "{}",
		                                  .metadata = "{}",
		                                  .set = SET,
		                                  .place = (int64_t)i};
		orders[i] = (struct create_order){.next = i + 1 < SET ? &orders[i + 1] : NULL,
		                                  .input = &inputs[i],
		                                  .arena = g->d->s->arena};
	}
	create_tasks(&g->d->env, orders);
	for (size_t i = 1; i < SET; i++)
		assert_int_equal(orders[i].err, orders[0].err);
	return orders[0].err;
}

/* As a user asks for it. */
static enum err_code
retry(struct ground *g, struct task *task)
{
	const struct change_target target = {.user_id = g->d->s->user, .video_id = task->video_id};
	struct change_refusal refusal;
	struct task row;
	return change_retry(&g->d->env, g->d->s->arena, &target, &row, &refusal);
}

static enum err_code
release(struct ground *g, struct task *task)
{
	(void)task;
	return lapse_order(&g->d->env, g->d->s->arena, 1);
}

static enum err_code
cancel_in_vain(struct ground *g, struct task *task)
{
	return transition_event(g->d->s->store, STATE_EVENT_CANCEL_IN_VAIN, g->now, task);
}

static enum err_code
revive(struct ground *g, struct task *task)
{
	return move(g, task, STATE_EDGE_REVIVE);
}

static enum err_code
sign_up(struct ground *g, struct task *task)
{
	(void)task;
	return credit_signup(g->d->s->store, &g->d->config, g->d->s->user, g->now);
}

static enum err_code
remove_task(struct ground *g, struct task *task)
{
	return transition_event(g->d->s->store, STATE_EVENT_DELETE, g->now, task);
}

static enum err_code
reroute(struct ground *g, struct task *task)
{
	return store_charge_move(g->d->s->store, task->id, task->attempt, "another");
}

static enum err_code
sweep(struct ground *g, struct task *task)
{
	(void)task;
	return lapse_sweep(&g->d->env, g->d->s->arena);
}

static enum err_code
give(struct ground *g, struct task *task)
{
	const struct credit credit = {
	    .user_id = g->d->s->user, .amount = 5, .reference = "r", .actor = "op", .now = g->now};
	struct transfer transfer;
	bool repeated;
	(void)task;
	return credit_add(g->d->s->store, g->d->s->arena, &credit, &transfer, &repeated);
}

static enum err_code
take(struct ground *g, struct task *task)
{
	const struct credit credit = {.user_id = g->d->s->user, .amount = -5, .actor = "op", .now = g->now};
	struct transfer transfer;
	bool repeated;
	(void)task;
	return credit_add(g->d->s->store, g->d->s->arena, &credit, &transfer, &repeated);
}

static enum err_code
redeem(struct ground *g, struct task *task)
{
	struct transfer transfer;
	(void)task;
	return code_redeem(g->d->s->store, g->d->s->arena, g->d->s->user, g->code, g->now, &transfer);
}

static enum err_code
refund(struct ground *g, struct task *task)
{
	const struct credit words = {.actor = "op", .now = g->now};
	(void)task;
	return credit_refund(g->d->s->store, g->d->s->arena, 1, &words);
}

enum before { HELD, HELD_SENT, BY_DELIVERY, LINGERS, GIVEN_BACK, PAID };

static const struct {
	const char *name;
	enum task_state state;
	enum before before;
	enum err_code (*fn)(struct ground *, struct task *);
	bool whole; /* it begins and ends its transaction */
} deeds[] = {
    {"create", TASK_STATE_RUNNING, HELD, create, false},
    {"complete", TASK_STATE_RUNNING, HELD, complete, false},
    {"fail", TASK_STATE_RUNNING, HELD, end_badly, false},
    {"fall silent", TASK_STATE_RUNNING, HELD, fall_silent, false},
    {"cancel", TASK_STATE_RUNNING, HELD, cancel, false},
    {"arrive late, paid", TASK_STATE_FAILED, LINGERS, arrive_late, false},
    {"arrive late, waived", TASK_STATE_FAILED, GIVEN_BACK, arrive_late, false},
    {"again", TASK_STATE_FAILED, LINGERS, again, false},
    {"resume", TASK_STATE_CANCELLED, LINGERS, resume, false},
    {"retry", TASK_STATE_FAILED, LINGERS, retry, true},
    {"retry of what was cancelled", TASK_STATE_CANCELLED, LINGERS, retry, true},
    {"a set", TASK_STATE_RUNNING, HELD, create_set, true},
    {"complete, as delivered", TASK_STATE_RUNNING, BY_DELIVERY, complete, false},
    {"cancel, to be paid", TASK_STATE_RUNNING, HELD_SENT, cancel, false},
    {"cancel in vain", TASK_STATE_CANCELLED, LINGERS, cancel_in_vain, false},
    {"revive", TASK_STATE_FAILED, LINGERS, revive, false},
    {"release", TASK_STATE_RUNNING, HELD, release, true},
    {"sign up", TASK_STATE_RUNNING, HELD, sign_up, false},
    {"remove", TASK_STATE_FAILED, LINGERS, remove_task, false},
    {"reroute", TASK_STATE_RUNNING, HELD, reroute, false},
    {"sweep", TASK_STATE_FAILED, LINGERS, sweep, true},
    {"give", TASK_STATE_RUNNING, HELD, give, false},
    {"take", TASK_STATE_RUNNING, HELD, take, false},
    {"redeem", TASK_STATE_RUNNING, HELD, redeem, false},
    {"refund", TASK_STATE_RUNNING, PAID, refund, false},
};

/* ---- */

static struct ground
ground(size_t deed)
{
	struct ground g = {.d = money_domains(), .now = clock_wall_ms()};
	struct store *store = g.d->s->store;
	g.d->config.cancel_charge = deeds[deed].before == HELD_SENT ? "sent" : "never";
	g.d->config.signup_credit = "3";
	if (deeds[deed].before == BY_DELIVERY)
		raw_run(store, "UPDATE tariff SET settle = 'delivered'");
	const struct code code = {
	    .batch = "b", .amount = 700, .uses_max = 1, .created_at = 1, .created_by = "op"};
	/* The owner of a lease stands still: what has ended has none. */
	g.task = domains_task(g.d, "video_1", deeds[deed].state);
	g.quote = money_quote(g.d, &g.task);
	assert_int_equal(store_begin(store, STORE_RELAXED), ERR_OK);
	assert_int_equal(hold_add(&g.d->env, &g.quote, &g.task), ERR_OK);
	if (deeds[deed].before == GIVEN_BACK)
		assert_int_equal(transition_event(store, STATE_EVENT_OPERATOR, g.now, &g.task), ERR_OK);
	if (deeds[deed].before == PAID)
		assert_int_equal(complete(&g, &g.task), ERR_OK);
	assert_int_equal(code_make(store, &code, g.code), ERR_OK);
	assert_int_equal(store_commit(store), ERR_OK);
	if (deeds[deed].before == LINGERS)
		raw_run(store, "UPDATE charge SET linger_until = 1, linger_to = 'released'; "
		               "UPDATE task SET owner = NULL");
	if (deeds[deed].before == LINGERS)
		g.task.owner = NULL;
	money_check(g.d);
	return g;
}

/* All that a transaction of money may write. */
static void
dump(struct store *store, struct buf *out)
{
	buf_clear(out);
	raw_rows(store, "SELECT * FROM account", out);
	raw_rows(store, "SELECT * FROM transfer", out);
	raw_rows(store, "SELECT * FROM charge", out);
	raw_rows(store, "SELECT * FROM spend_day", out);
	raw_rows(store, "SELECT * FROM spend_channel", out);
	raw_rows(store, "SELECT * FROM usage_day", out);
	raw_rows(store, "SELECT * FROM charge_tally", out);
	raw_rows(store, "SELECT * FROM code", out);
	raw_rows(store, "SELECT * FROM redemption", out);
	raw_rows(store, "SELECT * FROM task", out);
	raw_rows(store, "SELECT * FROM attempt", out);
	raw_rows(store, "SELECT * FROM head", out);
}

static enum err_code
run(struct ground *g, size_t deed)
{
	struct task task = g->task;
	if (deeds[deed].whole)
		return deeds[deed].fn(g, &task);
	enum err_code err = store_begin(g->d->s->store, STORE_DURABLE);
	return err == ERR_OK ? store_end(g->d->s->store, deeds[deed].fn(g, &task)) : err;
}

static void
each_step_fails(size_t deed, enum err_code fault)
{
	struct ground g = ground(deed);
	struct store *store = g.d->s->store;
	struct buf before, after;
	int64_t nth = 0;
	bool came = true;
	buf_init(&before, 1 << 20);
	buf_init(&after, 1 << 20);
	dump(store, &before);
	while (came) {
		store_fault_set(store, ++nth, fault);
		enum err_code err = run(&g, deed);
		came = !store_fault_pending(store);
		store_fault_set(store, 0, ERR_OK);
		dump(store, &after);
		bool same = before.len == after.len && memcmp(before.data, after.data, before.len) == 0;
		/* Channels that cannot be read take nothing. */
		if (came && (err == ERR_BUSY || err == ERR_NO_CHANNEL) &&
		    (deeds[deed].fn == retry || deeds[deed].fn == create_set))
			err = fault;
		if (err != (came ? fault : ERR_OK) || same != came)
			fail_msg("%s, step %d, %s: %s, %s", deeds[deed].name, (int)nth, err_word(fault),
			         err_word(err), same ? "nothing is written" : "something is");
		money_check(g.d);
	}
	assert_true(nth > 4); /* it begins, writes, writes the money of it, and commits */
	buf_free(&before);
	buf_free(&after);
	domains_free(g.d);
}

TEST(nothing_of_it_stands_where_a_step_fails)
{
	for (size_t deed = 0; deed < sizeof(deeds) / sizeof(deeds[0]); deed++) {
		each_step_fails(deed, ERR_NO_SPACE);
		each_step_fails(deed, ERR_NO_MEMORY);
		each_step_fails(deed, ERR_BUSY);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(nothing_of_it_stands_where_a_step_fails)};
	return cmocka_run_group_tests_name("domain/task/money_faults", tests, NULL, NULL);
}
