/* The polling schedule and the backoffs: see schedule.h. */
#include "domain/task/schedule.h"

#include "base/config.h"

enum {
	SUBMIT_FIRST = 1000,
	SUBMIT_MOST = 60 * 1000,
	LATE_LEAST = 60 * 1000,
	LATE_MOST = 30 * 60 * 1000,
	REST_FIRST = 1000,
	REST_MOST = 60 * 1000,
	REST_ASKED_MOST = 60 * 60 * 1000,
	FAILURES_ALLOWED = 2, /* in a row, before a channel rests */
	TRIES_COUNTED = 4,    /* of one task */
	DOUBLINGS = 16        /* more would only overflow: every ceiling is reached long before */
};

static int64_t
within(int64_t value, int64_t least, int64_t most)
{
	return value < least ? least : value > most ? most : value;
}

/* `value` ± 10 %. */
static int64_t
jitter(int64_t value, double dice)
{
	return value + (int64_t)((double)value * (dice - 0.5) / 5);
}

static int64_t
doubled(int64_t value, int64_t times)
{
	return value << within(times, 0, DOUBLINGS);
}

int64_t
schedule_poll(const struct config *config, int64_t age, double dice)
{
	int64_t plain = within(age / 10, config->poll_interval_min, config->poll_interval_max);
	return within(jitter(plain, dice), config->poll_interval_min, config->poll_interval_max);
}

int64_t
schedule_poll_failed(const struct config *config, int64_t age, int64_t failures, double dice)
{
	int64_t plain =
	    within(doubled(schedule_poll(config, age, dice), failures), 0, config->poll_interval_max);
	return within(jitter(plain, dice), config->poll_interval_min, config->poll_interval_max);
}

int64_t
schedule_submit(int64_t failures, int64_t tries, int64_t retry_after, double dice)
{
	int64_t times = within(tries, failures, failures < TRIES_COUNTED ? TRIES_COUNTED : failures);
	int64_t wait = jitter(within(doubled(SUBMIT_FIRST, times - 1), SUBMIT_FIRST, SUBMIT_MOST), dice);
	int64_t asked = within(retry_after, 0, REST_ASKED_MOST);
	return wait < asked ? asked : wait;
}

int64_t
schedule_late(int64_t since_deadline, double dice)
{
	return within(jitter(since_deadline / 20, dice), LATE_LEAST, LATE_MOST);
}

int64_t
schedule_delivery(int64_t failures, int64_t retry_after, double dice)
{
	enum { S = 1000, MIN = 60 * S, H = 60 * MIN };
	static const int64_t waits[] = {5 * S,  5 * MIN, 30 * MIN, 2 * H, 5 * H,
	                                10 * H, 14 * H,  20 * H,   24 * H};
	if (failures > (int64_t)(sizeof(waits) / sizeof(waits[0])))
		return -1;
	int64_t wait = jitter(waits[failures < 1 ? 0 : failures - 1], dice);
	int64_t asked = within(retry_after, 0, 24 * H);
	return wait < asked ? asked : wait;
}

struct channel_health
schedule_channel(struct channel_health before, int64_t rest, int64_t now)
{
	struct channel_health after = before;
	if (now >= before.cooldown_until)
		after.failures++;
	if (after.failures > FAILURES_ALLOWED) {
		int64_t own = doubled(REST_FIRST, after.failures - FAILURES_ALLOWED - 1);
		rest = rest > own ? rest : within(own, REST_FIRST, REST_MOST);
	}
	rest = within(rest, 0, REST_ASKED_MOST);
	if (rest > 0 && now + rest > after.cooldown_until)
		after.cooldown_until = now + rest;
	return after;
}

struct channel_health
schedule_channel_works(struct channel_health before)
{
	return (struct channel_health){.cooldown_until = before.cooldown_until};
}
