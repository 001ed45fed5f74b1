/* Rebalancing: see rebalance.h. */
#include "domain/channel/rebalance.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "domain/channel/channels.h"
#include "domain/channel/health.h"
#include "domain/channel/route.h"
#include "domain/env.h"
#include "model/task.h"
#include "store/channel.h"
#include "store/channel_model.h"
#include "store/store.h"
#include "store/turn.h"

enum { MOST = 100 /* tasks of a channel a call */ };

/* How far rebalance() has come in the backlog of a channel. */
struct place {
	struct place *next;
	struct channel_piece at;
	char channel[];
};

struct rebalance_cursor {
	struct place *first;
};

struct rebalance_cursor *
rebalance_cursor_new(void)
{
	return calloc(1, sizeof(struct rebalance_cursor));
}

void
rebalance_cursor_free(struct rebalance_cursor *cursor)
{
	struct place *next;
	if (cursor == NULL)
		return;
	for (struct place *place = cursor->first; place != NULL; place = next) {
		next = place->next;
		free(place);
	}
	free(cursor);
}

/* NULL when memory is short. */
static struct place *
place_of(struct rebalance_cursor *cursor, const char *channel)
{
	struct place *place = cursor->first;
	while (place != NULL && strcmp(place->channel, channel) != 0)
		place = place->next;
	if (place != NULL)
		return place;
	size_t size = strlen(channel) + 1;
	place = calloc(1, sizeof(*place) + size);
	if (place == NULL)
		return NULL;
	memcpy(place->channel, channel, size);
	place->next = cursor->first;
	cursor->first = place;
	return place;
}

/* What may be tried in a call. */
struct tries {
	struct arena *arena;
	const struct channel *channel;
	int left;
};

/* Gives the user's first task to another channel, or the first of a model that another takes. ret_moves:
 * whether one does. */
static enum err_code
move_head(const struct domain_env *env, struct tries *tries, int64_t user_id, bool *ret_moves)
{
	struct task task;
	const char *channel = tries->channel->name, *model = NULL;
	enum err_code err = store_channel_head(env->store, tries->arena, channel, user_id, &task);
	*ret_moves = false;
	for (int64_t first = 0; err == ERR_OK && tries->left > 0; --tries->left) {
		if (task.id != first)
			err = route_reassign(env, tries->arena, &task, ret_moves);
		if (err != ERR_OK || *ret_moves)
			return err;
		model = first != 0 ? task.model != NULL ? task.model : "" : NULL;
		first = first != 0 ? first : task.id;
		err = store_channel_head_of(env->store, tries->arena, channel, user_id, model, &task);
	}
	return err == ERR_NOT_FOUND ? ERR_OK : err; /* all that is left must stay */
}

/* Goes through the users of the channel in turns; one whose task goes has had a turn, so that all get their
 * share of what the others take. */
static enum err_code
move_heads(const struct domain_env *env, struct arena *arena, const struct channel *channel, size_t *moved)
{
	struct tries tries = {.arena = arena, .channel = channel, .left = MOST};
	struct turn_place place = TURN_FRONT;
	enum err_code err = ERR_OK;
	while (tries.left > 0 && err == ERR_OK) {
		bool moves = false;
		err = store_turn_behind(env->store, channel->name, &place);
		if (err == ERR_NOT_FOUND)
			return ERR_OK;
		if (err == ERR_OK)
			err = move_head(env, &tries, place.user_id, &moves);
		if (err == ERR_OK && moves)
			err = store_turn_take(env->store, channel->name, place.user_id);
		*moved += moves;
	}
	return err;
}

/* Gives tasks further behind to others, the longest due first. Where no channel takes any of them, the next
 * call goes on behind them, and after the last task begins anew. */
static enum err_code
move_backlog(const struct domain_env *env, struct arena *arena, const struct channel *channel,
             struct place *place)
{
	struct task *tasks;
	size_t count, moved = 0;
	struct channel_piece piece = place->at;
	piece.most = MOST;
	enum err_code err = store_channel_backlog(env->store, arena, channel->name, &piece, &tasks, &count);
	place->at = (struct channel_piece){0};
	if (err != ERR_OK)
		return err;
	for (size_t i = 0; i < count && err == ERR_OK; i++) {
		bool moves = false;
		err = route_reassign(env, arena, &tasks[i], &moves);
		moved += moves;
	}
	if (moved == 0 && count == MOST)
		place->at =
		    (struct channel_piece){.due_at = tasks[count - 1].due_at, .id = tasks[count - 1].id};
	return err;
}

