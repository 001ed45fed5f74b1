/* Routing: see route.h. A channel is chosen when a task is created, and again as long as nothing of the task
 * has been sent: when its channel certainly did not accept it, and when it waits while another channel would
 * take it. */
#include "domain/channel/route.h"

#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "domain/channel/channels.h"
#include "domain/channel/health.h"
#include "domain/channel/pick.h"
#include "domain/channel/turned_away.h"
#include "domain/env.h"
#include "domain/money/check.h"
#include "model/task.h"
#include "store/channel.h"
#include "store/charge.h"
#include "store/task.h"
#include "upstream/dialect/wish.h"

static enum err_code
takes(const struct domain_env *env, const struct channel *channel, enum health_use use,
      const struct task *task, bool newcomer, bool *ret_open)
{
	const struct channel_limits limits = {.concurrency = channel->concurrency, .rate = channel->rate};
	int64_t now = clock_wall_ms(), room = INT64_MAX, waiting = 0, until = 0;
	enum err_code err = health_until(env->store, channel->name, use, task, now, &until);
	if (err == ERR_OK && until == 0 && task != NULL)
		until = turned_away_until(task->turned_away, channel->name, now);
	if (err == ERR_OK && (limits.concurrency > 0 || limits.rate > 0))
		err = store_channel_room(env->store, channel->name, &limits, now, &room);
	if (err == ERR_OK && newcomer && room > 0 && room < INT64_MAX)
		err = store_channel_waiting(env->store, channel->name, room, &waiting);
	if (err == ERR_OK)
		*ret_open = until == 0 && room > waiting;
	return err;
}

enum err_code
route_open(const struct domain_env *env, const struct channel *channel, const struct task *task,
           bool *ret_open)
{
	return takes(env, channel, HEALTH_NEW_WORK, task, true, ret_open);
}

enum err_code
route_takes(const struct domain_env *env, const struct channel *channel, bool newcomer, bool *ret_open)
{
	return takes(env, channel, HEALTH_ANY_WORK, NULL, newcomer, ret_open);
}

enum err_code
route_is_free(const struct domain_env *env, const char *channel, bool *ret_free)
{
	bool due;
	enum err_code err = store_channel_due(env->store, channel, clock_wall_ms(), &due);
	if (err == ERR_OK)
		*ret_free = !due;
	return err;
}

enum err_code
route_count(const struct domain_env *env, const struct task *task)
{
	const struct channel *channel = channels_find(env->channels, task->channel);
	enum err_code err = ERR_OK;
	if (channel != NULL && channel->rate > 0)
		err = store_channel_note(env->store, channel->name, task->id, clock_wall_ms());
	channel_release(channel);
	return err == ERR_OK ? health_note_sent(env->store, task) : err;
}

/* ---- the choice ---- */

/* Whether the channel may have the task and has not said that it lacks the model, and whether its upstream
 * can be told all that the task asks for; else the field in which that fails is joined to `unsaid`. */
static bool
meets(const struct channel *channel, const struct task *task, struct arena *arena, struct wish *unsaid)
{
	if (!channel->takes_new || !channel_may_make(channel, task->model) ||
	    turned_away_by(task->turned_away, TURNED_AWAY_MODEL, channel->name))
		return false;
	struct wish wish;
	if (!wish_unsaid(channel, task, NULL, arena, &wish))
		return true;
	wish_join(unsaid, &wish);
	return false;
}

/* What a channel is wanted for. */
struct wanted {
	const struct task *task;
	int64_t amount; /* that the task costs: its channel's budgets need room for it */
	int64_t at;     /* in their windows of this time, for which it counts; ms since the epoch */
	bool moves;     /* it is at task->channel, and counts there already */
	bool round;     /* those that asked it to come later take it no more in this round */
};

struct candidates {
	const struct channel **channels;
	struct pick_option *options;
	size_t count;
	struct arena *arena;
	struct wish unsaid; /* a field that a channel which might have the task cannot say */
};

/* Keeps the candidate i, as one more than `kept`. The order is no matter where none is kept, so both lists
 * are in one. */
static void
keep(struct candidates *found, size_t i, size_t *kept)
{
	const struct channel *channel = found->channels[*kept];
	const struct pick_option option = found->options[*kept];
	found->channels[*kept] = found->channels[i];
	found->options[*kept] = found->options[i];
	found->channels[i] = channel;
	found->options[i] = option;
	++*kept;
}

