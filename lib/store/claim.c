/* Claims what is due. Candidates come from two indexes, channel by channel: neither open tasks that are not
 * due nor the backlog of a channel that is slow or in cooldown cost anything. */
#include "store/claim.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "store/channel.h"
#include "store/db.h"
#include "store/row.h"

struct candidate {
	int64_t id, due_at;
};

struct candidates {
	struct db_list list; /* struct candidate[] */
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

/* Appends READY tasks of a channel, as many as its limits (`room`) and its free slots allow; where either is
 * 0, those past their deadline. */
static enum err_code
collect_of(struct store *store, const char *channel, const struct task_claim *claim, int64_t room,
           struct candidates *all)
{
	int64_t slots = room_for(claim, channel, true);
	int64_t most = room < slots ? room : slots;
	struct query query = db_query(store, most == 0 ? SQL_CLAIM_EXPIRED_OF : SQL_CLAIM_READY);
	db_text(&query, ":channel", channel);
	db_int(&query, ":now", claim->now);
	db_int(&query, ":most", most == 0 ? claim->limit : most);
	return collect(&query, all);
}

static enum err_code
collect_ready(struct store *store, const struct task_claim *claim, struct candidates *all)
{
	enum err_code err = ERR_OK;
	int64_t now = claim->now;
	struct query awake = db_query(store, SQL_CHANNEL_AVAILABLE);
	db_int(&awake, ":now", now);
	while (err == ERR_OK && db_step(&awake)) {
		const char *channel = db_column_copy(&awake, all->arena, 0);
		const struct channel_limits limits = {.concurrency = db_column_int(&awake, 1),
		                                      .rate = db_column_int(&awake, 2)};
		int64_t room = INT64_MAX;
		if (channel == NULL)
			break;
		if (limits.concurrency > 0 || limits.rate > 0)
			err = store_channel_room(store, channel, &limits, now, &room);
		if (err == ERR_OK)
			err = collect_of(store, channel, claim, room, all);
	}
	enum err_code end = db_end(&awake);
	if (err == ERR_OK)
		err = end;
	if (err != ERR_OK)
		return err;
	struct query expired = db_query(store, SQL_CLAIM_EXPIRED);
	db_int(&expired, ":now", now);
	db_int(&expired, ":most", claim->limit);
	return collect(&expired, all);
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

/* Orders by creation. */
static int
by_id(const void *left, const void *right)
{
	const struct candidate *a = left, *b = right;
	return compare_numbers(a->id, b->id);
}

/* Keeps at most `most` candidates: of each kind the longest due. Each kind gets at least half of the room
 * where it can use it, so that polls go on while submissions are turned away, and the other way round. Room
 * for one goes to the longest due of all. */
static void
keep_most_urgent(struct candidates *all, size_t sent, size_t most)
{
	struct candidate *items = all->list.items;
	size_t ready = all->list.count - sent, share = most / 2;
	if (sent > 0)
		qsort(items, sent, sizeof(*items), by_due);
	if (ready > 0)
		qsort(items + sent, ready, sizeof(*items), by_due);
	if (most == 1 && ready > 0 && (sent == 0 || by_due(items + sent, items) < 0))
		share = 1;
	size_t ready_share = ready < share ? ready : share;
	size_t keep_sent = sent < most - ready_share ? sent : most - ready_share;
	size_t keep_ready = ready < most - keep_sent ? ready : most - keep_sent;
	if (ready > 0) {
		memmove(items + keep_sent, items + sent, keep_ready * sizeof(*items));
		qsort(items + keep_sent, keep_ready, sizeof(*items), by_id);
	}
	all->list.count = keep_sent + keep_ready;
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

enum err_code
store_task_claim(struct store *store, struct arena *arena, const struct task_claim *claim,
                 struct task **ret_tasks, size_t *ret_count)
{
	struct candidates all = {.arena = arena};
	struct db_list tasks = {0};
	enum err_code err = collect_sent(store, claim, &all);
	size_t sent = all.list.count;
	if (err == ERR_OK)
		err = collect_ready(store, claim, &all);
	if (err == ERR_OK)
		keep_most_urgent(&all, sent, (size_t)claim->limit);
	const struct candidate *candidates = all.list.items;
	for (size_t i = 0; err == ERR_OK && i < all.list.count; i++) {
		err = load_task(store, arena, candidates[i].id, &tasks);
		if (err == ERR_OK)
			err = db_take_lease(store, SQL_CLAIM_TAKE, candidates[i].id, claim->owner,
			                    claim->until);
	}
	if (err != ERR_OK)
		return err;
	*ret_tasks = tasks.items;
	*ret_count = tasks.count;
	return ERR_OK;
}

/* Returns when READY tasks of the channel in the row may be claimed next; INT64_MAX while it is at its
 * limits, as pollers look again now and then. */
static enum err_code
ready_at(struct store *store, struct query *row, int64_t *ret_at)
{
	const struct channel_limits limits = {.concurrency = db_column_int(row, 1),
	                                      .rate = db_column_int(row, 2)};
	int64_t cooldown = db_column_int(row, 3), due = db_column_int(row, 4);
	int64_t room = INT64_MAX;
	enum err_code err = ERR_OK;
	if (limits.concurrency > 0 || limits.rate > 0) {
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
		if (db_column_null(&query, 4))
			continue;
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
