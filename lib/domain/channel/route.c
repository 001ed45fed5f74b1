/* Routing. The choice is made when a task is created and made again for as long as nothing of it has been
 * sent: when its channel surely did not accept it, and when it waits for a channel while another would take
 * it. */
#include "domain/channel/route.h"

#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "domain/channel/channels.h"
#include "domain/channel/pick.h"
#include "domain/env.h"
#include "model/task.h"
#include "store/channel.h"
#include "store/store.h"
#include "store/task.h"
#include "upstream/dialect/dialect.h"

enum err_code
route_takes(const struct domain_env *env, const struct channel *channel, bool newcomer, bool *ret_open)
{
	const struct channel_limits limits = {.concurrency = channel->concurrency, .rate = channel->rate};
	int64_t now = clock_wall_ms(), room = INT64_MAX, waiting = 0;
	struct channel_health health;
	enum err_code err = store_channel_health(env->store, channel->name, &health);
	if (err == ERR_OK && (limits.concurrency > 0 || limits.rate > 0))
		err = store_channel_room(env->store, channel->name, &limits, now, &room);
	if (err == ERR_OK && newcomer && room > 0 && room < INT64_MAX)
		err = store_channel_waiting(env->store, channel->name, room, &waiting);
	if (err == ERR_OK)
		*ret_open = health.cooldown_until <= now && room > waiting;
	return err;
}

enum err_code
route_open(const struct domain_env *env, const struct channel *channel, bool *ret_open)
{
	return route_takes(env, channel, true, ret_open);
}

enum err_code
route_count(const struct domain_env *env, const struct task *task)
{
	const struct channel *channel = channels_find(env->channels, task->channel);
	enum err_code err = ERR_OK;
	if (channel != NULL && channel->rate > 0)
		err = store_channel_note(env->store, channel->name, task->id, clock_wall_ms());
	channel_release(channel);
	return err;
}

/* ---- the choice ---- */

/* What is asked of a channel. */
struct wish {
	const char *model;
	bool image; /* there is one, and some channel that has the model takes it */
};

/* Whether the channel may have the task. */
static bool
may(const struct channel *channel, const struct wish *wish)
{
	if (!channel->takes_new || (wish->image && !dialect_takes_image(channel->dialect)))
		return false;
	return channel_may_make(channel, wish->model);
}

static struct wish
wish_of(const struct task *task, const struct channel *const *all, size_t count)
{
	struct wish wish = {.model = task->model};
	bool image = false;
	/* Where none takes images, one says so. */
	for (size_t i = 0; i < count && task->input_file != NULL; i++)
		image = image || (may(all[i], &wish) && dialect_takes_image(all[i]->dialect));
	wish.image = image;
	return wish;
}

struct field_of {
	const struct channel **channels;
	struct pick_option *options;
	size_t count;
};

/* The channels that may have the task, with what there is to them. */
static enum err_code
gather(const struct domain_env *env, const struct task *task, const struct channel *const *all, size_t count,
       struct field_of *field)
{
	const struct wish wish = wish_of(task, all, count);
	bool any = false;
	for (size_t i = 0; i < count; i++)
		any = any || all[i]->takes_new;
	for (size_t i = 0; i < count; i++) {
		struct pick_option option = {.priority = all[i]->priority, .weight = all[i]->weight};
		if (!may(all[i], &wish))
			continue;
		enum err_code err = route_open(env, all[i], &option.open);
		if (err != ERR_OK)
			return err;
		field->channels[field->count] = all[i];
		field->options[field->count++] = option;
	}
	if (field->count > 0)
		return ERR_OK;
	if (channels_lacking(env->channels, task->model))
		return ERR_CHANNEL_AWAY;
	return any ? ERR_NO_MODEL : ERR_NO_CHANNEL;
}

enum err_code
route_choose(const struct domain_env *env, const struct task *task, const struct channel **ret_channel,
             bool *ret_open)
{
	const struct channel *const *all = NULL;
	const struct channel *chosen = NULL;
	struct field_of field = {0};
	size_t count = 0, at = 0;
	if (!channels_known(env->channels))
		return ERR_BUSY;
	struct arena *arena = arena_new();
	enum err_code err = arena != NULL ? channels_all(env->channels, arena, &all, &count) : ERR_NO_MEMORY;
	if (err == ERR_OK) {
		field.channels = arena_alloc(arena, (count + 1) * sizeof(*field.channels));
		field.options = arena_alloc(arena, (count + 1) * sizeof(*field.options));
		err = arena_failed(arena) ? ERR_NO_MEMORY : gather(env, task, all, count, &field);
	}
	if (err == ERR_OK) {
		at = pick(field.options, field.count, pick_dice(task->video_id, task->attempt));
		chosen = field.channels[at];
		*ret_open = field.options[at].open;
		*ret_channel = chosen;
	}
	for (size_t i = 0; i < count; i++)
		if (all[i] != chosen)
			channel_release(all[i]);
	arena_free(arena);
	return err;
}

