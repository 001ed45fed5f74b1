/* Cooldowns under load, by a virtual clock: two thousand users at one channel, for ten minutes. Nothing that
 * one user's tasks are told holds the others up, a model or a key that is away is probed and no more, and no
 * wait that was asked for is cut short. Answers take their time, some long: what was sent before a cooldown
 * is answered within it. */

#include <stdio.h>
#include <string.h>

#include "domain/channel/account_health.h"
#include "domain/channel/health.h"
#include "domain/channel/model_health.h"
#include "support/test.h"

enum {
	SECOND = 1000,
	TICK = 100,
	END = 1200 * SECOND,
	USERS = 2000,
	ARRIVE = 600 * SECOND,
	AWAY_FROM = 100 * SECOND,
	AWAY_UNTIL = 160 * SECOND,
	EACH_REFUSED = 2600,
	QUICK = 300, /* of most answers */
	SLOW = 8 * SECOND,
	SLOW_EACH = 7, /* … and of each seventh */
	LIMIT = 2,     /* submissions that a limited model takes in a second */
	ASKED = 2 * SECOND,
	ASKED_LONG = 30 * SECOND,
	STRANGER = USERS + 1 /* a user */
};

enum model {
	LIMITED,  /* more come than it takes, now and then */
	POISONED, /* one task is always told to come later */
	TWICE,    /* three of one user's are, one after the other */
	REFUSING, /* a prompt is refused each 2.6 s */
	AWAY,     /* it takes nothing for a minute */
	ALONE,    /* limited, with one user */
	MODELS
};

static const char *const names[] = {"limited", "poisoned", "twice", "refusing", "away", "alone"};

struct work {
	int64_t user, created_at, due_at, tries;
	int64_t sent_at, answer_at; /* 0 = it is not under way */
	int64_t went_at;            /* when what was taken was sent; -1 = it waits, -2 = it ended otherwise */
	enum model model;
	bool poison, refused;
	int status; /* of the answer that is on its way */
	int64_t asked;
};

struct upstream {
	struct model_health health[MODELS];
	struct channel_health channel;
	bool dies;                             /* its key is dead while a model could be away */
	int64_t second[MODELS], taken[MODELS]; /* by a limited model, in this second */
	int64_t submissions[MODELS], turned_away[MODELS];
	int64_t no_account, slow_accepted, early, warnings;
};

static struct work tasks[2 * USERS + ARRIVE / EACH_REFUSED + 8];
static size_t count;

/* Numbers that look like chance, the same in each run. */
static uint64_t
draw(uint64_t below)
{
	static uint64_t seed = 42;
	seed = seed * 6364136223846793005U + 1442695040888963407U;
	return (seed >> 33) % below;
}

static struct work *
add(enum model model, int64_t user, int64_t at)
{
	tasks[count] =
	    (struct work){.user = user, .created_at = at, .due_at = at, .went_at = -1, .model = model};
	return &tasks[count++];
}

static bool
is_away(int64_t now)
{
	return now >= AWAY_FROM && now < AWAY_UNTIL;
}

/* What the upstream says of the task: 200, 400, 401 or 429, and how long to wait. */
static int
judge(struct upstream *up, const struct work *task, int64_t now, int64_t *ret_asked)
{
	enum model model = task->model;
	*ret_asked = 0;
	if (up->dies && is_away(now)) {
		*ret_asked = draw(4) == 0 ? 7 * SECOND : 0;
		return 401;
	}
	if (task->refused)
		return 400;
	if (task->poison) {
		*ret_asked = model == TWICE ? ASKED_LONG : ASKED;
		return 429;
	}
	if (model == AWAY && !up->dies && is_away(now))
		return 429;
	if (model != LIMITED && model != ALONE)
		return 200;
	if (up->second[model] != now / SECOND)
		up->taken[model] = 0;
	up->second[model] = now / SECOND;
	if (up->taken[model]++ < LIMIT)
		return 200;
	*ret_asked = ASKED;
	return 429;
}

static void
submit(struct upstream *up, size_t i, int64_t now)
{
	struct work *task = &tasks[i];
	struct model_health *health = &up->health[task->model];
	const struct cooldown_task sent = {.id = (int64_t)i + 1, .user = task->user};
	bool proven = health->failures > 1 && (health->user == 0 || health->user == task->user);
	up->early += (proven && now < health->asked_until) || now < up->channel.account_asked_until;
	*health = model_health_sent(*health, &sent, now);
	up->channel = account_health_sent(up->channel, sent.id, now);
	up->submissions[task->model]++;
	task->sent_at = now;
	task->answer_at = now + (draw(SLOW_EACH) == 0 ? SLOW : QUICK);
	task->status = judge(up, task, now, &task->asked);
}