static enum err_code
rebalance_one(const struct domain_env *env, struct arena *arena, const struct channel *channel,
              struct place *place)
{
	int64_t waiting = 0;
	size_t moved = 0;
	enum err_code err = store_channel_waiting(env->store, channel->name, 1, &waiting);
	if (err != ERR_OK || waiting == 0)
		return err;
	err = store_begin(env->store, STORE_RELAXED);
	if (err == ERR_OK)
		err = move_heads(env, arena, channel, &moved);
	if (err == ERR_OK && moved == 0)
		err = move_backlog(env, arena, channel, place);
	return store_end(env->store, err);
}

static bool
has_resting(const struct model_cooldown *models, size_t count, const char *channel)
{
	size_t i = 0;
	while (i < count && strcmp(models[i].channel, channel) != 0)
		i++;
	return i < count;
}

/* ret_open: for each channel, true where it takes all tasks that wait for it; ret_any: true where one takes
 * another channel's, too. */
static enum err_code
free_channels(const struct domain_env *env, struct arena *arena, const struct channel *const *all,
              size_t count, bool *ret_open, bool *ret_any)
{
	struct model_cooldown *models = NULL;
	size_t model_count = 0;
	enum err_code err =
	    store_channel_resting(env->store, arena, NULL, clock_wall_ms(), &models, &model_count);
	*ret_any = false;
	for (size_t i = 0; i < count && err == ERR_OK; i++) {
		bool newcomer = false;
		ret_open[i] = false;
		if (all[i]->takes_new)
			err = route_takes(env, all[i], false, &ret_open[i]);
		if (err == ERR_OK && ret_open[i])
			err = route_takes(env, all[i], true, &newcomer);
		*ret_any = *ret_any || newcomer;
		ret_open[i] = ret_open[i] && !has_resting(models, model_count, all[i]->name);
	}
	return err;
}

enum err_code
rebalance(const struct domain_env *env, struct rebalance_cursor *cursor)
{
	const struct channel *const *all = NULL;
	size_t count = 0;
	bool any = false;
	channels_refresh(env->channels, env->store);
	struct arena *arena = arena_new();
	enum err_code err = arena != NULL ? channels_all(env->channels, arena, &all, &count) : ERR_NO_MEMORY;
	bool *open = err == ERR_OK ? arena_alloc(arena, (count + 1) * sizeof(*open)) : NULL;
	if (err == ERR_OK)
		err = open == NULL ? ERR_NO_MEMORY
		      : count > 1  ? free_channels(env, arena, all, count, open, &any)
		                   : ERR_OK;
	for (size_t i = 0; i < count && err == ERR_OK; i++)
		err = health_note_key(env->store, all[i]->name, all[i]->key_id);
	for (size_t i = 0; i < count && err == ERR_OK && any; i++) {
		struct place *place = open[i] ? NULL : place_of(cursor, all[i]->name);
		if (!open[i])
			err = place != NULL ? rebalance_one(env, arena, all[i], place) : ERR_NO_MEMORY;
	}
	for (size_t i = 0; i < count; i++)
		channel_release(all[i]);
	arena_free(arena);
	return err;
}

enum err_code
rebalance_strays(const struct domain_env *env)
{
	const char **names = NULL;
	size_t count = 0;
	struct arena *arena = arena_new();
	enum err_code err =
	    arena != NULL ? store_channels_stray(env->store, arena, &names, &count) : ERR_NO_MEMORY;
	if (err == ERR_OK && count > 0) {
		err = store_begin(env->store, STORE_RELAXED);
		for (size_t i = 0; i < count && err == ERR_OK; i++)
			err = store_channel_know(env->store, names[i]);
		err = store_end(env->store, err);
	}
	for (size_t i = 0; i < count && err == ERR_OK; i++)
		log_warn("the channel %s is in the database no more; its tasks end by their deadlines",
		         names[i]);
	arena_free(arena);
	return err;
}
