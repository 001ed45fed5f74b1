/* Channel health: see health.h. */
#include "domain/channel/health.h"

#include "base/clock.h"
#include "base/crypto.h"
#include "base/log.h"
#include "domain/backoff.h"
#include "model/answer.h"
#include "model/task.h"
#include "store/channel.h"

enum {
	FIRST = 1000,
	MOST = 60 * 1000,
	ASKED_MOST = 60 * 60 * 1000,
	FAILURES_ALLOWED = 2, /* in a row, before a channel cools down */
	TRIES_COUNTED = 4,    /* of one task */
	PROBE = 20 * 1000, /* the time until another task may be sent, where a probe's outcome is not known */
	ACCEPTED_EACH = 60 * 1000
};

int64_t
health_cooldown(int64_t failures, int64_t tries, int64_t retry_after, double dice)
{
	int64_t times = backoff_within(tries, failures, failures < TRIES_COUNTED ? TRIES_COUNTED : failures);
	int64_t wait = backoff_jitter(backoff_within(backoff_doubled(FIRST, times - 1), FIRST, MOST), dice);
	int64_t asked = backoff_within(retry_after, 0, ASKED_MOST);
	return wait < asked ? asked : wait;
}

struct channel_health
health_failed(struct channel_health before, int64_t cooldown, int64_t now)
{
	struct channel_health after = before;
	if (now >= before.cooldown_until)
		after.failures++;
	if (after.failures > FAILURES_ALLOWED) {
		int64_t own = backoff_doubled(FIRST, after.failures - FAILURES_ALLOWED - 1);
		cooldown = cooldown > own ? cooldown : backoff_within(own, FIRST, MOST);
	}
	cooldown = backoff_within(cooldown, 0, ASKED_MOST);
	if (cooldown > 0 && now + cooldown > after.cooldown_until)
		after.cooldown_until = now + cooldown;
	return after;
}

struct channel_health
health_works(struct channel_health before)
{
	struct channel_health after = before;
	after.failures = 0;
	return after;
}

enum err_code
health_note_not_accepted(struct store *store, const char *channel, int64_t tries,
                         const struct submit_answer *answer)
{
	struct channel_health health;
	enum err_code err = store_channel_health(store, channel, &health);
	if (err != ERR_OK)
		return err;
	int64_t now = clock_wall_ms();
	int64_t failures = health.failures + (now >= health.cooldown_until);
	int64_t cooldown = health_cooldown(failures, tries, answer->retry_after_ms, crypto_dice());
	health = health_failed(health, cooldown, now);
	health.throttled = answer->status != 0;
	return store_channel_set_health(store, channel, &health);
}

enum err_code
health_note(struct store *store, const char *channel, const struct health_calls *calls)
{
	struct channel_health health;
	bool works = calls->works && calls->retry_after == 0;
	if (!works && !calls->failed)
		return ERR_OK;
	enum err_code err = store_channel_health(store, channel, &health);
	if (err != ERR_OK || (works && health.failures == 0))
		return err;
	health = works ? health_works(health) : health_failed(health, calls->retry_after, clock_wall_ms());
	if (!works)
		health.throttled = calls->throttled || calls->retry_after > 0;
	return store_channel_set_health(store, channel, &health);
}

enum err_code
health_cooldown_until(struct store *store, const char *channel, int64_t now, int64_t *ret_until)
{
	struct channel_health health;
	enum err_code err = store_channel_health(store, channel, &health);
	if (err == ERR_OK)
		*ret_until = health.cooldown_until > now ? health.cooldown_until : 0;
	return err;
}

enum err_code
health_note_accepted(struct store *store, const char *channel)
{
	struct channel_health health;
	int64_t now = clock_wall_ms();
	enum err_code err = store_channel_health(store, channel, &health);
	if (err != ERR_OK)
		return err;
	bool told = health.accepted_at <= now && now - health.accepted_at < ACCEPTED_EACH;
	if (told && health.failures == 0 && health.account_failures == 0)
		return ERR_OK;
	if (health.account_failures > 0)
		log_info("channel=%s state=working: its account is in order again", channel);
	health = health_works(health);
	health.account_failures = health.account_until = health.account_probe = 0;
	health.accepted_at = now;
	return store_channel_set_health(store, channel, &health);
}

enum err_code
health_note_account(struct store *store, const struct task *task, const struct submit_answer *answer)
{
	struct channel_health health;
	int64_t now = clock_wall_ms();
	enum err_code err = store_channel_health(store, task->channel, &health);
	/* What was sent before the trouble was known says nothing new of it. */
	if (err != ERR_OK || (health.account_failures > 0 && health.account_probe != task->id))
		return err;
	int64_t wait = backoff_within(backoff_doubled(FIRST, health.account_failures), FIRST, MOST);
	int64_t asked = backoff_within(answer->retry_after_ms, 0, ASKED_MOST);
	wait = backoff_jitter(wait, crypto_dice());
	health.account_until = now + (wait > asked ? wait : asked);
	health.account_probe = 0;
	if (health.account_failures++ == 0)
		log_warn(
		    "the account of a channel needs its operator: channel=%s status=%d code=%s reason=%s",
		    task->channel, answer->status, answer->code != NULL ? answer->code : "-",
		    answer->message != NULL ? answer->message : "-");
	return store_channel_set_health(store, task->channel, &health);
}

enum err_code
health_note_sent(struct store *store, const struct task *task)
{
	struct channel_health health;
	int64_t now = clock_wall_ms();
	enum err_code err = store_channel_health(store, task->channel, &health);
	if (err != ERR_OK || health.account_failures == 0 || health.account_until > now)
		return err;
	health.account_probe = task->id;
	health.account_until = now + PROBE;
	return store_channel_set_health(store, task->channel, &health);
}
