/* The health of the operator's account at a channel: see account_health.h. */
#include "domain/channel/account_health.h"

#include <stdbool.h>

/* True for a task that was sent before the trouble was counted last. */
static bool
is_old(const struct channel_health *before, const struct cooldown_task *task)
{
	return before->account_failures > 0 && task->id != before->account_probe &&
	       task->sent_at < before->account_failed_at;
}

struct channel_health
account_health_over(struct channel_health before, int64_t task, int64_t now)
{
	struct channel_health after = before;
	if (before.account_probe == 0 || before.account_probe != task)
		return after;
	after.account_probe = 0;
	after.account_until = cooldown_later(before.account_asked_until, now);
	return after;
}

struct channel_health
account_health_sent(struct channel_health before, int64_t task, int64_t now)
{
	struct channel_health after = before;
	bool trouble = before.account_failures > 0 || before.lost > CHANNEL_LOST_ALLOWED;
	if (!trouble || before.account_until > now)
		return after;
	after.account_probe = task;
	after.account_until = now + COOLDOWN_PROBE;
	return after;
}

struct channel_health
account_health_taken(struct channel_health before, const struct cooldown_task *task, int64_t now)
{
	struct channel_health after = before;
	if (is_old(&before, task))
		return after;
	after.account_failures = after.account_probe = 0;
	after.account_until = before.account_asked_until > now ? before.account_asked_until : 0;
	if (after.account_until == 0)
		after.account_key[0] = '\0';
	return after;
}

struct channel_health
account_health_failed(struct channel_health before, const struct account_failure *failure, int64_t now)
{
	struct channel_health after = account_health_over(before, failure->task.id, now);
	bool known =
	    before.account_failures > 0 && (is_old(&before, &failure->task) || after.account_until > now);
	if (failure->retry_after > 0)
		after.account_asked_until =
		    cooldown_later(after.account_asked_until, now + cooldown_asked(failure->retry_after));
	if (!known) {
		int64_t wait = backoff_jitter(cooldown_doubled(before.account_failures), failure->dice);
		after.account_until = now + wait;
		after.account_failed_at = now;
		after.account_probe = 0;
		after.account_failures++;
	}
	after.account_until = cooldown_later(after.account_until, after.account_asked_until);
	return after;
}

struct channel_health
account_health_new_key(struct channel_health before)
{
	struct channel_health after = before;
	after.account_failures = after.account_until = after.account_asked_until = after.account_probe = 0;
	after.account_key[0] = '\0';
	return after;
}