/* ---- another choice ---- */

static enum err_code
reassign(const struct domain_env *env, struct arena *arena, const struct channel *channel, struct task *task,
         bool *ret_moved)
{
	const char *name = arena_strdup(arena, channel->name);
	if (name == NULL)
		return ERR_NO_MEMORY;
	enum err_code err = store_channel_reassign(env->store, task, name);
	if (err == ERR_OK) {
		log_info("another channel takes a task: task=%s from=%s to=%s", task->video_id, task->channel,
		         name);
		task->channel = name;
		*ret_moved = true;
	}
	return err == ERR_CONFLICT ? ERR_OK : err;
}

/* The model of the video that the task is made from, deleted or not; NULL where it has none. */
static enum err_code
source_model(const struct domain_env *env, struct arena *arena, const struct task *task,
             const char **ret_model)
{
	const struct json *metadata;
	struct task source;
	enum err_code err = json_parse(arena, task->metadata, strlen(task->metadata), &metadata);
	const char *id = err == ERR_OK ? json_string(json_get(metadata, "remix_from")) : NULL;
	if (err == ERR_OK)
		err = id != NULL ? store_task_find(env->store, arena, task->user_id, id, &source)
		                 : ERR_NOT_FOUND;
	if (err == ERR_OK)
		*ret_model = source.model;
	return err;
}

bool
route_fits(const struct domain_env *env, struct arena *arena, const struct channel *channel,
           const struct task *task)
{
	if (channel_may_make(channel, task->model))
		return true;
	/* What is made from a video may have the video's model: the channel has made that already. */
	const char *inherited = NULL;
	return task->source_external_id != NULL && task->model != NULL &&
	       source_model(env, arena, task, &inherited) == ERR_OK && inherited != NULL &&
	       strcmp(inherited, task->model) == 0;
}

/* Whether the task's own channel takes it now. */
static enum err_code
own_open(const struct domain_env *env, const struct task *task, bool *ret_open)
{
	const struct channel *own = channels_find(env->channels, task->channel);
	enum err_code err = ERR_OK;
	*ret_open = false;
	if (own != NULL && own->takes_new && channel_may_make(own, task->model))
		err = route_takes(env, own, false, ret_open);
	channel_release(own);
	return err;
}

enum err_code
route_reassign(const struct domain_env *env, struct arena *arena, struct task *task, bool *ret_moved)
{
	const struct channel *other;
	bool open;
	*ret_moved = false;
	if (task->source_external_id != NULL || !channels_known(env->channels))
		return ERR_OK;
	enum err_code err = own_open(env, task, &open);
	if (err != ERR_OK || open)
		return err;
	err = route_choose(env, task, &other, &open);
	if (err == ERR_NO_CHANNEL || err == ERR_NO_MODEL || err == ERR_CHANNEL_AWAY)
		return ERR_OK;
	if (err != ERR_OK)
		return err;
	if (open && strcmp(other->name, task->channel) != 0)
		err = reassign(env, arena, other, task, ret_moved);
	channel_release(other);
	return err;
}

/* ---- another attempt ---- */

enum err_code
route_retry(const struct domain_env *env, struct arena *arena, const struct task *task,
            struct route_next *ret_next)
{
	struct task next = *task;
	const struct channel *channel = NULL;
	bool open;
	enum err_code err;
	next.attempt++;
	if (task->source_external_id != NULL) {
		channel = channels_for_task(env->channels, task);
		err = channel == NULL                         ? channels_why_gone(env->channels, task)
		      : route_fits(env, arena, channel, task) ? route_open(env, channel, &open)
		                                              : ERR_NO_MODEL;
	} else {
		err = route_choose(env, &next, &channel, &open);
	}
	if (err == ERR_OK)
		*ret_next = (struct route_next){.channel = arena_strdup(arena, channel->name), .open = open};
	channel_release(channel);
	return err == ERR_OK && ret_next->channel == NULL ? ERR_NO_MEMORY : err;
}

enum err_code
route_assign(const struct domain_env *env, const struct route_next *next, struct task *task)
{
	if (strcmp(next->channel, task->channel) == 0)
		return ERR_OK;
	enum err_code err = store_channel_reassign(env->store, task, next->channel);
	if (err == ERR_OK)
		task->channel = next->channel;
	return err;
}
