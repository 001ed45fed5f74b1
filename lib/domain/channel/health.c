/* Channel health: see health.h. */
#include "domain/channel/health.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/log.h"
#include "domain/backoff.h"
#include "domain/channel/model_health.h"
#include "model/answer.h"
#include "model/task.h"
#include "store/channel.h"
#include "store/channel_model.h"
#include "store/store.h"

enum {
	FAILURES_ALLOWED = 2, /* in a row, before a channel cools down */
	TRIES_COUNTED = 4,    /* of one task */
	ACCEPTED_EACH = 60 * 1000,
	LOOK = 1000 /* the time until it is looked for the outcome of a probe */
};

static int64_t
later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static int64_t
doubled(int64_t times)
{
	return backoff_within(backoff_doubled(HEALTH_FIRST, times), HEALTH_FIRST, HEALTH_MOST);
}

static int64_t
asked(int64_t retry_after)
{
	return backoff_within(retry_after, 0, HEALTH_ASKED_MOST);
}

int64_t
health_task_wait(int64_t tries, int64_t retry_after, double dice)
{
	int64_t wait = doubled(tries - 1);
	return later(wait + (int64_t)((double)wait * dice / 5), asked(retry_after));
}

int64_t
health_cooldown(int64_t failures, int64_t tries, double dice)
{
	int64_t times = backoff_within(tries, failures, failures < TRIES_COUNTED ? TRIES_COUNTED : failures);
	return backoff_within(backoff_jitter(doubled(times - 1), dice), 0, HEALTH_MOST + HEALTH_MOST / 10);
}

/* Counts a failure, and puts the end of the cooldown off: by `cooldown`, or from the third in a row on by the
 * count. */
static void
fail(int64_t *failures, int64_t *until, int64_t cooldown, int64_t now)
{
	if (now >= *until)
		++*failures;
	if (*failures > FAILURES_ALLOWED)
		cooldown = later(cooldown, doubled(*failures - FAILURES_ALLOWED - 1));
	if (cooldown > 0)
		*until = later(*until, now + cooldown);
}

struct channel_health
health_failed(struct channel_health before, int64_t cooldown, int64_t now)
{
	struct channel_health after = before;
	fail(&after.failures, &after.cooldown_until, cooldown, now);
	if (after.cooldown_until > now)
		after.lost = later(after.lost, CHANNEL_LOST_ALLOWED + 1);
	return after;
}

/* Ends the task's probe for new work, if it is that: another may be. */
static bool
end_probe(struct channel_health *health, const struct task *task, int64_t now)
{
	if (health->account_probe == 0 || health->account_probe != task->id)
		return false;
	health->account_probe = 0;
	health->account_until = now;
	return true;
}

/* The same in the channel's row. */
static enum err_code
channel_over(struct store *store, const struct task *task, int64_t now)
{
	struct channel_health health;
	enum err_code err = store_channel_health(store, task->channel, &health);
	return err == ERR_OK && end_probe(&health, task, now)
	           ? store_channel_set_health(store, task->channel, &health)
	           : err;
}

/* The same in that of its model. */
static enum err_code
model_over(struct store *store, const struct task *task, int64_t now)
{
	struct model_health health;
	enum err_code err = store_channel_model(store, task->channel, task->model, &health);
	if (err != ERR_OK || health.probe == 0 || health.probe != task->id)
		return err;
	health = model_health_over(health, task->id, now);
	return store_channel_set_model(store, task->channel, task->model, &health, now);
}

enum err_code
health_note_over(struct store *store, const struct task *task)
{
	int64_t now = clock_wall_ms();
	enum err_code err = channel_over(store, task, now);
	return err == ERR_OK ? model_over(store, task, now) : err;
}

/* ---- failures ---- */

/* Counts a submission without an answer, each task once in a row: from the third on new work waits. What is
 * lost during that was sent before. */
static void
lose(struct channel_health *health, const struct task *task, int64_t now)
{
	bool other = health->lost_task != task->id, probe = end_probe(health, task, now);
	health->lost_task = task->id;
	if (health->account_until > now || (!other && !probe))
		return;
	health->lost += other;
	int64_t over = health->lost - CHANNEL_LOST_ALLOWED - 1;
	if (over >= 0)
		health->account_until = now + doubled(over);
}

