/* Polled tasks in memory: a table by id, and for each channel a heap in order of the next looks, so that a
 * slow channel holds no other up. A task that is being polled is in no heap; one that goes meanwhile stays
 * until its poll has ended. */
#include "domain/task/open_tasks.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/config.h"
#include "base/heap.h"
#include "base/loop.h"
#include "domain/channel/channels.h"
#include "domain/channel/queue.h"
#include "domain/env.h"
#include "domain/task/open_task.h"
#include "domain/task/poll.h"
#include "domain/task/schedule.h"
#include "model/task.h"
#include "store/share.h"
#include "upstream/dialect/dialect.h"

enum {
	SLOTS =
	    3, /* polls started at most for each connection of a channel: the next ones wait in its queue */
	BUCKETS = 64
};

struct open_tasks {
	struct domain_env env;
	struct poll_user may;
	struct poll_driver *driver;
	struct arena *arena; /* of one row */
	struct open_channel *channels;
	struct open_task **buckets;
	size_t bucket_count, count;
	struct open_order order;
	size_t polled[SHARES]; /* polls under way */
	int64_t due_by;
	bool on;      /* looks are made as they become due */
	bool lacks;   /* memory was short */
	bool looking; /* look() runs */
	bool halted;  /* a poll could not be made for a reason that holds for all */
	struct loop_timer timer;
};

static int
share_of(int64_t id)
{
	return (int)(id & (SHARES - 1));
}

/* ---- the table ---- */

static struct open_task **
bucket_of(const struct open_tasks *open, int64_t id)
{
	return &open->buckets[(size_t)id & (open->bucket_count - 1)];
}

static struct open_task *
find(const struct open_tasks *open, int64_t id)
{
	struct open_task *entry = *bucket_of(open, id);
	while (entry != NULL && entry->task.id != id)
		entry = entry->chain;
	return entry;
}

/* Doubles the table; where memory is short its chains grow longer. */
static void
grow(struct open_tasks *open)
{
	struct open_task **old = open->buckets, *entry, *next;
	size_t count = open->bucket_count;
	struct open_task **buckets = calloc(count * 2, sizeof(struct open_task *));
	if (buckets == NULL)
		return;
	open->buckets = buckets;
	open->bucket_count = count * 2;
	for (size_t i = 0; i < count; i++)
		for (entry = old[i]; entry != NULL; entry = next) {
			struct open_task **bucket = bucket_of(open, entry->task.id);
			next = entry->chain;
			entry->chain = *bucket;
			*bucket = entry;
		}
	free(old);
}

/* Takes an entry out; frees it, unless it is being polled. */
static void
take_out(struct open_tasks *open, struct open_task *entry)
{
	struct open_task **place = bucket_of(open, entry->task.id);
	while (*place != entry)
		place = &(*place)->chain;
	*place = entry->chain;
	heap_remove(&entry->channel->heap, &entry->look);
	open->count--;
	entry->gone = true;
	if (!entry->polled)
		free(entry);
}

/* ---- entries ---- */

static bool
is_polled(const struct task *task)
{
	return task->state == TASK_STATE_RUNNING || (task->state == TASK_STATE_FAILED && task->due_at > 0);
}

/* The shortest interval that the task's upstream allows. */
static int64_t
least_interval(const struct open_tasks *open, const struct task *task)
{
	const struct channel *channel = channels_for_task(open->env.channels, task);
	int64_t least = channel != NULL ? dialect_poll_interval(channel->dialect) : 0;
	channel_release(channel);
	return least;
}

/* When the task is to be looked at next, after the looks that were due at `looked_until`. */
static int64_t
next_look(const struct open_tasks *open, const struct task *task, int64_t looked_until)
{
	if (task_looks_now(task->due_at) || task->due_at > looked_until)
		return task->due_at;
	int64_t next = schedule_next(open->env.config, task, least_interval(open, task), looked_until);
	return task->state == TASK_STATE_RUNNING ? schedule_by_deadline(task, next) : next;
}

/* Puts an entry in its heap. Where memory is short, it is taken out. */
static void
plan(struct open_tasks *open, struct open_task *entry, int64_t next)
{
	entry->due = next;
	if (heap_set(&entry->channel->heap, &entry->look, open_task_place(entry, &open->order)))
		return;
	open->lacks = true;
	take_out(open, entry);
}

void
open_tasks_put(struct open_tasks *open, const struct task *row, int64_t looked_until)
{
	struct open_task *before = find(open, row->id);
	struct open_task *entry = is_polled(row) ? open_task_new(&open->channels, row) : NULL;
	if (before != NULL && before->polled && entry != NULL) {
		before->stale = true; /* as no task is polled twice at a time */
		free(entry);
		return;
	}
	open->lacks = open->lacks || (is_polled(row) && entry == NULL);
	if (before != NULL)
		take_out(open, before);
	if (entry == NULL)
		return;
	if (open->count >= open->bucket_count)
		grow(open);
	struct open_task **bucket = bucket_of(open, row->id);
	entry->chain = *bucket;
	*bucket = entry;
	open->count++;
	plan(open, entry, next_look(open, &entry->task, looked_until));
}

