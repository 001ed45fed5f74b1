/* What was delivered to an endpoint, and delivering it again.
 *
 * GET /api/webhooks/:id/deliveries?cursor=&limit=20     {deliveries: [DELIVERY], nextCursor}
 * POST /api/webhooks/:id/deliveries/:delivery/replay    {}: sent again at once, under the same event id
 *
 * The newest come first. DELIVERY: {id, eventId, event, videoId, status, tries, httpStatus, error, createdAt,
 * triedAt, nextTryAt, deliveredAt}, with status waiting, sending, delivered or failed. Errors: bad_field,
 * bad_cursor, not_found, webhook_disabled, busy, rate_limited
 * (rate_replay). Writes through domain/webhook/endpoint.h. */
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/call.h"
#include "api/task_view.h"
#include "base/config.h"
#include "base/limits.h"
#include "domain/webhook/deliver.h"
#include "domain/webhook/endpoint.h"
#include "handlers.h"
#include "store/delivery.h"
#include "store/webhook.h"
#include "web/field.h"

enum { LIMIT_PRESET = 20, CURSOR_DIGITS = 18 };

struct query {
	const char *cursor;
	struct field_int limit;
};

static const struct field fields[] = {
    {"cursor", FIELD_LINE, offsetof(struct query, cursor), .min = 1, .max = LIMIT_WORD},
    {"limit", FIELD_INT, offsetof(struct query, limit), .min = 1, .max = LIMIT_PAGE_SIZE},
};

static const char *
status_of(const struct delivery *delivery)
{
	if (delivery->owner != NULL)
		return "sending";
	if (delivery->due_at > 0)
		return "waiting";
	return delivery->delivered_at > 0 ? "delivered" : "failed";
}

static void
view_delivery(struct jsonw *w, const struct delivery *delivery)
{
	char id[DELIVER_EVENT_SIZE];
	deliver_event_id(delivery, id);
	jsonw_object(w, NULL);
	jsonw_int(w, "id", delivery->id);
	jsonw_string(w, "eventId", id);
	jsonw_string(w, "event", delivery->event);
	jsonw_string(w, "videoId", delivery->video_id);
	jsonw_string(w, "status", status_of(delivery));
	jsonw_int(w, "tries", delivery->tries);
	if (delivery->status > 0)
		jsonw_int(w, "httpStatus", delivery->status);
	else
		jsonw_null(w, "httpStatus");
	jsonw_string(w, "error", delivery->error);
	view_time(w, "createdAt", delivery->created_at);
	view_time(w, "triedAt", delivery->tried_at);
	view_time(w, "nextTryAt", delivery->owner == NULL ? delivery->due_at : 0);
	view_time(w, "deliveredAt", delivery->delivered_at);
	jsonw_object_end(w);
}

/* Reads the page's place; asks for one more than is shown, which tells whether there is another page. */
static struct err
read_page(struct call *call, struct delivery_page *ret_page)
{
	struct query query = {0};
	struct err err = field_read_query(fields, sizeof(fields) / sizeof(fields[0]), call->request, &query);
	if (err.code != ERR_OK)
		return err;
	const char *cursor = query.cursor;
	if (cursor != NULL &&
	    (strspn(cursor, "0123456789") != strlen(cursor) || strlen(cursor) > CURSOR_DIGITS))
		return err_say(ERR_BAD_CURSOR, "cursor", "%s", "");
	ret_page->before = cursor != NULL ? strtoll(cursor, NULL, 10) : INT64_MAX;
	ret_page->limit = 1 + (query.limit.set ? query.limit.value : LIMIT_PRESET);
	return err;
}

struct err
hooks_deliveries(struct call *call)
{
	struct delivery_page page;
	struct webhook webhook;
	struct delivery *deliveries = NULL;
	size_t count = 0;
	char cursor[32];
	struct err err = read_page(call, &page);
	if (err.code == ERR_OK)
		err.code = store_webhook_get(call->store, call->arena, call->user->id, call_number(call, 0),
		                             &webhook);
	if (err.code == ERR_OK)
		err.code =
		    store_delivery_list(call->store, call->arena, webhook.id, &page, &deliveries, &count);
	if (err.code != ERR_OK)
		return err;
	bool more = count == (size_t)page.limit;
	count -= more;
	if (more)
		snprintf(cursor, sizeof(cursor), "%" PRId64, deliveries[count - 1].id);
	struct jsonw w = call_answer_begin(call);
	jsonw_array(&w, "deliveries");
	for (size_t i = 0; i < count; i++)
		view_delivery(&w, &deliveries[i]);
	jsonw_array_end(&w);
	jsonw_string(&w, "nextCursor", more ? cursor : NULL);
	return call_answer_end(call, &w, 200);
}

struct err
hooks_replay(struct call *call)
{
	const struct webhook_again again = {.user_id = call->user->id,
	                                    .id = call_number(call, 0),
	                                    .delivery_id = call_number(call, 1),
	                                    .per_minute = call->config->rate_replay};
	struct err err = {0};
	err.code = webhook_replay(call->store, call->arena, &again, &err.retry_after_ms);
	return err.code == ERR_OK ? call_answer_empty(call) : err;
}
