/* GET /api/account/statement?cursor=&limit=20
 *
 * {transfers: [{id, at, kind, amountMicro, balanceMicro, videoId?, note?}], nextCursor}: the transfers to and
 * from the caller's account, the latest first, as the bank does it. kind: grant, redeem, release and refund
 * add amountMicro to what is available; reserve and take take it off; settle pays what was reserved before.
 * balanceMicro: what was available after it. Errors: bad_field, bad_cursor. Reads transfer. */
#include "api/call.h"
#include "api/task_view.h"
#include "base/limits.h"
#include "handlers.h"
#include "id_cursor.h"
#include "store/account.h"

static void
write_transfer(struct jsonw *w, const struct transfer *transfer)
{
	jsonw_object(w, NULL);
	jsonw_int(w, "id", transfer->id);
	view_time(w, "at", transfer->at);
	jsonw_string(w, "kind", transfer_kind_word(transfer->kind));
	jsonw_int(w, "amountMicro", transfer->amount);
	jsonw_int(w, "balanceMicro", transfer->balance);
	if (transfer->video_id != NULL)
		jsonw_string(w, "videoId", transfer->video_id);
	if (transfer->note != NULL)
		jsonw_string(w, "note", transfer->note);
	jsonw_object_end(w);
}

struct err
tasks_statement(struct call *call)
{
	struct id_page wanted;
	struct transfer_page page;
	struct err err = id_page_read(call, &wanted);
	if (err.code == ERR_OK)
		err.code = store_transfer_list(call->store, call->arena, call->user->id, wanted.before,
		                               wanted.limit + 1, &page);
	if (err.code != ERR_OK)
		return err;
	size_t shown = page.count > (size_t)wanted.limit ? (size_t)wanted.limit : page.count;
	struct jsonw w = call_answer_begin(call);
	jsonw_array(&w, "transfers");
	for (size_t i = 0; i < shown; i++)
		write_transfer(&w, &page.items[i]);
	jsonw_array_end(&w);
	id_cursor_write(&w, page.count > shown ? page.items[shown - 1].id : 0);
	return call_answer_end(call, &w, 200);
}
