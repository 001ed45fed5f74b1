/* Channel health: see health.h. */
#include "domain/channel/health.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/log.h"
#include "domain/channel/account_health.h"
#include "domain/channel/cooldown.h"
#include "domain/channel/model_health.h"
#include "model/answer.h"
#include "model/task.h"
#include "store/channel.h"
#include "store/channel_model.h"
#include "store/store.h"
#include "store/task.h"

enum {
	FAILURES_ALLOWED = 2, /* in a row, before a channel cools down */
	TRIES_COUNTED = 4,    /* of one task */
	ACCEPTED_EACH = 60 * 1000,
	LOOK = 1000 /* the time until it is looked for the outcome of a probe */
};

int64_t
health_task_wait(int64_t tries, int64_t retry_after, double dice)
{
	int64_t wait = cooldown_doubled(tries - 1);
	return cooldown_later(wait + (int64_t)((double)wait * dice / 5), cooldown_asked(retry_after));
}

int64_t
health_cooldown(int64_t failures, int64_t tries, double dice)
{
	int64_t times = backoff_within(tries, failures, failures < TRIES_COUNTED ? TRIES_COUNTED : failures);
	return backoff_within(backoff_jitter(cooldown_doubled(times - 1), dice), 0,
	                      COOLDOWN_MOST + COOLDOWN_MOST / 10);
}

/* Counts a failure, and puts the end of the cooldown off: by `cooldown`, or from the third in a row on by the
 * count. */
static void
fail(int64_t *failures, int64_t *until, int64_t cooldown, int64_t now)
{
	if (now >= *until)
		++*failures;
	if (*failures > FAILURES_ALLOWED)
		cooldown = cooldown_later(cooldown, cooldown_doubled(*failures - FAILURES_ALLOWED - 1));
	if (cooldown > 0)
		*until = cooldown_later(*until, now + cooldown);
}

struct channel_health
health_failed(struct channel_health before, int64_t cooldown, int64_t now)
{
	struct channel_health after = before;
	fail(&after.failures, &after.cooldown_until, cooldown, now);
	if (after.cooldown_until > now)
		after.lost = cooldown_later(after.lost, CHANNEL_LOST_ALLOWED + 1);
	return after;
}

/* Ends the task's probe for new work, if it is that: another may be. */
static enum err_code
channel_over(struct store *store, const struct task *task, int64_t now)
{
	struct channel_health health;
	enum err_code err = store_channel_health(store, task->channel, &health);
	if (err != ERR_OK || health.account_probe == 0 || health.account_probe != task->id)
		return err;
	health = account_health_over(health, task->id, now);
	return store_channel_set_health(store, task->channel, &health);
}

/* The same for its model. */
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
	bool other = health->lost_task != task->id;
	bool probe = health->account_probe != 0 && health->account_probe == task->id;
	*health = account_health_over(*health, task->id, now);
	health->lost_task = task->id;
	if (health->account_until > now || (!other && !probe))
		return;
	health->lost += other;
	int64_t over = health->lost - CHANNEL_LOST_ALLOWED - 1;
	if (over >= 0)
		health->account_until = now + cooldown_doubled(over);
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

/* What cooldowns go by of a task. */
static enum err_code
describe(struct store *store, const struct task *task, struct cooldown_task *ret_task)
{
	int64_t sent_at;
	enum err_code err = store_task_sent_at(store, task->id, &sent_at);
	if (err == ERR_OK)
		*ret_task = (struct cooldown_task){.id = task->id, .user = task->user_id, .sent_at = sent_at};
	return err;
}

/* Notes that a submission was turned away by an answer, the `tries`th of its task. */
static enum err_code
note_turned_away(struct store *store, const struct task *task, int64_t tries,
                 const struct submit_answer *answer, bool throttled)
{
	struct model_health before, after;
	struct model_failure failure = {.created_at = task->created_at,
	                                .tries = tries - 1,
	                                .retry_after = answer->retry_after_ms,
	                                .throttled = throttled};
	int64_t now = clock_wall_ms();
	enum err_code err = channel_over(store, task, now);
	if (err == ERR_OK)
		err = describe(store, task, &failure.task);
	if (err == ERR_OK)
		err = store_channel_model(store, task->channel, task->model, &before);
	if (err != ERR_OK)
		return err;
	after = model_health_failed(before, &failure, now);
	bool rested = before.until > now && before.probe == 0 && before.user == after.user;
	if (!rested && after.until > now && after.probe == 0)
		log_warn("a model cools down: channel=%s model=%s failures=%" PRId64 " ms=%" PRId64
		         " status=%d code=%s of=%s",
		         task->channel, task->model != NULL ? task->model : "-", after.failures,
		         after.until - now, answer->status, answer->code != NULL ? answer->code : "-",
		         after.user != 0 ? "one user" : "all");
	return store_channel_set_model(store, task->channel, task->model, &after, now);
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
	if (answer->lost && answer->retry_after_ms == 0)
		return note_lost(store, task, 0);
	return note_turned_away(store, task, task->tries > 0 ? task->tries : 1, answer,
	                        answer->retry_after_ms > 0);
}