/* Notes that the connection failed for a submission, the `tries`th of its task; 0 = it may have arrived. */
static enum err_code
note_lost(struct store *store, const struct task *task, int64_t tries)
{
	struct channel_health health;
	int64_t now = clock_wall_ms(), cooldown = 0;
	enum err_code err = model_over(store, task, now);
	if (err == ERR_OK)
		err = store_channel_health(store, task->channel, &health);
	if (err != ERR_OK)
		return err;
	if (tries > 0)
		cooldown =
		    health_cooldown(health.failures + (now >= health.cooldown_until), tries, crypto_dice());
	bool again = tries == 0 && health.lost_task == task->id;
	lose(&health, task, now);
	if (!again)
		health = health_failed(health, cooldown, now);
	return store_channel_set_health(store, task->channel, &health);
}

/* Notes that a submission was turned away by an answer, the `tries`th of its task. */
static enum err_code
note_turned_away(struct store *store, const struct task *task, int64_t tries,
                 const struct submit_answer *answer, bool throttled)
{
	struct model_health health;
	int64_t now = clock_wall_ms();
	const struct model_failure failure = {.task = task->id,
	                                      .created_at = task->created_at,
	                                      .tries = tries - 1,
	                                      .retry_after = answer->retry_after_ms,
	                                      .throttled = throttled};
	enum err_code err = channel_over(store, task, now);
	if (err == ERR_OK)
		err = store_channel_model(store, task->channel, task->model, &health);
	if (err != ERR_OK)
		return err;
	bool rested = health.until > now && health.probe == 0;
	health = model_health_failed(health, &failure, now);
	if (!rested && health.until > now && health.probe == 0)
		log_warn("a model cools down: channel=%s model=%s failures=%" PRId64 " ms=%" PRId64
		         " status=%d code=%s",
		         task->channel, task->model != NULL ? task->model : "-", health.failures,
		         health.until - now, answer->status, answer->code != NULL ? answer->code : "-");
	return store_channel_set_model(store, task->channel, task->model, &health, now);
}

enum err_code
health_note_not_accepted(struct store *store, const struct task *task, int64_t tries,
                         const struct submit_answer *answer)
{
	return answer->status == 0 ? note_lost(store, task, tries)
	                           : note_turned_away(store, task, tries, answer, true);
}

enum err_code
health_note_unknown(struct store *store, const struct task *task, const struct submit_answer *answer)
{
	if (!answer->fault)
		return health_note_over(store, task);
	if (answer->lost)
		return note_lost(store, task, 0);
	return note_turned_away(store, task, task->tries > 0 ? task->tries : 1, answer,
	                        answer->retry_after_ms > 0);
}

enum err_code
health_note_polls(struct store *store, const char *channel, const struct health_polls *polls)
{
	struct channel_health health;
	int64_t now = clock_wall_ms(), wait = asked(polls->retry_after);
	if (!polls->works && !polls->failed)
		return ERR_OK;
	enum err_code err = store_channel_health(store, channel, &health);
	if (err != ERR_OK)
		return err;
	if (polls->works && wait == 0 && health.failures == 0 && health.poll_failures == 0)
		return ERR_OK;
	if (polls->works)
		health.failures = health.poll_failures = 0;
	else if (polls->lost)
		health = health_failed(health, 0, now);
	if (wait > 0 || (!polls->works && !polls->lost))
		fail(&health.poll_failures, &health.poll_until, wait, now);
	return store_channel_set_health(store, channel, &health);
}

enum err_code
health_note_account(struct store *store, const struct task *task, const struct submit_answer *answer)
{
	struct channel_health health = {0};
	int64_t now = clock_wall_ms();
	enum err_code err = model_over(store, task, now);
	if (err == ERR_OK)
		err = store_channel_health(store, task->channel, &health);
	/* What was sent before the trouble was known says nothing new of it. */
	if (err != ERR_OK || (health.account_failures > 0 && health.account_probe != task->id))
		return err;
	int64_t wait = backoff_jitter(doubled(health.account_failures), crypto_dice());
	health.account_until = now + later(wait, asked(answer->retry_after_ms));
	health.account_probe = 0;
	snprintf(health.account_key, sizeof(health.account_key), "%s",
	         task->key_id != NULL ? task->key_id : "");
	if (health.account_failures++ == 0)
		log_warn(
		    "the account of a channel needs its operator: channel=%s status=%d code=%s reason=%s",
		    task->channel, answer->status, answer->code != NULL ? answer->code : "-",
		    answer->message != NULL ? answer->message : "-");
	return store_channel_set_health(store, task->channel, &health);
}