/* Drops the candidates that have said lately that they do not have the model, if others are left. */
static enum err_code
drop_lacking(const struct domain_env *env, const struct task *task, struct candidates *found)
{
	enum err_code err = ERR_OK;
	size_t kept = 0;
	if (found->count < 2 || task->model == NULL)
		return ERR_OK;
	for (size_t i = 0; i < found->count && err == ERR_OK; i++) {
		bool lacking = false;
		err = store_channel_is_lacking(env->store, found->channels[i]->name, task->model,
		                               clock_wall_ms(), &lacking);
		if (err == ERR_OK && !lacking)
			keep(found, i, &kept);
	}
	if (err == ERR_OK && kept > 0)
		found->count = kept;
	return err;
}

/* ret_room: whether the channel's budgets have room for the task, which may count there already. */
static enum err_code
has_room(const struct domain_env *env, const struct wanted *wanted, const struct channel *channel,
         struct arena *arena, bool *ret_room)
{
	*ret_room = true;
	return wanted->moves && strcmp(channel->name, wanted->task->channel) == 0
	           ? ERR_OK
	           : check_channel_room(env, arena, channel->name, wanted->amount, wanted->at, ret_room);
}

/* Drops the candidates without room in their budgets, if others are left; else they do not take the task. */
static enum err_code
drop_full(const struct domain_env *env, const struct wanted *wanted, struct candidates *found)
{
	enum err_code err = ERR_OK;
	size_t kept = 0;
	if (wanted->amount == 0 || (found->count < 2 && !wanted->moves))
		return ERR_OK;
	for (size_t i = 0; i < found->count && err == ERR_OK; i++) {
		bool room = false;
		err = has_room(env, wanted, found->channels[i], found->arena, &room);
		found->options[i].open = found->options[i].open && room;
		if (room)
			keep(found, i, &kept);
	}
	if (err == ERR_OK && kept > 0)
		found->count = kept;
	return err;
}

/* Collects the channels that may make the task. */
static enum err_code
collect(const struct domain_env *env, const struct wanted *wanted, const struct channel *const *all,
        size_t count, struct candidates *found)
{
	const struct task *task = wanted->task;
	bool any = false;
	for (size_t i = 0; i < count; i++) {
		struct pick_option option = {.priority = all[i]->priority, .weight = all[i]->weight};
		any = any || all[i]->takes_new;
		if (!meets(all[i], task, found->arena, &found->unsaid))
			continue;
		enum err_code err = route_open(env, all[i], task, &option.open);
		if (err != ERR_OK)
			return err;
		option.open =
		    option.open &&
		    !(wanted->round && turned_away_by(task->turned_away, TURNED_AWAY_LATER, all[i]->name));
		found->channels[found->count] = all[i];
		found->options[found->count++] = option;
	}
	if (found->count > 0) {
		enum err_code err = drop_lacking(env, task, found);
		return err == ERR_OK ? drop_full(env, wanted, found) : err;
	}
	if (channels_lacking(env->channels, task->model))
		return ERR_CHANNEL_AWAY;
	if (found->unsaid.field != NULL)
		return ERR_UNSUPPORTED_FIELD;
	return any ? ERR_NO_MODEL : ERR_NO_CHANNEL;
}

static enum err_code
choose(const struct domain_env *env, const struct wanted *wanted, struct route_choice *ret_choice)
{
	const struct channel *const *all = NULL;
	const struct channel *chosen = NULL;
	struct candidates found = {0};
	*ret_choice = (struct route_choice){0};
	size_t count = 0, at = 0;
	if (!channels_known(env->channels))
		return ERR_BUSY;
	struct arena *arena = arena_new();
	enum err_code err = arena != NULL ? channels_all(env->channels, arena, &all, &count) : ERR_NO_MEMORY;
	found.arena = arena;
	if (err == ERR_OK) {
		found.channels = arena_alloc(arena, (count + 1) * sizeof(*found.channels));
		found.options = arena_alloc(arena, (count + 1) * sizeof(*found.options));
		err = arena_failed(arena) ? ERR_NO_MEMORY : collect(env, wanted, all, count, &found);
	}
	if (err == ERR_OK) {
		at = pick(found.options, found.count,
		          pick_dice(wanted->task->video_id, wanted->task->attempt));
		chosen = found.channels[at];
		ret_choice->open = found.options[at].open;
		ret_choice->channel = chosen;
	}
	ret_choice->unsaid = found.unsaid;
	for (size_t i = 0; i < count; i++)
		if (all[i] != chosen)
			channel_release(all[i]);
	arena_free(arena);
	return err;
}