static void
settle(struct upstream *up, size_t i, int64_t now)
{
	struct work *task = &tasks[i];
	struct model_health *health = &up->health[task->model];
	const struct cooldown_task sent = {(int64_t)i + 1, task->user, task->sent_at};
	const struct model_failure later = {.task = sent,
	                                    .created_at = task->created_at,
	                                    .tries = task->tries,
	                                    .retry_after = task->asked,
	                                    .throttled = true};
	const struct account_failure refused = {sent, task->asked, (double)draw(1000) / 1000};
	int64_t before = up->channel.account_failures;
	task->answer_at = 0;
	if (task->status == 429) {
		up->channel = account_health_over(up->channel, sent.id, now);
		*health = model_health_failed(*health, &later, now);
		task->due_at = now + health_task_wait(++task->tries, task->asked, (double)draw(1000) / 1000);
		up->turned_away[task->model]++;
	} else if (task->status == 401) {
		*health = model_health_over(*health, sent.id, now);
		up->channel = account_health_failed(up->channel, &refused, now);
		up->warnings += before == 0;
		up->no_account++;
	} else if (task->status == 200) {
		*health = model_health_taken(*health, &sent, now);
		up->channel = account_health_taken(up->channel, &sent, now);
		up->slow_accepted += before > 0 && sent.sent_at < AWAY_FROM;
		task->went_at = task->sent_at;
	} else {
		*health = model_health_over(*health, sent.id, now);
		up->channel = account_health_over(up->channel, sent.id, now);
		task->went_at = -2;
	}
}

/* Takes the answers that have come, then sends what may be sent at that time, in order of coming. */
static void
tick(struct upstream *up, int64_t now)
{
	for (size_t i = 0; i < count; i++)
		if (tasks[i].answer_at > 0 && tasks[i].answer_at <= now)
			settle(up, i, now);
	for (size_t i = 0; i < count; i++)
		if (tasks[i].went_at == -1 && tasks[i].answer_at == 0 && tasks[i].due_at <= now &&
		    model_health_until(&up->health[tasks[i].model], tasks[i].user) <= now &&
		    up->channel.account_until <= now)
			submit(up, i, now);
}

static int64_t
longest_wait(enum model model, int64_t from, int64_t until)
{
	int64_t longest = 0;
	for (size_t i = 0; i < count; i++) {
		const struct work *task = &tasks[i];
		if (task->model != model || task->poison || task->refused || task->created_at < from ||
		    task->created_at >= until)
			continue;
		assert_true(task->went_at >= task->created_at);
		int64_t wait = task->went_at - task->created_at;
		longest = wait > longest ? wait : longest;
	}
	return longest;
}

static void
run(struct upstream *up, enum model models)
{
	for (int n = 0; n < USERS; n++)
		add((enum model)draw((uint64_t)models), n + 1, (int64_t)draw(ARRIVE / TICK) * TICK);
	for (int64_t now = 0; now < END; now += TICK)
		tick(up, now);
	for (enum model m = 0; m < MODELS; m++)
		print_message("%s: %d submissions, %d turned away, the longest wait %d ms\n", names[m],
		              (int)up->submissions[m], (int)up->turned_away[m],
		              (int)longest_wait(m, 0, ARRIVE));
	assert_int_equal(up->early, 0);
}

TEST(what_is_told_to_one_holds_no_other_up)
{
	struct upstream up = {0};
	count = 0;
	add(POISONED, STRANGER, 0)->poison = true;
	for (int i = 0; i < 3; i++)
		add(TWICE, STRANGER, 0)->poison = true;
	for (int64_t at = 0; at < ARRIVE; at += EACH_REFUSED)
		add(REFUSING, STRANGER, at)->refused = true;
	for (int i = 0; i < 200; i++)
		add(ALONE, STRANGER, i / 50 * 60 * SECOND);
	run(&up, ALONE);
	assert_true(longest_wait(POISONED, 0, ARRIVE) <= TICK);
	assert_true(longest_wait(TWICE, 0, ARRIVE) <= TICK);
	assert_true(longest_wait(REFUSING, 0, ARRIVE) <= TICK);
	assert_true(longest_wait(LIMITED, 0, ARRIVE) <= 120 * SECOND);
	/* While it is away: a few probes, and after it no one waits for longer than the last cooldown. */
	assert_true(up.turned_away[AWAY] <= 20);
	assert_true(longest_wait(AWAY, 0, ARRIVE) <= AWAY_UNTIL - AWAY_FROM + 60 * SECOND + SLOW);
	assert_true(longest_wait(AWAY, AWAY_UNTIL + 70 * SECOND, ARRIVE) <= TICK);
	assert_in_range(up.turned_away[POISONED], 12, 30); /* it goes on trying, once a minute */
	/* A user who is alone at a model proves by itself that it is limited. */
	assert_true(up.turned_away[ALONE] < up.submissions[ALONE]);
}

/* A key that is refused for a minute: probes, one warning, and what was sent before ends nothing. */
TEST(a_dead_key_is_probed_and_no_more)
{
	struct upstream up = {.dies = true};
	count = 0;
	run(&up, MODELS);
	print_message("%d refused by the dead key, %d taken from before\n", (int)up.no_account,
	              (int)up.slow_accepted);
	assert_true(up.slow_accepted > 0);
	assert_int_equal(up.warnings, 1);
	assert_true(up.no_account <= 20);
	for (enum model m = 0; m < MODELS; m++) {
		if (m == LIMITED || m == ALONE) /* what has waited comes at once, and so for longer */
			continue;
		assert_true(longest_wait(m, 0, ARRIVE) <= AWAY_UNTIL - AWAY_FROM + 60 * SECOND + SLOW);
		assert_true(longest_wait(m, AWAY_UNTIL + 70 * SECOND, ARRIVE) <= TICK);
	}
}

int
main(void)
{
	const struct CMUnitTest tests_[] = {
	    cmocka_unit_test(what_is_told_to_one_holds_no_other_up),
	    cmocka_unit_test(a_dead_key_is_probed_and_no_more),
	};
	return cmocka_run_group_tests_name("domain/channel/cooldowns", tests_, NULL, NULL);
}
