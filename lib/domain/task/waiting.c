/* What open tasks wait for: see waiting.h. */
#include "domain/task/waiting.h"

#include <string.h>

#include "domain/channel/model_health.h"
#include "store/channel.h"
#include "store/channel_model.h"
#include "store/stats.h"
#include "store/turn.h"

static const struct {
	const char *code, *sentence;
} words[] = {
#define WAITING(name, code, sentence) {code, sentence},
#include "domain/task/waiting.def"
#undef WAITING
};

const char *
waiting_code(enum waiting_reason reason)
{
	return words[reason].code;
}

const char *
waiting_text(enum waiting_reason reason)
{
	return words[reason].sentence;
}

/* Judges by health and settings alone. */
static struct waiting_channel
judge_health(const struct channel_health *health, const struct channel_settings *settings, int64_t now)
{
	if (health->account_failures > 0 || health->account_asked_until > now)
		return (struct waiting_channel){.reason = WAITING_ACCOUNT,
		                                .until =
		                                    health->account_until > now ? health->account_until : 0};
	if (health->cooldown_until > now)
		return (struct waiting_channel){.reason = WAITING_CHANNEL_DOWN,
		                                .until = health->cooldown_until};
	if (health->lost > CHANNEL_LOST_ALLOWED)
		return (struct waiting_channel){.reason = WAITING_CHANNEL_DOWN,
		                                .until =
		                                    health->account_until > now ? health->account_until : 0};
	return (struct waiting_channel){.reason = settings->enabled ? WAITING_IN_LINE : WAITING_CHANNEL_DOWN};
}

static enum err_code
read_channel(struct waiting_look *look, const struct task *task, struct waiting_channel *ret_channel)
{
	struct channel_health health;
	struct model_health model = {0};
	struct channel_settings settings = {0};
	int64_t room = 1;
	enum err_code err = store_channel_health(look->store, task->channel, &health);
	if (err == ERR_OK)
		err = store_channel_model(look->store, task->channel, task->model, &model);
	if (err == ERR_OK)
		err = store_channel_settings(look->store, task->channel, &settings);
	if (err == ERR_OK)
		err = store_channel_room(look->store, task->channel, &settings.limits, look->now, &room);
	if (err != ERR_OK)
		return err;
	*ret_channel = judge_health(&health, &settings, look->now);
	model.until = model_health_until(&model, task->user_id);
	if (ret_channel->reason == WAITING_IN_LINE && model.until > look->now) {
		ret_channel->reason = model.throttled ? WAITING_RATE_LIMITED : WAITING_MODEL_DOWN;
		ret_channel->until = model.until;
	}
	if (ret_channel->reason == WAITING_IN_LINE && room == 0)
		ret_channel->reason = WAITING_BUSY;
	ret_channel->name = task->channel;
	ret_channel->model = task->model;
	ret_channel->user = task->user_id;
	return ERR_OK;
}

static bool
same(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

/* Finds what the channel does for the task, among those that were read or by reading it. */
static enum err_code
find_channel(struct waiting_look *look, const struct task *task, struct waiting_channel *ret_channel)
{
	for (size_t i = 0; i < look->count; i++) {
		if (strcmp(look->channels[i].name, task->channel) != 0 ||
		    !same(look->channels[i].model, task->model) || look->channels[i].user != task->user_id)
			continue;
		*ret_channel = look->channels[i];
		return ERR_OK;
	}
	enum err_code err = read_channel(look, task, ret_channel);
	if (err == ERR_OK && look->count < WAITING_CHANNELS)
		look->channels[look->count++] = *ret_channel;
	return err;
}

static enum err_code
find_reason(struct waiting_look *look, const struct task *task, struct waiting *waiting)
{
	struct waiting_channel channel = {.reason = WAITING_SENDING};
	enum err_code err = ERR_OK;
	int64_t due_at = task->owner == NULL ? task->due_at : 0; /* under a lease that is its end */
	if (task->state == TASK_STATE_UNSURE)
		channel = (struct waiting_channel){.reason = WAITING_UNSURE, .until = due_at};
	else if (task->state == TASK_STATE_READY)
		err = find_channel(look, task, &channel);
	if (err != ERR_OK)
		return err;
	/* One that was put off waits by itself, too. */
	if (task->state == TASK_STATE_READY && due_at > look->now && due_at > channel.until) {
		channel.until = due_at;
		if (channel.reason == WAITING_IN_LINE)
			channel.reason = task->tries > 0 ? WAITING_RATE_LIMITED : WAITING_BUSY;
	}
	waiting->reason = channel.reason;
	waiting->next_try_at = channel.until;
	return ERR_OK;
}

static enum err_code
estimate_end(struct waiting_look *look, const struct task *task, struct waiting *waiting)
{
	int64_t median;
	enum err_code err = store_stats_median_lately(look->store, task->model, &median);
	if (err == ERR_OK && median >= 0 && task->accepted_at + median > look->now)
		waiting->done_at = task->accepted_at + median;
	return err;
}

enum err_code
waiting_find(struct waiting_look *look, const struct task *task, bool count, struct waiting *ret_waiting)
{
	struct waiting waiting = {.reason = WAITING__MAX, .ahead = -1};
	enum err_code err = ERR_OK;
	if (task_state_status(task->state) == TASK_QUEUED)
		err = find_reason(look, task, &waiting);
	else if (task->state == TASK_STATE_RUNNING && task->accepted_at > 0)
		err = estimate_end(look, task, &waiting);
	if (err == ERR_OK && count && task->state == TASK_STATE_READY)
		err = store_turn_ahead(look->store, task, WAITING_AHEAD_MOST, &waiting.ahead);
	if (err == ERR_OK)
		*ret_waiting = waiting;
	return err;
}
