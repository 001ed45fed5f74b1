/* Claims what is due, channel by channel: neither open tasks that are not due nor the backlog of a channel
 * that is slow or in cooldown cost anything. */
#include "store/claim.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "store/channel.h"
#include "store/db.h"
#include "store/row.h"
#include "store/turn.h"
#include "store/turn_sleep.h"

struct candidate {
	int64_t id, due_at;
};

struct candidates {
	struct db_list list; /* struct candidate[] */
	struct arena *arena;
};

/* Tasks whose leases are taken. */
struct claimed {
	struct db_list tasks; /* struct task[] */
	struct arena *arena;
};

/* Ends a query of (id, due_at), appending its rows. */
static enum err_code
collect(struct query *query, struct candidates *all)
{
	struct candidate *c;
	while ((c = db_next(query, all->arena, &all->list, sizeof(*c))) != NULL)
		*c = (struct candidate){
		    .id = db_column_int(query, 0),
		    .due_at = db_column_int(query, 1),
		};
	return db_end(query);
}

/* Returns the free slots of the channel, at most the limit. */
static int64_t
room_for(const struct task_claim *claim, const char *channel, bool ready)
{
	int64_t room = claim->room != NULL ? claim->room(claim->cookie, channel, ready) : claim->limit;
	return room < claim->limit ? room : claim->limit;
}

/* ---- those that have left READY ---- */

static enum err_code
collect_sent_of(struct store *store, const char *channel, const struct task_claim *claim,
                struct candidates *all)
{
	int64_t room = room_for(claim, channel, false);
	if (room == 0)
		return ERR_OK;
	struct query query = db_query(store, SQL_CLAIM_SENT);
	db_text(&query, ":channel", channel);
	db_int(&query, ":now", claim->now);
	db_int(&query, ":most", room);
	return collect(&query, all);
}

static enum err_code
collect_sent(struct store *store, const struct task_claim *claim, struct candidates *all)
{
	enum err_code err = ERR_OK;
	struct query channels = db_query(store, SQL_CLAIM_CHANNELS);
	while (err == ERR_OK && db_step(&channels)) {
		const char *channel = db_column_copy(&channels, all->arena, 0);
		err = channel != NULL ? collect_sent_of(store, channel, claim, all) : ERR_NO_MEMORY;
	}
	enum err_code end = db_end(&channels);
	return err == ERR_OK ? end : err;
}

static int
compare_numbers(int64_t a, int64_t b)
{
	return (a > b) - (a < b);
}

/* Orders by due_at, the longest due first. */
static int
by_due(const void *left, const void *right)
{
	const struct candidate *a = left, *b = right;
	int order = compare_numbers(a->due_at, b->due_at);
	return order != 0 ? order : compare_numbers(a->id, b->id);
}

static enum err_code
load_task(struct store *store, struct arena *arena, int64_t id, struct db_list *tasks)
{
	struct query query = db_query(store, SQL_CLAIM_LOAD);
	db_int(&query, ":id", id);
	if (db_step(&query))
		row_append(&query, arena, tasks);
	return db_end(&query);
}

/* Loads the task as it is, then takes its lease. */
static enum err_code
take(struct store *store, const struct task_claim *claim, int64_t id, struct claimed *claimed)
{
	enum err_code err = load_task(store, claimed->arena, id, &claimed->tasks);
	return err == ERR_OK ? db_take_lease(store, SQL_CLAIM_TAKE, id, claim->owner, claim->until) : err;
}

/* ---- READY tasks ---- */

struct open_channel {
	struct turn_line line;
	struct channel_limits limits;
};

static void
read_open(struct query *query, struct arena *arena, void *ret_channel)
{
	*(struct open_channel *)ret_channel = (struct open_channel){
	    .line = {.channel = db_column_copy(query, arena, 0)},
	    .limits = {.concurrency = db_column_int(query, 1), .rate = db_column_int(query, 2)},
	};
}

/* Takes READY tasks of a channel in turns, as many as its limits and its free slots allow, `most` at most. */
static enum err_code
take_turns(struct store *store, const struct task_claim *claim, struct open_channel *channel, int64_t most,
           struct claimed *claimed)
{
	struct turn_line *line = &channel->line;
	int64_t slots = room_for(claim, line->channel, true), room = INT64_MAX, id = -1, taken = 0;
	enum err_code err = ERR_OK;
	if (slots > 0 && (channel->limits.concurrency > 0 || channel->limits.rate > 0))
		err = store_channel_room(store, line->channel, &channel->limits, clock_wall_ms(), &room);
	most = room < most ? room : most;
	most = slots < most ? slots : most;
	line->now = claim->now;
	line->most = most;
	if (err == ERR_OK && most > 0)
		err = turn_wake(store, line);
	while (err == ERR_OK && id != 0 && taken < most) {
		err = turn_next(store, line, &id);
		if (err == ERR_OK && id != 0)
			err = take(store, claim, id, claimed);
		taken += id != 0;
	}
	return err == ERR_OK && taken > 0 ? turn_count(store, line) : err;
}

