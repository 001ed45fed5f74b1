/* Charges and their sums, as they are shown. */
#include "store/report.h"

#include "store/db.h"

static void
read_charge(struct query *query, struct arena *arena, void *ret_row)
{
	*(struct report_charge *)ret_row = (struct report_charge){
	    .charge = {.id = db_column_int(query, 0),
	               .created_at = db_column_int(query, 1),
	               .api_key = db_column_int(query, 3),
	               .attempt = db_column_int(query, 6),
	               .model = db_column_copy(query, arena, 7),
	               .job = db_column_copy(query, arena, 8),
	               .size = db_column_copy(query, arena, 9),
	               .seconds = db_column_int(query, 10),
	               .state = charge_state_of(db_column_text(query, 11)),
	               .reason = db_column_copy(query, arena, 12),
	               .reserved = db_column_int(query, 13),
	               .charged = db_column_int(query, 14),
	               .refunded = db_column_int(query, 15),
	               .ended_at = db_column_int(query, 16),
	               .channel = db_column_copy(query, arena, 18),
	               .cost = db_column_null(query, 19) ? -1 : db_column_int(query, 19),
	               .cost_from = db_column_copy(query, arena, 20)},
	    .username = db_column_copy(query, arena, 2),
	    .key = db_column_copy(query, arena, 4),
	    .video_id = db_column_copy(query, arena, 5),
	    .group = db_column_copy(query, arena, 17),
	};
}

enum err_code
store_report_charges(struct store *store, struct arena *arena, int64_t user_id, int64_t before, int64_t most,
                     struct report_page *ret_page)
{
	struct report_page page;
	unsigned parts = user_id != 0 ? REPORT_CHARGES_USER : 0;
	struct query query = db_query(store, SQL_REPORT_CHARGES + parts);
	if (user_id != 0)
		db_int(&query, ":user_id", user_id);
	db_int(&query, ":before", before);
	db_int(&query, ":most", most);
	enum err_code err =
	    db_end_list(&query, arena, read_charge, sizeof(*page.items), &page.items, &page.count);
	if (err == ERR_OK)
		*ret_page = page;
	return err;
}

const char *
report_by_word(enum report_by by)
{
	static const char *const words[REPORT_BY__MAX] = {"day", "model", "key", "user", "channel"};
	return words[by];
}

static void
read_usage(struct query *query, struct arena *arena, void *ret_usage)
{
	*(struct report_usage *)ret_usage = (struct report_usage){
	    .part = db_column_copy(query, arena, 0),
	    .completed = db_column_int(query, 1),
	    .failed = db_column_int(query, 2),
	    .cancelled = db_column_int(query, 3),
	    .seconds = db_column_int(query, 4),
	    .charged = db_column_int(query, 5),
	    .cost = db_column_int(query, 6),
	    .unknown = db_column_int(query, 7),
	};
}

/* The statement that sums up so. */
static unsigned
usage_query(const struct report_span *span)
{
	bool user = span->user_id != 0;
	if (span->by == REPORT_BY_MODEL)
		return SQL_REPORT_USAGE_MODEL + (user ? REPORT_USAGE_MODEL_USER : 0);
	if (span->by == REPORT_BY_KEY)
		return SQL_REPORT_USAGE_KEY + (user ? REPORT_USAGE_KEY_USER : 0);
	return SQL_REPORT_USAGE + (user ? REPORT_USAGE_USER : 0) +
	       (span->by == REPORT_BY_DAY ? REPORT_USAGE_DAY : 0);
}

enum err_code
store_report_usage(struct store *store, struct arena *arena, const struct report_span *span,
                   struct report_sums *ret_sums)
{
	struct report_sums sums;
	struct query query = db_query(store, usage_query(span));
	if (span->user_id != 0)
		db_int(&query, ":user_id", span->user_id);
	if (span->by == REPORT_BY_USER || span->by == REPORT_BY_CHANNEL)
		db_text(&query, ":by", report_by_word(span->by));
	db_int(&query, ":first", span->first_day);
	db_int(&query, ":last", span->last_day);
	enum err_code err =
	    db_end_list(&query, arena, read_usage, sizeof(*sums.items), &sums.items, &sums.count);
	if (err == ERR_OK)
		*ret_sums = sums;
	return err;
}