void
open_tasks_drop(struct open_tasks *open, int64_t id)
{
	struct open_task *entry = find(open, id);
	if (entry != NULL)
		take_out(open, entry);
}

void
open_tasks_keep(struct open_tasks *open, uint64_t shares)
{
	struct open_task *entry, *next;
	for (size_t i = 0; i < open->bucket_count; i++)
		for (entry = open->buckets[i]; entry != NULL; entry = next) {
			next = entry->chain;
			if ((shares >> share_of(entry->task.id) & 1) == 0)
				take_out(open, entry);
		}
}

int64_t
open_tasks_rev(const struct open_tasks *open, int64_t id)
{
	const struct open_task *entry = find(open, id);
	return entry != NULL ? entry->task.rev : -1;
}

void
open_tasks_ask(struct open_tasks *open, int64_t id, int64_t due_at)
{
	struct open_task *entry = find(open, id);
	/* What is known here may be newer. */
	if (entry == NULL || (task_looks_now(entry->task.due_at) && entry->task.due_at >= due_at))
		return;
	if (entry->polled) {
		entry->again = due_at;
		return;
	}
	entry->task.due_at = due_at;
	plan(open, entry, due_at);
}

bool
open_tasks_lack(struct open_tasks *open)
{
	bool lacks = open->lacks;
	open->lacks = false;
	return lacks;
}

/* ---- looks ---- */

/* Reads a task's row again; where that cannot be done, before its next look. */
static void
read_again(struct open_tasks *open, struct open_task *entry)
{
	struct task row;
	int64_t now = clock_wall_ms();
	enum err_code err = store_share_task(open->env.store, open->arena, entry->task.id, &row);
	entry->stale = err != ERR_OK && err != ERR_NOT_FOUND;
	if (err == ERR_OK)
		open_tasks_put(open, &row, now);
	else if (err == ERR_NOT_FOUND)
		take_out(open, entry);
	else
		plan(open, entry, now + open->env.config->poll_interval_min);
	arena_reset(open->arena);
}

static void
start(struct open_tasks *open, struct open_task *entry)
{
	if (entry->stale) {
		read_again(open, entry);
		return;
	}
	int64_t due = task_looks_now(entry->due) ? clock_wall_ms() : entry->due;
	heap_remove(&entry->channel->heap, &entry->look);
	entry->polled = true;
	open->polled[share_of(entry->task.id)]++;
	if (poll_driver_start(open->driver, &entry->task, due, entry))
		return;
	entry->polled = false;
	open->polled[share_of(entry->task.id)]--;
	plan(open, entry, clock_wall_ms() + open->env.config->poll_interval_min);
}

static bool
has_slot(const struct open_tasks *open, const struct open_channel *channel)
{
	return queues_count(open->env.queues, channel->name, false) <
	       (size_t)open->env.config->channel_connections * SLOTS;
}

/* The wall time until which looks are due now. */
static int64_t
due_by(const struct open_tasks *open)
{
	return open->on ? clock_wall_ms() : open->due_by;
}

static void
look_at_channel(struct open_tasks *open, struct open_channel *channel, int64_t due)
{
	struct heap_node *least;
	while (!open->halted && (least = heap_min(&channel->heap)) != NULL && least->key <= due &&
	       has_slot(open, channel))
		start(open, (struct open_task *)least);
}

/* Sets the timer to the next look of a channel that has free slots; where it has none, the end of a poll is
 * the time. */
static void
set_timer(struct open_tasks *open, int64_t now)
{
	int64_t next = INT64_MAX;
	for (struct open_channel *channel = open->channels; channel != NULL; channel = channel->next) {
		const struct heap_node *least = heap_min(&channel->heap);
		if (least != NULL && least->key < next && has_slot(open, channel))
			next = least->key;
	}
	if (!open->on || next == INT64_MAX)
		loop_timer_cancel(open->env.loop, &open->timer);
	else
		loop_timer_set(open->env.loop, &open->timer, clock_mono_ms() + (next > now ? next - now : 1));
}

/* Has the timer fire in `wait` ms at the latest. */
static void
bring_timer_forward(struct open_tasks *open, int64_t wait)
{
	int64_t at = clock_mono_ms() + wait;
	if (open->timer.node.index == 0 || at < open->timer.node.key)
		loop_timer_set(open->env.loop, &open->timer, at);
}

/* A poll may end inside its start, and so free the slot for the next: that is a loop here, no recursion. */
static void
look(struct open_tasks *open)
{
	if (open->looking)
		return;
	open->looking = true;
	open->halted = !open->may.may_ask(open->may.cookie);
	int64_t due = due_by(open);
	for (struct open_channel *channel = open->channels; channel != NULL; channel = channel->next)
		look_at_channel(open, channel, due);
	/* What is halted goes on when open_tasks_look() is called again. */
	if (!open->halted)
		set_timer(open, due);
	open->looking = false;
}

static void
on_timer(void *cookie)
{
	look(cookie);
}