enum err_code
route_choose(const struct domain_env *env, const struct task *task, int64_t amount,
             struct route_choice *ret_choice)
{
	const struct wanted wanted = {.task = task, .amount = amount, .at = clock_wall_ms()};
	return choose(env, &wanted, ret_choice);
}

/* ---- another choice ---- */

/* Makes what a task that waits is moved by: what it holds counts for the time of its creation, wherever it
 * goes. */
static enum err_code
want_move(const struct domain_env *env, struct arena *arena, const struct task *task,
          struct wanted *ret_wanted)
{
	struct charge charge;
	enum err_code err = task->charge.state == CHARGE_HELD
	                        ? store_charge_get(env->store, arena, task->id, task->attempt, &charge)
	                        : ERR_NOT_FOUND;
	*ret_wanted = (struct wanted){.task = task, .moves = true};
	if (err == ERR_OK) {
		ret_wanted->amount = charge.reserved;
		ret_wanted->at = charge.created_at;
	}
	return err == ERR_NOT_FOUND ? ERR_OK : err;
}

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
	bool derived = task->source_external_id != NULL;
	if (derived ? channel_may_derive(channel, task->model) : channel_may_make(channel, task->model))
		return true;
	const char *inherited = NULL;
	return derived && task->model != NULL && source_model(env, arena, task, &inherited) == ERR_OK &&
	       inherited != NULL && strcmp(inherited, task->model) == 0;
}

/* ret_open: true where the task's own channel takes it now. */
static enum err_code
own_open(const struct domain_env *env, const struct task *task, bool *ret_open)
{
	const struct channel *own = channels_find(env->channels, task->channel);
	enum err_code err = ERR_OK;
	*ret_open = false;
	if (own != NULL && own->takes_new && channel_may_make(own, task->model))
		err = takes(env, own, HEALTH_NEW_WORK, task, false, ret_open);
	channel_release(own);
	return err;
}

/* Gives the task to a channel that takes it now, where that is another. */
static enum err_code
choose_again(const struct domain_env *env, struct arena *arena, bool round, struct task *task,
             bool *ret_moved)
{
	struct route_choice choice;
	struct wanted wanted;
	enum err_code err = want_move(env, arena, task, &wanted);
	wanted.round = round;
	if (err == ERR_OK)
		err = choose(env, &wanted, &choice);
	if (err == ERR_NO_CHANNEL || err == ERR_NO_MODEL || err == ERR_CHANNEL_AWAY ||
	    err == ERR_UNSUPPORTED_FIELD)
		return ERR_OK;
	if (err != ERR_OK)
		return err;
	if (choice.open && strcmp(choice.channel->name, task->channel) != 0)
		err = reassign(env, arena, choice.channel, task, ret_moved);
	channel_release(choice.channel);
	return err;
}

enum err_code
route_reassign(const struct domain_env *env, struct arena *arena, struct task *task, bool *ret_moved)
{
	bool open;
	*ret_moved = false;
	if (task->source_external_id != NULL || !channels_known(env->channels))
		return ERR_OK;
	enum err_code err = own_open(env, task, &open);
	return err == ERR_OK && !open ? choose_again(env, arena, false, task, ret_moved) : err;
}

