/* The health of a channel with one model: see model_health.h. */
#include "domain/channel/model_health.h"

enum {
	PROVEN_BY = 2,  /* tasks in a row that are told to come later */
	FAILED_BY = 3,  /* tasks in a row that fail otherwise: the first two may be by chance */
	KNOWN_TRIES = 8 /* of a task, while others were taken: it is the task that is refused; with fewer it
	                   may have come too late each time */
};

/* The end of the wait that is said of the model; 0 = none is. */
static int64_t
asked_until(const struct model_health *health)
{
	return health->failures >= PROVEN_BY ? health->asked_until : 0;
}

static bool
concerns(const struct model_health *health, int64_t user)
{
	return health->user == 0 || health->user == user;
}

/* True for a task that was sent before a cooldown. */
static bool
is_old(const struct model_health *before, const struct cooldown_task *task)
{
	return before->until > 0 && task->id != before->probe && task->sent_at < before->failed_at;
}

int64_t
model_health_until(const struct model_health *health, int64_t user)
{
	return concerns(health, user) ? health->until : 0;
}

struct model_health
model_health_over(struct model_health before, int64_t task, int64_t now)
{
	struct model_health after = before;
	if (before.probe == 0 || before.probe != task)
		return after;
	after.probe = 0;
	after.until = cooldown_later(asked_until(&before), now);
	return after;
}

struct model_health
model_health_sent(struct model_health before, const struct cooldown_task *task, int64_t now)
{
	struct model_health after = before;
	if (before.failures < PROVEN_BY || !concerns(&before, task->user) || before.until > now)
		return after;
	after.probe = task->id;
	after.until = now + COOLDOWN_PROBE;
	return after;
}

struct model_health
model_health_taken(struct model_health before, const struct cooldown_task *task, int64_t now)
{
	if (is_old(&before, task))
		return before;
	bool ours = concerns(&before, task->user);
	int64_t until = ours ? asked_until(&before) : before.until;
	bool holds = until > now;
	return (struct model_health){.until = holds ? until : 0,
	                             .asked_until = holds && ours ? until : 0,
	                             .user = holds ? before.user : 0,
	                             .probe = ours ? 0 : before.probe,
	                             .accepted_at = now,
	                             .failed_at = before.failed_at,
	                             .throttled = before.throttled};
}

/* Each task counts once in a row: not again as the last one, nor by another try while it is in the count. As
 * soon as it is everyone's, the wait begins anew. */
static int64_t
count(const struct model_health *before, const struct model_failure *failure)
{
	int64_t proof = failure->throttled ? PROVEN_BY : FAILED_BY, failures = before->failures;
	if (failure->task.id == before->task)
		return failures;
	failures = failure->tries == 0 || failures == 0 ? failures + 1 : cooldown_later(failures, PROVEN_BY);
	return concerns(before, failure->task.user) || failures < proof ? failures : proof;
}

struct model_health
model_health_failed(struct model_health before, const struct model_failure *failure, int64_t now)
{
	if (before.failures == 0 &&
	    !concerns(&before, failure->task.user)) /* nothing of it is left but a wait */
		before = (struct model_health){.accepted_at = before.accepted_at};
	struct model_health after = model_health_over(before, failure->task.id, now);
	bool again = failure->task.id == before.task, ours = concerns(&before, failure->task.user);
	bool sent_before = ours && (is_old(&before, &failure->task) || after.until > now);
	if (failure->tries >= KNOWN_TRIES && before.accepted_at > failure->created_at)
		return after;
	if (failure->retry_after > 0)
		after.asked_until =
		    cooldown_later(after.asked_until, now + cooldown_asked(failure->retry_after));
	if (!sent_before) {
		after.failures = count(&before, failure);
		after.task = failure->task.id;
		after.user = before.failures == 0 ? failure->task.user : ours ? before.user : 0;
		after.failed_at = now;
		after.throttled = failure->throttled;
	}
	int64_t over = after.failures - (failure->throttled ? PROVEN_BY : FAILED_BY);
	if (over < 0) {
		if (!ours) /* a cooldown of the other user's alone is no one else's */
			after.until = 0;
		return after;
	}
	if (!sent_before && !again) {
		after.until = now + cooldown_doubled(over);
		after.probe = 0;
	}
	after.until = cooldown_later(after.until, asked_until(&after));
	return after;
}