enum err_code
health_note_polls(struct store *store, const char *channel, const struct health_polls *polls)
{
	struct channel_health health;
	int64_t now = clock_wall_ms(), wait = cooldown_asked(polls->retry_after);
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
	struct channel_health before, after;
	struct account_failure failure = {.retry_after = answer->retry_after_ms, .dice = crypto_dice()};
	int64_t now = clock_wall_ms();
	enum err_code err = model_over(store, task, now);
	if (err == ERR_OK)
		err = describe(store, task, &failure.task);
	if (err == ERR_OK)
		err = store_channel_health(store, task->channel, &before);
	if (err != ERR_OK)
		return err;
	after = account_health_failed(before, &failure, now);
	if (after.account_failures != before.account_failures)
		snprintf(after.account_key, sizeof(after.account_key), "%s",
		         task->key_id != NULL ? task->key_id : "");
	if (before.account_failures == 0)
		log_warn(
		    "the account of a channel needs its operator: channel=%s status=%d code=%s reason=%s",
		    task->channel, answer->status, answer->code != NULL ? answer->code : "-",
		    answer->message != NULL ? answer->message : "-");
	return store_channel_set_health(store, task->channel, &after);
}

/* ---- their ends ---- */

static enum err_code
note_model_taken(struct store *store, const struct task *task, int64_t now)
{
	struct model_health health;
	struct cooldown_task sent;
	enum err_code err = store_channel_model(store, task->channel, task->model, &health);
	if (err != ERR_OK || (health.failures == 0 && health.probe == 0))
		return err;
	err = describe(store, task, &sent);
	if (err != ERR_OK)
		return err;
	health = model_health_taken(health, &sent, now);
	return store_channel_set_model(store, task->channel, task->model, &health, now);
}

/* What a task that was taken changes in the channel's row. */
static struct channel_health
taken(struct channel_health before, const struct task *task, const struct cooldown_task *sent, int64_t now)
{
	struct channel_health after = account_health_taken(before, sent, now);
	if (before.account_failures > 0 && after.account_failures == 0)
		log_info("channel=%s state=working: %s", task->channel, "its account is in order again");
	after.failures = after.lost = after.lost_task = 0;
	if (after.account_failures == 0) /* else it was sent before that trouble */
		after.accepted_at = now;
	return after;
}

enum err_code
health_note_accepted(struct store *store, const struct task *task)
{
	struct channel_health health;
	struct cooldown_task sent = {0};
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
	if (health.account_failures > 0)
		err = describe(store, task, &sent);
	if (err != ERR_OK)
		return err;
	health = taken(health, task, &sent, now);
	return store_channel_set_health(store, task->channel, &health);
}

/* ret_other: whether the trouble that is known, or a wait that is left of it, is that of another key. */
static enum err_code
read_key(struct store *store, const char *channel, const char *key_id, struct channel_health *ret_health,
         bool *ret_other)
{
	enum err_code err = store_channel_health(store, channel, ret_health);
	if (err == ERR_OK)
		*ret_other =
		    (ret_health->account_failures > 0 || ret_health->account_until > clock_wall_ms()) &&
		    ret_health->account_key[0] != '\0' && strcmp(ret_health->account_key, key_id) != 0;
	return err;
}

enum err_code
health_note_key(struct store *store, const char *channel, const char *key_id)
{
	struct channel_health health;
	bool other;
	enum err_code err = read_key(store, channel, key_id, &health, &other);
	if (err != ERR_OK || !other)
		return err;
	/* Seldom, and so read again: others may have written meanwhile. */
	err = store_begin(store, STORE_RELAXED);
	if (err == ERR_OK)
		err = read_key(store, channel, key_id, &health, &other);
	if (err == ERR_OK && other) {
		log_info("channel=%s state=working: %s", channel, "it has another key");
		health = account_health_new_key(health);
		err = store_channel_set_health(store, channel, &health);
	}
	return store_end(store, err);
}

enum err_code
health_note_sent(struct store *store, const struct task *task)
{
	struct channel_health channel;
	struct model_health model;
	const struct cooldown_task sent = {.id = task->id, .user = task->user_id};
	int64_t now = clock_wall_ms();
	enum err_code err = store_channel_health(store, task->channel, &channel);
	if (err != ERR_OK)
		return err;
	const struct channel_health probed = account_health_sent(channel, task->id, now);
	if (probed.account_until != channel.account_until)
		err = store_channel_set_health(store, task->channel, &probed);
	if (err == ERR_OK && channel.of_models)
		err = store_channel_model(store, task->channel, task->model, &model);
	if (err != ERR_OK || !channel.of_models)
		return err;
	const struct model_health after = model_health_sent(model, &sent, now);
	return after.until != model.until
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
health_until(struct store *store, const char *channel, enum health_use use, const struct task *task,
             int64_t now, int64_t *ret_until)
{
	struct channel_health health;
	struct model_health model = {0};
	enum err_code err = store_channel_health(store, channel, &health);
	if (err == ERR_OK && use >= HEALTH_REPETITION && health.of_models)
		err = store_channel_model(store, channel, task->model, &model);
	if (err != ERR_OK)
		return err;
	int64_t until = health.cooldown_until;
	if (use >= HEALTH_REPETITION)
		until = cooldown_later(until,
		                       sooner(model_health_until(&model, task->user_id), model.probe, now));
	if (use == HEALTH_ANY_WORK || use == HEALTH_NEW_WORK)
		until = cooldown_later(until, sooner(health.account_until, health.account_probe, now));
	*ret_until = until > now ? until : 0;
	return ERR_OK;
}

enum err_code
health_of_polls(struct store *store, const char *channel, int64_t now, struct poll_health *ret_health)
{
	struct channel_health health;
	enum err_code err = store_channel_health(store, channel, &health);
	if (err != ERR_OK)
		return err;
	int64_t until = cooldown_later(health.cooldown_until, health.poll_until);
	*ret_health = (struct poll_health){.until = until > now ? until : 0,
	                                   .told_until = health.poll_until,
	                                   .troubled = health.failures > 0 || health.poll_failures > 0};
	return ERR_OK;
}
