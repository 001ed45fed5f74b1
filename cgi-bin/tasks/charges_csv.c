/* GET /api/account/charges.csv?from=&to=&model=&key=&state=&bom=1
 *
 * The charges of GET /api/account/charges, all of the period, as CSV for a spreadsheet (base/csv.h), a piece
 * at a time:
 * time_utc,time_local,user,key,video_id,attempt,model,job,size,seconds,state,reason,reserved,charged,
 * currency. Times are "2026-11-30 23:59:59", in UTC and in the configured time zone; amounts are decimals.
 * `bom` puts the mark in front by which Excel knows UTF-8. Errors: bad_field. Reads charge. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "api/call.h"
#include "api/envelope.h"
#include "base/amount.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/config.h"
#include "base/csv.h"
#include "base/log.h"
#include "base/window.h"
#include "charge_filter.h"
#include "handlers.h"
#include "store/store.h"

enum { PIECE = 500, PIECE_BYTES = 4 * 1024 * 1024, PATIENCE_MS = 30000 };

static const char *const titles[] = {"time_utc", "time_local", "user",     "key",     "video_id",
                                     "attempt",  "model",      "job",      "size",    "seconds",
                                     "state",    "reason",     "reserved", "charged", "currency"};
enum { COLUMNS = sizeof(titles) / sizeof(titles[0]) };

static void
write_row(struct buf *out, const char *const cells[COLUMNS])
{
	for (int i = 0; i < COLUMNS; i++)
		csv_cell(out, cells[i], i == COLUMNS - 1);
}

static void
write_charge(struct buf *out, const struct report_charge *row, const char *currency)
{
	const struct charge *charge = &row->charge;
	char utc[CLOCK_TEXT_SIZE], local[WINDOW_TIME_SIZE], attempt[24], seconds[24];
	char reserved[AMOUNT_SIZE], charged[AMOUNT_SIZE];
	clock_text(charge->created_at, utc);
	utc[strlen("2026-11-30")] = ' ';
	utc[strlen("2026-11-30 23:59:59")] = '\0';
	window_time_text(charge->created_at, local);
	snprintf(attempt, sizeof(attempt), "%" PRId64, charge->attempt);
	snprintf(seconds, sizeof(seconds), "%" PRId64, charge->seconds);
	amount_text(charge->reserved, reserved);
	amount_text(charge->charged, charged);
	write_row(out, (const char *const[COLUMNS]){utc, local, row->username, row->key, row->video_id,
	                                            attempt, charge->model, charge->job, charge->size,
	                                            seconds, charge_state_word(charge->state), charge->reason,
	                                            reserved, charged, currency});
}

/* Writes what is wanted of the piece. True where there is no more behind it. */
static bool
write_piece(struct buf *out, const struct charge_filter *filter, const struct report_page *page,
            const char *currency)
{
	for (size_t i = 0; i < page->count; i++) {
		if (charge_filter_ends(filter, &page->items[i].charge))
			return true;
		if (charge_filter_fits(filter, &page->items[i].charge))
			write_charge(out, &page->items[i], currency);
	}
	return page->count < PIECE;
}

/* Sends the pieces. Whatever goes wrong now ends the answer before its end. */
static void
stream(struct call *call, const struct charge_filter *filter, struct arena *arena, struct buf *out)
{
	int64_t before = filter->before;
	bool over = false;
	while (!over) {
		struct report_page page;
		arena_reset(arena);
		enum err_code err =
		    store_report_charges(call->store, arena, call->user->id, before, PIECE, &page);
		if (err != ERR_OK) {
			log_error("request=%s charges.csv ends before its end: %s", call->request->id,
			          err_word(err));
			return;
		}
		if (page.count > 0)
			before = page.items[page.count - 1].charge.id;
		over = write_piece(out, filter, &page, call->config->currency);
		call->streamed += (int64_t)out->len;
		if (out->failed || !reply_stream(call->reply, call->request, out->data, out->len))
			return;
		buf_clear(out);
	}
}

struct err
tasks_charges_csv(struct call *call)
{
	struct charge_filter filter;
	struct buf out;
	struct arena *arena = arena_new();
	struct err err = arena != NULL ? charge_filter_read(call, true, &filter) : err_of(ERR_NO_MEMORY);
	if (err.code != ERR_OK) {
		arena_free(arena);
		return err;
	}
	store_snapshot_end(call->store); /* a slow client must not hold one */
	reply_header(call->reply, "Content-Type", "text/csv; charset=utf-8; header=present");
	reply_header(call->reply, "Content-Disposition", "attachment; filename=\"charges.csv\"");
	envelope_headers(call->request->id, call->reply);
	reply_patience(call->request, PATIENCE_MS);
	buf_init(&out, PIECE_BYTES);
	if (filter.bom)
		buf_adds(&out, CSV_BOM);
	write_row(&out, titles);
	if (reply_stream_begin(call->reply, call->request) && !call->request->head)
		stream(call, &filter, arena, &out);
	buf_free(&out);
	arena_free(arena);
	return err_of(ERR_OK);
}