/* True where a string of the task is not the entry's own. */
static bool
has_news(const struct open_task *entry, const struct task *task)
{
	const struct task *before = &entry->task;
	return task->external_id != before->external_id || task->job != before->job ||
	       task->facts.model != before->facts.model || task->facts.size != before->facts.size ||
	       task->owner != before->owner;
}

/* Takes over what a poll has made of the task. */
static void
bring_up_to_date(struct open_tasks *open, struct open_task *entry, const struct task *task, int64_t next)
{
	if (!is_polled(task)) {
		take_out(open, entry);
		return;
	}
	if (has_news(entry, task)) {
		struct task row = *task;
		row.due_at = next;
		open_tasks_put(open, &row, 0);
		return;
	}
	const struct task before = entry->task;
	entry->task = *task;
	entry->task.channel = before.channel;
	entry->task.video_url = entry->task.image_url = NULL;
	entry->task.error_code = entry->task.error_message = NULL;
	plan(open, entry, next);
}

static void
on_done(void *cookie, void *of, const struct task *task, enum poll_end end, int64_t next)
{
	struct open_tasks *open = cookie;
	struct open_task *entry = of;
	open->polled[share_of(entry->task.id)]--;
	entry->polled = false;
	if (entry->gone) {
		free(entry);
		return;
	}
	struct open_channel *channel = entry->channel;
	int64_t id = entry->task.id, again = entry->again;
	bool stale = entry->stale || end == POLL_TAKEN;
	entry->again = 0;
	entry->stale = false;
	open->halted = open->halted || (end == POLL_NOT_MADE && next == 0);
	if (end == POLL_JUDGED && !stale)
		bring_up_to_date(open, entry, task, next);
	else if (stale)
		read_again(open, entry);
	else
		plan(open, entry, next > 0 ? next : entry->due);
	if (again > 0)
		open_tasks_ask(open, id, again);
	const struct heap_node *least = heap_min(&channel->heap);
	int64_t due = due_by(open);
	if (least == NULL || open->halted)
		return;
	if (least->key <= due)
		look(open);
	else if (open->on)
		bring_timer_forward(open, least->key - due);
}

/* Polls whose answers wait to be written have given their slots back. */
static void
on_room(void *cookie)
{
	struct open_tasks *open = cookie;
	if (!open->halted)
		look(open);
}

void
open_tasks_look(struct open_tasks *open, int64_t due, bool on)
{
	open->due_by = due;
	open->on = on;
	look(open);
}

void
open_tasks_looked(const struct open_tasks *open, int64_t now, int64_t *ret_looked_until)
{
	for (int n = 0; n < SHARES; n++)
		ret_looked_until[n] = now;
	for (size_t i = 0; i < open->bucket_count; i++)
		for (const struct open_task *entry = open->buckets[i]; entry != NULL; entry = entry->chain) {
			int64_t *looked = &ret_looked_until[share_of(entry->task.id)];
			/* That a task is to be looked at at once stands in its row. */
			if (entry->due <= *looked && !task_looks_now(entry->due))
				*looked = entry->due - 1;
		}
}

uint64_t
open_tasks_busy(const struct open_tasks *open)
{
	uint64_t shares = 0;
	for (int n = 0; n < SHARES; n++)
		shares |= (uint64_t)(open->polled[n] > 0) << n;
	return shares;
}

bool
open_tasks_busy_until(const struct open_tasks *open, int64_t due)
{
	bool busy = poll_driver_active(open->driver) > 0;
	for (const struct open_channel *channel = open->channels; channel != NULL; channel = channel->next) {
		const struct heap_node *least = heap_min(&channel->heap);
		busy = busy || (least != NULL && least->key <= due);
	}
	return busy;
}

size_t
open_tasks_count(const struct open_tasks *open)
{
	return open->count;
}

/* ---- life ---- */

struct open_tasks *
open_tasks_new(const struct domain_env *env, const struct poll_user *may)
{
	struct open_tasks *open = calloc(1, sizeof(*open));
	if (open == NULL)
		return NULL;
	open->env = *env;
	open->timer = (struct loop_timer){.fn = on_timer, .cookie = open};
	open->bucket_count = BUCKETS;
	open->buckets = calloc(BUCKETS, sizeof(struct open_task *));
	open->arena = arena_new();
	open->may = *may;
	open->order = open_order_begin();
	struct poll_user user = *may;
	user.done = on_done;
	user.room = on_room;
	user.done_cookie = open;
	open->driver = poll_driver_new(env, &user);
	if (open->buckets != NULL && open->arena != NULL && open->driver != NULL)
		return open;
	open->bucket_count = open->buckets != NULL ? BUCKETS : 0;
	open_tasks_free(open);
	return NULL;
}

void
open_tasks_free(struct open_tasks *open)
{
	if (open == NULL)
		return;
	loop_timer_cancel(open->env.loop, &open->timer);
	open->looking = true; /* nothing new */
	poll_driver_free(open->driver);
	open_tasks_keep(open, 0);
	free(open->buckets);
	open_channels_free(open->channels);
	arena_free(open->arena);
	free(open);
}

struct poll_driver *
open_tasks_driver(const struct open_tasks *open)
{
	return open->driver;
}
