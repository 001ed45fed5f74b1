/* Deliveries: claimed like tasks, endpoint by endpoint, so that the queue of one costs the others nothing. */
#include "store/delivery.h"

#include "store/db.h"

enum { DROPPED_MOST = 500 /* in one claim, so that the lock is not held for long */ };

/* The queue of an endpoint. */
struct queue {
	int64_t webhook_id, due_at, held;
	bool open; /* the endpoint is to get something */
};

static struct query
ask_queues(struct store *store, int64_t now, int64_t per_endpoint)
{
	struct query query = db_query(store, SQL_DELIVERY_QUEUES);
	db_int(&query, ":now", now);
	db_int(&query, ":per_endpoint", per_endpoint);
	db_int(&query, ":rest", DELIVERY_REST_MOST);
	return query;
}

static void
read_queue(struct query *query, struct arena *arena, void *ret_queue)
{
	(void)arena;
	*(struct queue *)ret_queue = (struct queue){
	    .webhook_id = db_column_int(query, 0),
	    .due_at = db_column_int(query, 1),
	    .held = db_column_int(query, 2),
	    .open = db_column_bool(query, 3),
	};
}

/* Reads the columns that all queries of deliveries begin with. */
static void
read_delivery(struct query *query, struct arena *arena, void *ret_delivery)
{
	*(struct delivery *)ret_delivery = (struct delivery){
	    .id = db_column_int(query, 0),
	    .webhook_id = db_column_int(query, 1),
	    .attempt = db_column_int(query, 2),
	    .event = db_column_copy(query, arena, 3),
	    .created_at = db_column_int(query, 4),
	    .due_at = db_column_int(query, 5),
	    .owner = db_column_copy(query, arena, 6),
	    .tries = db_column_int(query, 7),
	    .tried_at = db_column_int(query, 8),
	    .status = db_column_int(query, 9),
	    .error = db_column_copy(query, arena, 10),
	    .delivered_at = db_column_int(query, 11),
	    .video_id = db_column_copy(query, arena, 12),
	    .client_request_id = db_column_copy(query, arena, 13),
	};
}

static void
read_id(struct query *query, struct arena *arena, void *ret_id)
{
	(void)arena;
	*(int64_t *)ret_id = db_column_int(query, 0);
}

static enum err_code
load_delivery(struct store *store, struct arena *arena, int64_t id, struct db_list *list)
{
	struct query query = db_query(store, SQL_DELIVERY_LOAD);
	db_int(&query, ":id", id);
	struct delivery *delivery = db_next(&query, arena, list, sizeof(*delivery));
	if (delivery != NULL) {
		read_delivery(&query, arena, delivery);
		delivery->url = db_column_copy(&query, arena, 14);
		delivery->secret = db_column_copy(&query, arena, 15);
		delivery->old_secret = db_column_copy(&query, arena, 16);
		delivery->old_until = db_column_int(&query, 17);
		delivery->user_id = db_column_int(&query, 18);
	}
	return db_end(&query);
}

/* Ends the queue of an endpoint that is to get nothing. */
static enum err_code
drop_waiting(struct store *store, int64_t webhook_id)
{
	struct query query = db_query(store, SQL_DELIVERY_DROP);
	db_int(&query, ":webhook_id", webhook_id);
	db_int(&query, ":most", DROPPED_MOST);
	return db_run(&query);
}

/* Takes the lease of the last delivery of the list, or takes it off the list, and lets its endpoint rest:
 * ret_rests. */
static enum err_code
take_last(struct store *store, const struct delivery_claim *claim, struct db_list *list, bool *ret_rests)
{
	const struct delivery *delivery = (const struct delivery *)list->items + list->count - 1;
	int64_t wait = 0;
	enum err_code err = claim->may != NULL ? claim->may(claim->cookie, delivery, &wait) : ERR_OK;
	*ret_rests = wait > 0;
	if (err == ERR_OK && wait == 0)
		return db_take_lease(store, SQL_DELIVERY_TAKE, delivery->id, claim->owner, claim->until);
	list->count--;
	if (err != ERR_OK)
		return err;
	struct query query = db_query(store, SQL_DELIVERY_REST);
	db_int(&query, ":webhook_id", delivery->webhook_id);
	db_int(&query, ":rest_until", claim->now + wait);
	return db_run(&query);
}