enum err_code
route_turn_away(const struct domain_env *env, struct arena *arena, const struct route_later *later,
                struct task *task, bool *ret_moved)
{
	const char *before = task->turned_away, *list = before;
	int64_t now = clock_wall_ms();
	*ret_moved = false;
	if (task->source_external_id != NULL || !channels_known(env->channels))
		return ERR_OK;
	if (later->until > now)
		list = turned_away_add_until(arena, list, task->channel, now, later->until);
	if (list != NULL || later->until <= now)
		list = turned_away_add(arena, list, TURNED_AWAY_LATER, task->channel);
	task->turned_away = list;
	enum err_code err = list != NULL ? choose_again(env, arena, true, task, ret_moved) : ERR_NO_MEMORY;
	if (err == ERR_OK &&
	    !*ret_moved) { /* the round is over: after their waits the task may go to each again */
		list = turned_away_without(arena, list, TURNED_AWAY_LATER);
		task->turned_away = list != NULL ? turned_away_from(arena, list, later->due_at) : NULL;
	}
	if (err == ERR_OK && task->turned_away == NULL)
		err = ERR_NO_MEMORY;
	if (err == ERR_OK && *task->turned_away == '\0')
		task->turned_away = NULL;
	if (err == ERR_OK && (before != NULL || task->turned_away != NULL))
		err = store_task_set_turned_away(env->store, task->id, task->turned_away);
	return err;
}

/* Finds the channel behind the task's own, in their order and round it, that names the task's model, may have
 * the task, and has room for it in its budgets; NULL = there is none. */
static enum err_code
next_with_model(const struct domain_env *env, const struct channel *const *all, size_t count,
                const struct wanted *wanted, struct arena *arena, const struct channel **ret_next)
{
	const struct task *task = wanted->task;
	const struct channel *first = NULL, *next = NULL;
	struct wish unsaid = {0};
	enum err_code err = ERR_OK;
	bool passed = false, room = false;
	for (size_t i = 0; i < count && err == ERR_OK; i++) {
		if (strcmp(all[i]->name, task->channel) == 0) {
			passed = true;
			continue;
		}
		if (!channel_names(all[i], task->model) || !meets(all[i], task, arena, &unsaid))
			continue;
		err = has_room(env, wanted, all[i], arena, &room);
		if (err != ERR_OK || !room)
			continue;
		if (first == NULL)
			first = all[i];
		if (passed && next == NULL)
			next = all[i];
	}
	if (err == ERR_OK)
		*ret_next = next != NULL ? next : first;
	return err;
}

enum err_code
route_other_with_model(const struct domain_env *env, struct arena *arena, const struct task *task,
                       const char **ret_name)
{
	struct wanted wanted;
	const struct channel *const *all = NULL, *next = NULL;
	size_t count = 0;
	*ret_name = NULL;
	enum err_code err = want_move(env, arena, task, &wanted);
	if (err == ERR_OK)
		err = channels_all(env->channels, arena, &all, &count);
	if (err == ERR_OK)
		err = next_with_model(env, all, count, &wanted, arena, &next);
	if (next != NULL)
		*ret_name = arena_strdup(arena, next->name);
	if (next != NULL && *ret_name == NULL)
		err = ERR_NO_MEMORY;
	for (size_t i = 0; i < count; i++)
		channel_release(all[i]);
	return err;
}

/* ---- another attempt ---- */

/* The channel of the video that the task is made from makes its next attempt, too. */
static enum err_code
retry_at_source(const struct domain_env *env, struct arena *arena, const struct task *task,
                struct route_choice *ret_choice)
{
	const struct channel *channel = ret_choice->channel = channels_for_task(env->channels, task);
	if (channel == NULL)
		return channels_why_gone(env->channels, task);
	if (!route_fits(env, arena, channel, task))
		return ERR_NO_MODEL;
	return wish_unsaid(channel, task, NULL, arena, &ret_choice->unsaid)
	           ? ERR_UNSUPPORTED_FIELD
	           : route_open(env, channel, task, &ret_choice->open);
}

enum err_code
route_retry(const struct domain_env *env, struct arena *arena, const struct task *task, int64_t amount,
            struct route_next *ret_next)
{
	struct task next = *task;
	struct route_choice choice = {0};
	next.attempt++;
	next.turned_away = NULL;
	enum err_code err = task->source_external_id != NULL ? retry_at_source(env, arena, task, &choice)
	                                                     : route_choose(env, &next, amount, &choice);
	ret_next->unsaid = choice.unsaid;
	if (err == ERR_OK) {
		ret_next->channel = arena_strdup(arena, choice.channel->name);
		ret_next->open = choice.open;
		err = ret_next->channel != NULL ? ERR_OK : ERR_NO_MEMORY;
	}
	channel_release(choice.channel);
	return err;
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
