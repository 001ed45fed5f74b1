/* Cooldowns under load, by a virtual clock: ten minutes of two thousand users at four models, of which one is
 * limited, one has a task that is always told to come later, one has a refused prompt each 2.6 s, and one is
 * away for a minute. Nothing of this may hold the others up, and no wait that was asked for is cut short. */

#include <stdio.h>

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
	LIMIT = 2, /* submissions that the limited model takes in a second */
	ASKED = 2 * SECOND
};

enum model { LIMITED, POISONED, REFUSING, AWAY, MODELS };

struct waits {
	int64_t created_at, due_at, tries, taken_at; /* -1 = it waits, -2 = it ended otherwise */
	enum model model;
	bool poison, refused;
};

struct upstream {
	struct model_health health[MODELS];
	int64_t second, taken; /* by the limited model, in this second */
	int64_t asked_until;   /* the limited model's, since a second task was told so */
	int64_t submissions[MODELS], turned_away[MODELS], early;
};

static struct waits tasks[USERS + ARRIVE / EACH_REFUSED + 2];
static size_t count;

/* Numbers that look like chance, the same in each run. */
static uint64_t
draw(uint64_t below)
{
	static uint64_t seed = 42;
	seed = seed * 6364136223846793005U + 1442695040888963407U;
	return (seed >> 33) % below;
}

static void
add(enum model model, int64_t at, bool poison, bool refused)
{
	tasks[count++] = (struct waits){.created_at = at,
	                                .due_at = at,
	                                .taken_at = -1,
	                                .model = model,
	                                .poison = poison,
	                                .refused = refused};
}

/* What the upstream says of the task: 200, 400 or 429, and how long to wait. */
static int
answer(struct upstream *up, const struct waits *task, int64_t now, int64_t *ret_asked)
{
	*ret_asked = 0;
	if (task->refused)
		return 400;
	if (task->poison) {
		*ret_asked = ASKED;
		return 429;
	}
	if (task->model == AWAY && now >= AWAY_FROM && now < AWAY_UNTIL)
		return 429;
	if (task->model != LIMITED)
		return 200;
	if (up->second != now / SECOND)
		up->taken = 0;
	up->second = now / SECOND;
	if (up->taken++ < LIMIT)
		return 200;
	*ret_asked = ASKED;
	return 429;
}

static void
submit(struct upstream *up, size_t i, int64_t now)
{
	struct waits *task = &tasks[i];
	struct model_health *health = &up->health[task->model];
	const int64_t id = (int64_t)i + 1, failures = health->failures;
	int64_t asked;
	*health = model_health_sent(*health, id, now);
	up->submissions[task->model]++;
	up->early += task->model == LIMITED && now < up->asked_until;
	int status = answer(up, task, now, &asked);
	if (status == 429) {
		const struct model_failure failure = {.task = id,
		                                      .created_at = task->created_at,
		                                      .tries = task->tries,
		                                      .retry_after = asked,
		                                      .throttled = true};
		*health = model_health_failed(*health, &failure, now);
		task->due_at = now + health_task_wait(++task->tries, asked, (double)draw(1000) / 1000);
		up->turned_away[task->model]++;
		if (task->model == LIMITED && failures > 0 && health->failures > failures)
			up->asked_until = now + asked;
		return;
	}
	*health = status == 200 ? model_health_taken(*health, now) : model_health_over(*health, id, now);
	task->taken_at = status == 200 ? now : -2;
}

/* Sends what may be sent at that time, in order of coming. */
static void
tick(struct upstream *up, int64_t now)
{
	for (size_t i = 0; i < count; i++)
		if (tasks[i].taken_at == -1 && tasks[i].due_at <= now &&
		    up->health[tasks[i].model].until <= now)
			submit(up, i, now);
}

static int64_t
longest_wait(enum model model, int64_t from, int64_t until)
{
	int64_t longest = 0;
	for (size_t i = 0; i < count; i++) {
		const struct waits *task = &tasks[i];
		if (task->model != model || task->poison || task->refused || task->created_at < from ||
		    task->created_at >= until)
			continue;
		assert_true(task->taken_at >= task->created_at);
		int64_t wait = task->taken_at - task->created_at;
		longest = wait > longest ? wait : longest;
	}
	return longest;
}

TEST(what_is_told_to_one_holds_no_other_up)
{
	static const char *const names[] = {"limited", "poisoned", "refusing", "away"};
	struct upstream up = {0};
	add(POISONED, 0, true, false);
	for (int64_t at = 0; at < ARRIVE; at += EACH_REFUSED)
		add(REFUSING, at, false, true);
	for (int n = 0; n < USERS; n++) /* more come for the limited model than it takes, now and then */
		add((enum model)draw(MODELS), (int64_t)draw(ARRIVE / TICK) * TICK, false, false);
	for (int64_t now = 0; now < END; now += TICK)
		tick(&up, now);
	for (enum model m = 0; m < MODELS; m++)
		print_message("%s: %d submissions, %d turned away, the longest wait %d ms\n", names[m],
		              (int)up.submissions[m], (int)up.turned_away[m],
		              (int)longest_wait(m, 0, ARRIVE));
	assert_true(longest_wait(POISONED, 0, ARRIVE) <= TICK);
	assert_true(longest_wait(REFUSING, 0, ARRIVE) <= TICK);
	assert_int_equal(up.early, 0);
	assert_true(longest_wait(LIMITED, 0, ARRIVE) <= 60 * SECOND);
	/* While it is away: a few probes, and after it no one waits for longer than the last cooldown. */
	assert_true(up.turned_away[AWAY] <= 16);
	assert_true(longest_wait(AWAY, 0, ARRIVE) <= AWAY_UNTIL - AWAY_FROM + 60 * SECOND);
	assert_true(longest_wait(AWAY, AWAY_UNTIL + 60 * SECOND, ARRIVE) <= TICK);
	assert_true(up.turned_away[POISONED] >= 12); /* it goes on trying, once a minute */
	assert_true(up.turned_away[POISONED] <= 30);
}

int
main(void)
{
	const struct CMUnitTest tests_[] = {
	    cmocka_unit_test(what_is_told_to_one_holds_no_other_up),
	};
	return cmocka_run_group_tests_name("domain/channel/cooldowns", tests_, NULL, NULL);
}