/* Claims deliveries of one queue, as far as there is room. */
static enum err_code
claim_queue(struct store *store, struct arena *arena, const struct delivery_claim *claim,
            const struct queue *queue, struct db_list *list)
{
	int64_t room = claim->limit - (int64_t)list->count, own = claim->per_endpoint - queue->held;
	enum err_code err = ERR_OK;
	size_t count = 0;
	int64_t *ids;
	bool rests = false;
	if (!queue->open)
		return drop_waiting(store, queue->webhook_id);
	if (own <= 0 || room <= 0)
		return ERR_OK;
	struct query query = db_query(store, SQL_DELIVERY_DUE);
	db_int(&query, ":webhook_id", queue->webhook_id);
	db_int(&query, ":now", claim->now);
	db_int(&query, ":most", own < room ? own : room);
	err = db_end_list(&query, arena, read_id, sizeof(*ids), &ids, &count);
	for (size_t i = 0; i < count && err == ERR_OK && !rests; i++) {
		err = load_delivery(store, arena, ids[i], list);
		if (err == ERR_OK)
			err = take_last(store, claim, list, &rests);
	}
	return err;
}

enum err_code
store_delivery_claim(struct store *store, struct arena *arena, const struct delivery_claim *claim,
                     struct delivery **ret_deliveries, size_t *ret_count)
{
	struct db_list list = {0};
	struct queue *queues; /* in the order in which they are served */
	size_t count = 0;
	struct query query = ask_queues(store, claim->now, claim->per_endpoint);
	enum err_code err = db_end_list(&query, arena, read_queue, sizeof(*queues), &queues, &count);
	for (size_t i = 0; i < count && err == ERR_OK; i++)
		if (queues[i].due_at <= claim->now)
			err = claim_queue(store, arena, claim, &queues[i], &list);
	if (err != ERR_OK)
		return err;
	*ret_deliveries = list.items;
	*ret_count = list.count;
	return ERR_OK;
}

enum err_code
store_delivery_next_due(struct store *store, int64_t now, int64_t per_endpoint, int64_t *ret_due_at)
{
	int64_t next = INT64_MAX;
	struct query query = ask_queues(store, now, per_endpoint);
	while (db_step(&query)) {
		int64_t due = db_column_int(&query, 1), held = db_column_int(&query, 2);
		bool open = db_column_bool(&query, 3);
		if (due < next && (held < per_endpoint || !open))
			next = due;
	}
	enum err_code err = db_end(&query);
	if (err == ERR_OK)
		*ret_due_at = next;
	return err;
}

enum err_code
store_delivery_end(struct store *store, const struct delivery *delivery)
{
	struct query query = db_query(store, SQL_DELIVERY_END);
	db_int(&query, ":id", delivery->id);
	db_text(&query, ":owner", delivery->owner);
	db_int(&query, ":due_at", delivery->due_at);
	db_int(&query, ":tries", delivery->tries);
	db_int(&query, ":tried_at", delivery->tried_at);
	db_int(&query, ":status", delivery->status);
	db_text(&query, ":error", delivery->error);
	db_int(&query, ":delivered_at", delivery->delivered_at);
	return db_run_one(&query, ERR_CONFLICT);
}

enum err_code
store_delivery_return(struct store *store, const struct delivery *delivery)
{
	struct query query = db_query(store, SQL_DELIVERY_RETURN);
	db_int(&query, ":id", delivery->id);
	db_text(&query, ":owner", delivery->owner);
	db_int(&query, ":due_at", delivery->due_at);
	return db_run_one(&query, ERR_CONFLICT);
}

enum err_code
store_delivery_list(struct store *store, struct arena *arena, int64_t webhook_id,
                    const struct delivery_page *page, struct delivery **ret_deliveries, size_t *ret_count)
{
	struct query query = db_query(store, SQL_DELIVERY_LIST);
	db_int(&query, ":webhook_id", webhook_id);
	db_int(&query, ":before", page->before);
	db_int(&query, ":most", page->limit);
	return db_end_list(&query, arena, read_delivery, sizeof(**ret_deliveries), ret_deliveries, ret_count);
}

enum err_code
store_delivery_replay(struct store *store, int64_t webhook_id, int64_t id, int64_t now)
{
	struct query query = db_query(store, SQL_DELIVERY_KNOWN);
	db_int(&query, ":id", id);
	db_int(&query, ":webhook_id", webhook_id);
	enum err_code err = db_end_found(&query, db_step(&query));
	if (err != ERR_OK)
		return err;
	query = db_query(store, SQL_DELIVERY_REPLAY);
	db_int(&query, ":id", id);
	db_int(&query, ":webhook_id", webhook_id);
	db_int(&query, ":now", now);
	err = db_run_one(&query, ERR_CONFLICT);
	/* Pollers listen for it. */
	store->moved = store->moved || err == ERR_OK;
	return err;
}

enum err_code
store_delivery_purge(struct store *store, int64_t before, int64_t most)
{
	struct query query = db_query(store, SQL_DELIVERY_PURGE);
	db_int(&query, ":before", before);
	db_int(&query, ":most", most);
	enum err_code err = db_run(&query);
	if (err != ERR_OK)
		return err;
	query = db_query(store, SQL_WEBHOOK_PURGE);
	db_int(&query, ":most", most);
	return db_run(&query);
}