/* ---- their ends ---- */

static void
end_account_trouble(struct channel_health *health, const char *channel, const char *why)
{
	if (health->account_failures > 0)
		log_info("channel=%s state=working: %s", channel, why);
	health->account_failures = health->account_until = health->account_probe = 0;
	health->account_key[0] = '\0';
}

static enum err_code
note_model_taken(struct store *store, const struct task *task, int64_t now)
{
	struct model_health health;
	enum err_code err = store_channel_model(store, task->channel, task->model, &health);
	if (err != ERR_OK || (health.failures == 0 && health.probe == 0))
		return err;
	health = model_health_taken(health, now);
	return store_channel_set_model(store, task->channel, task->model, &health, now);
}

enum err_code
health_note_accepted(struct store *store, const struct task *task)
{
	struct channel_health health;
	int64_t now = clock_wall_ms();
	enum err_code err = store_channel_health(store, task->channel, &health);
	if (err == ERR_OK && health.of_models)
		err = note_model_taken(store, task, now);
	if (err != ERR_OK)
		return err;
	bool told = health.accepted_at <= now && now - health.accepted_at < ACCEPTED_EACH;
	bool trouble = health.failures > 0 || health.lost > 0 || health.account_failures > 0;
	if (told && !trouble)
		return ERR_OK;
	end_account_trouble(&health, task->channel, "its account is in order again");
	health.failures = health.lost = health.lost_task = 0;
	health.accepted_at = now;
	return store_channel_set_health(store, task->channel, &health);
}

enum err_code
health_note_key(struct store *store, const char *channel, const char *key_id)
{
	struct channel_health health;
	enum err_code err = store_channel_health(store, channel, &health);
	if (err != ERR_OK || health.account_failures == 0 || health.account_key[0] == '\0' ||
	    strcmp(health.account_key, key_id) == 0)
		return err;
	err = store_begin(store, STORE_RELAXED);
	end_account_trouble(&health, channel, "it has another key");
	if (err == ERR_OK)
		err = store_channel_set_health(store, channel, &health);
	return store_end(store, err);
}

enum err_code
health_note_sent(struct store *store, const struct task *task)
{
	struct channel_health channel;
	struct model_health model;
	int64_t now = clock_wall_ms();
	enum err_code err = store_channel_health(store, task->channel, &channel);
	bool trouble = err == ERR_OK && (channel.account_failures > 0 || channel.lost > CHANNEL_LOST_ALLOWED);
	if (trouble && channel.account_until <= now) {
		channel.account_probe = task->id;
		channel.account_until = now + HEALTH_PROBE;
		err = store_channel_set_health(store, task->channel, &channel);
	}
	if (err == ERR_OK && channel.of_models)
		err = store_channel_model(store, task->channel, task->model, &model);
	if (err != ERR_OK || !channel.of_models)
		return err;
	const struct model_health after = model_health_sent(model, task->id, now);
	return after.probe != model.probe
	           ? store_channel_set_model(store, task->channel, task->model, &after, now)
	           : ERR_OK;
}

/* ---- what may be sent ---- */

/* The end of a cooldown, or when to look again where a probe is under way. */
static int64_t
sooner(int64_t until, int64_t probe, int64_t now)
{
	return probe != 0 && until > now + LOOK ? now + LOOK : until;
}

enum err_code
health_until(struct store *store, const char *channel, enum health_use use, const char *model, int64_t now,
             int64_t *ret_until)
{
	struct channel_health health;
	struct model_health of_model = {0};
	enum err_code err = store_channel_health(store, channel, &health);
	if (err == ERR_OK && use >= HEALTH_REPETITION && health.of_models)
		err = store_channel_model(store, channel, model, &of_model);
	if (err != ERR_OK)
		return err;
	int64_t until = later(health.cooldown_until, sooner(of_model.until, of_model.probe, now));
	if (use == HEALTH_POLL)
		until = later(until, health.poll_until);
	if (use == HEALTH_ANY_WORK || use == HEALTH_NEW_WORK)
		until = later(until, sooner(health.account_until, health.account_probe, now));
	*ret_until = until > now ? until : 0;
	return ERR_OK;
}
