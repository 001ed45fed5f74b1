/* Channel health: see health.h. */
#include "domain/channel/health.h"

#include "base/clock.h"
#include "base/crypto.h"
#include "domain/backoff.h"
#include "store/channel.h"

enum {
	FIRST = 1000,
	MOST = 60 * 1000,
	ASKED_MOST = 60 * 60 * 1000,
	FAILURES_ALLOWED = 2, /* in a row, before a channel cools down */
	TRIES_COUNTED = 4     /* of one task */
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
	return (struct channel_health){.cooldown_until = before.cooldown_until};
}

enum err_code
health_note_not_accepted(struct store *store, const char *channel, int64_t tries, int64_t retry_after)
{
	struct channel_health health;
	enum err_code err = store_channel_health(store, channel, &health);
	if (err != ERR_OK)
		return err;
	int64_t now = clock_wall_ms();
	int64_t failures = health.failures + (now >= health.cooldown_until);
	int64_t cooldown = health_cooldown(failures, tries, retry_after, crypto_dice());
	health = health_failed(health, cooldown, now);
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
