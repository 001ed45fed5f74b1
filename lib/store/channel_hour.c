/* Counts by channel and hour: see channel_hour.h. */
#include "store/channel_hour.h"

#include "store/db.h"

enum { HOUR_MS = 60 * 60 * 1000 };

/* As the statement numbers its columns. */
enum kind { NOTHING, ACCEPTED, REFUSED, POSTPONED, UNKNOWN, COMPLETED, FAILED };

/* What a move says of its channel. */
static enum kind
kind_of(enum task_state from, enum task_state to)
{
	if (to == TASK_STATE_RUNNING)
		return ACCEPTED;
	if (to == TASK_STATE_COMPLETED)
		return COMPLETED;
	if (from == TASK_STATE_RUNNING)
		return to == TASK_STATE_FAILED ? FAILED : NOTHING;
	if (from != TASK_STATE_SENDING)
		return NOTHING;
	if (to == TASK_STATE_READY)
		return POSTPONED;
	if (to == TASK_STATE_UNSURE)
		return UNKNOWN;
	return to == TASK_STATE_FAILED ? REFUSED : NOTHING;
}

enum err_code
store_channel_count(struct store *store, const char *channel, enum task_state from, enum task_state to,
                    int64_t now)
{
	enum kind kind = kind_of(from, to);
	if (kind == NOTHING)
		return ERR_OK;
	struct query query = db_query(store, SQL_CHANNEL_HOUR_ADD);
	db_text(&query, ":channel", channel);
	db_int(&query, ":hour", now / HOUR_MS);
	db_int(&query, ":kind", kind);
	return db_run(&query);
}

static void
read_hour(struct query *query, struct arena *arena, void *ret_hour)
{
	*(struct channel_hour *)ret_hour = (struct channel_hour){
	    .channel = db_column_copy(query, arena, 0),
	    .hour = db_column_int(query, 1),
	    .accepted = db_column_int(query, 2),
	    .refused = db_column_int(query, 3),
	    .postponed = db_column_int(query, 4),
	    .unknown = db_column_int(query, 5),
	    .completed = db_column_int(query, 6),
	    .failed = db_column_int(query, 7),
	};
}

enum err_code
store_channel_hours(struct store *store, struct arena *arena, const char *channel,
                    struct channel_hour_span span, struct channel_hour **ret_hours, size_t *ret_count)
{
	struct query query = db_query(store, channel != NULL ? SQL_CHANNEL_HOUR_LIST : SQL_CHANNEL_HOUR_SUMS);
	if (channel != NULL)
		db_text(&query, ":channel", channel);
	db_int(&query, ":from", span.from);
	db_int(&query, ":to", span.to);
	return db_end_list(&query, arena, read_hour, sizeof(**ret_hours), ret_hours, ret_count);
}

enum err_code
store_channel_hours_purge(struct store *store, int64_t before)
{
	struct query query = db_query(store, SQL_CHANNEL_HOUR_PURGE);
	db_int(&query, ":before", before / HOUR_MS);
	return db_run(&query);
}
