/* GET /api/account/charges?from=&to=&model=&key=&state=&cursor=&limit=20
 *
 * {charges: [CHARGE], nextCursor}: what attempts of the caller's tasks cost, a row each, the latest first.
 * from, to: when they were made (ms, or days of the configured time zone; by default the present month). key:
 * the id of an API key, 0 = by a login. CHARGE: {id, at, videoId, attempt, key, model, job, size, seconds,
 * state (held, settled, released), reason, reservedMicro, chargedMicro, refundedMicro, endedAt}; key is {id,
 * name}, or null by a login, with the name null once it was revoked; model, size and reason may be null. A
 * page may have fewer rows than `limit`, or none, and nextCursor goes on: each looks at a bounded number of
 * charges. Errors: bad_field, bad_cursor. Reads charge. */
#include "api/call.h"
#include "api/task_view.h"
#include "charge_filter.h"
#include "handlers.h"
#include "id_cursor.h"

enum { PIECE = 500, LOOKED_AT = 5000 /* rows of one answer */ };

static const char *
or_null(const char *text)
{
	return text[0] != '\0' ? text : NULL;
}

static void
write_charge(struct jsonw *w, const struct report_charge *row)
{
	const struct charge *charge = &row->charge;
	jsonw_object(w, NULL);
	jsonw_int(w, "id", charge->id);
	view_time(w, "at", charge->created_at);
	jsonw_string(w, "videoId", row->video_id);
	jsonw_int(w, "attempt", charge->attempt);
	if (charge->api_key != 0) {
		jsonw_object(w, "key");
		jsonw_int(w, "id", charge->api_key);
		jsonw_string(w, "name", row->key);
		jsonw_object_end(w);
	} else {
		jsonw_null(w, "key");
	}
	jsonw_string(w, "model", or_null(charge->model));
	jsonw_string(w, "job", charge->job);
	jsonw_string(w, "size", or_null(charge->size));
	jsonw_int(w, "seconds", charge->seconds);
	jsonw_string(w, "state", charge_state_word(charge->state));
	jsonw_string(w, "reason", charge->reason);
	jsonw_int(w, "reservedMicro", charge->reserved);
	jsonw_int(w, "chargedMicro", charge->charged);
	jsonw_int(w, "refundedMicro", charge->refunded);
	view_time(w, "endedAt", charge->ended_at);
	jsonw_object_end(w);
}

/* How far the answer has come. */
struct progress {
	int64_t before; /* the last id that was looked at */
	int64_t looked, written;
};

/* Writes what is wanted of the piece. True where there is no more behind it. */
static bool
write_piece(struct jsonw *w, const struct charge_filter *filter, const struct report_page *page,
            struct progress *at)
{
	size_t i = 0;
	for (; i < page->count && at->written < filter->limit; i++) {
		const struct report_charge *row = &page->items[i];
		if (charge_filter_ends(filter, &row->charge))
			return true;
		at->before = row->charge.id;
		at->looked++;
		if (!charge_filter_fits(filter, &row->charge))
			continue;
		write_charge(w, row);
		at->written++;
	}
	return i == page->count && page->count < PIECE;
}

struct err
tasks_charges(struct call *call)
{
	struct charge_filter filter;
	struct report_page page;
	bool over = false;
	struct err err = charge_filter_read(call, false, &filter);
	if (err.code != ERR_OK)
		return err;
	struct progress at = {.before = filter.before};
	struct jsonw w = call_answer_begin(call);
	jsonw_array(&w, "charges");
	while (!over && at.written < filter.limit && at.looked < LOOKED_AT) {
		err.code =
		    store_report_charges(call->store, call->arena, call->user->id, at.before, PIECE, &page);
		if (err.code != ERR_OK)
			return err;
		over = write_piece(&w, &filter, &page, &at);
	}
	jsonw_array_end(&w);
	id_cursor_write(&w, over ? 0 : at.before);
	return call_answer_end(call, &w, 200);
}