/* Those past their deadline are to end, and take no turn. */
static enum err_code
take_expired(struct store *store, const struct task_claim *claim, int64_t most, struct claimed *claimed)
{
	struct candidates expired = {.arena = claimed->arena};
	struct query query = db_query(store, SQL_CLAIM_EXPIRED);
	db_int(&query, ":now", claim->now);
	db_int(&query, ":most", most);
	enum err_code err = collect(&query, &expired);
	const struct candidate *candidates = expired.list.items;
	for (size_t i = 0; err == ERR_OK && i < expired.list.count; i++)
		err = take(store, claim, candidates[i].id, claimed);
	return err;
}

static enum err_code
take_ready(struct store *store, const struct task_claim *claim, int64_t most, struct claimed *claimed)
{
	struct open_channel *channels = NULL;
	size_t count = 0;
	enum err_code err = take_expired(store, claim, most, claimed);
	struct query query = db_query(store, SQL_CHANNEL_AVAILABLE);
	db_int(&query, ":now", claim->now);
	enum err_code end =
	    db_end_list(&query, claimed->arena, read_open, sizeof(*channels), &channels, &count);
	err = err == ERR_OK ? end : err;
	for (size_t i = 0; i < count && err == ERR_OK; i++)
		err = take_turns(store, claim, &channels[i], most - (int64_t)claimed->tasks.count, claimed);
	return err;
}

/* ---- the claim ---- */

/* Joins the two, in that order. */
static enum err_code
join(const struct claimed *first, const struct claimed *second, struct task **ret_tasks, size_t *ret_count)
{
	size_t count = first->tasks.count + second->tasks.count;
	struct task *tasks = arena_alloc(first->arena, (count + 1) * sizeof(*tasks));
	if (tasks == NULL)
		return ERR_NO_MEMORY;
	if (first->tasks.count > 0)
		memcpy(tasks, first->tasks.items, first->tasks.count * sizeof(*tasks));
	if (second->tasks.count > 0)
		memcpy(tasks + first->tasks.count, second->tasks.items, second->tasks.count * sizeof(*tasks));
	*ret_tasks = tasks;
	*ret_count = count;
	return ERR_OK;
}

/* Of the tasks that have left READY the longest due come first; READY ones follow, each channel's in turn.
 * Each of the two gets half of the limit where it can use it, so that polls go on while submissions are
 * turned away, and the other way round. */
enum err_code
store_task_claim(struct store *store, struct arena *arena, const struct task_claim *claim,
                 struct task **ret_tasks, size_t *ret_count)
{
	struct candidates sent = {.arena = arena};
	struct claimed ready = {.arena = arena}, others = {.arena = arena};
	enum err_code err = collect_sent(store, claim, &sent);
	int64_t share = claim->limit - claim->limit / 2, count = (int64_t)sent.list.count;
	if (err == ERR_OK)
		err = take_ready(store, claim, claim->limit - (count < share ? count : share), &ready);
	if (err != ERR_OK)
		return err;
	const struct candidate *candidates = sent.list.items;
	if (count > 0)
		qsort(sent.list.items, sent.list.count, sizeof(*candidates), by_due);
	int64_t left = claim->limit - (int64_t)ready.tasks.count;
	for (int64_t i = 0; err == ERR_OK && i < count && i < left; i++)
		err = take(store, claim, candidates[i].id, &others);
	return err == ERR_OK ? join(&others, &ready, ret_tasks, ret_count) : err;
}

static int64_t
earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* Reads a time of the row; INT64_MAX for NULL. */
static int64_t
column_time(struct query *row, int column)
{
	return db_column_null(row, column) ? INT64_MAX : db_column_int(row, column);
}

/* Returns when READY tasks of the channel in the row may be claimed next; INT64_MAX while it is at its
 * limits, as pollers look again now and then. */
static enum err_code
ready_at(struct store *store, struct query *row, int64_t *ret_at)
{
	const struct channel_limits limits = {.concurrency = db_column_int(row, 1),
	                                      .rate = db_column_int(row, 2)};
	int64_t cooldown = db_column_int(row, 3);
	int64_t due = earlier(column_time(row, 4), column_time(row, 5));
	int64_t room = INT64_MAX;
	enum err_code err = ERR_OK;
	if (due < INT64_MAX && (limits.concurrency > 0 || limits.rate > 0)) {
		const char *channel = db_column_text(row, 0);
		err = channel != NULL ? store_channel_room(store, channel, &limits, clock_wall_ms(), &room)
		                      : ERR_NO_MEMORY;
	}
	*ret_at = room == 0 ? INT64_MAX : due < cooldown ? cooldown : due;
	return err;
}

enum err_code
store_task_next_due(struct store *store, int64_t *ret_due_at)
{
	int64_t next, at;
	struct query query = db_query(store, SQL_CLAIM_NEXT_SENT);
	enum err_code err = db_end_number(&query, INT64_MAX, &next);
	if (err != ERR_OK)
		return err;
	query = db_query(store, SQL_CLAIM_NEXT_READY);
	while (err == ERR_OK && db_step(&query)) {
		err = ready_at(store, &query, &at);
		if (err == ERR_OK && at < next)
			next = at;
	}
	enum err_code end = db_end(&query);
	if (err == ERR_OK)
		err = end;
	if (err == ERR_OK)
		*ret_due_at = next;
	return err;
}
