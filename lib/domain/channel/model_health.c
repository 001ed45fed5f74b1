/* The health of a channel with one model: see model_health.h. */
#include "domain/channel/model_health.h"

#include "domain/backoff.h"

enum {
	PROVEN_BY = 2,  /* tasks in a row that are told to come later */
	FAILED_BY = 3,  /* tasks in a row that fail otherwise: the first two may be by chance */
	KNOWN_TRIES = 8 /* of a task, while others were taken: it is the task that is refused; with fewer it
	                   may have come too late each time */
};

static int64_t
later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* The end of the wait that is said of the model; 0 = none is. */
static int64_t
asked_until(const struct model_health *health)
{
	return health->failures >= PROVEN_BY ? health->asked_until : 0;
}

struct model_health
model_health_over(struct model_health before, int64_t task, int64_t now)
{
	struct model_health after = before;
	if (before.probe == 0 || before.probe != task)
		return after;
	after.probe = 0;
	after.until = later(asked_until(&before), now);
	return after;
}

struct model_health
model_health_sent(struct model_health before, int64_t task, int64_t now)
{
	struct model_health after = before;
	if (before.failures < PROVEN_BY || before.until > now)
		return after;
	after.probe = task;
	after.until = now + HEALTH_PROBE;
	return after;
}

struct model_health
model_health_taken(struct model_health before, int64_t now)
{
	int64_t asked = asked_until(&before);
	return (struct model_health){.until = asked > now ? asked : 0,
	                             .asked_until = asked > now ? asked : 0,
	                             .accepted_at = now,
	                             .failed_at = before.failed_at,
	                             .throttled = before.throttled};
}

/* Each task counts once in a row: not again as the last one, nor by another try while it is in the count. */
static int64_t
count(const struct model_health *before, const struct model_failure *failure)
{
	if (failure->task == before->task)
		return before->failures;
	if (failure->tries == 0 || before->failures == 0)
		return before->failures + 1;
	return later(before->failures, PROVEN_BY);
}

struct model_health
model_health_failed(struct model_health before, const struct model_failure *failure, int64_t now)
{
	struct model_health after = model_health_over(before, failure->task, now);
	bool resting = after.until > now, again = failure->task == before.task;
	int64_t asked = backoff_within(failure->retry_after, 0, HEALTH_ASKED_MOST);
	if (failure->tries >= KNOWN_TRIES && before.accepted_at > failure->created_at)
		return after;
	after.failed_at = now;
	after.throttled = failure->throttled;
	if (asked > 0)
		after.asked_until = later(after.asked_until, now + asked);
	if (!resting) {
		after.failures = count(&before, failure);
		after.task = failure->task;
	}
	int64_t over = after.failures - (failure->throttled ? PROVEN_BY : FAILED_BY);
	if (over < 0 || again)
		return after;
	if (!resting)
		after.until = now + backoff_within(backoff_doubled(HEALTH_FIRST, over), 0, HEALTH_MOST);
	after.until = later(after.until, asked_until(&after));
	return after;
}
