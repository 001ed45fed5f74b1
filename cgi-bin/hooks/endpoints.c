/* Listing, showing and deleting endpoints, and a new secret.
 *
 * GET /api/webhooks                 {webhooks: [WEBHOOK]}, the newest first
 * GET /api/webhooks/:id             WEBHOOK
 * DELETE /api/webhooks/:id          {}
 * POST /api/webhooks/:id/rotate     WEBHOOK with a new `secret`, shown this once
 *
 * WEBHOOK: see view.h; after a rotation the old secret signs, too, until oldSecretUntil. Errors: not_found.
 * Writes through domain/webhook/endpoint.h. */
#include "api/call.h"
#include "domain/webhook/endpoint.h"
#include "handlers.h"
#include "store/webhook.h"
#include "view.h"

struct err
hooks_list(struct call *call)
{
	struct webhook *webhooks;
	size_t count;
	enum err_code err = store_webhook_list(call->store, call->arena, call->user->id, &webhooks, &count);
	if (err != ERR_OK)
		return err_of(err);
	struct jsonw w = call_answer_begin(call);
	jsonw_array(&w, "webhooks");
	for (size_t i = 0; i < count; i++)
		view_webhook(&w, NULL, &webhooks[i], VIEW_NO_SECRET);
	jsonw_array_end(&w);
	return call_answer_end(call, &w, 200);
}

struct err
hooks_show(struct call *call)
{
	struct webhook webhook;
	enum err_code err =
	    store_webhook_get(call->store, call->arena, call->user->id, call_number(call, 0), &webhook);
	return err == ERR_OK ? view_answer(call, &webhook, VIEW_NO_SECRET, 200) : err_of(err);
}

struct err
hooks_delete(struct call *call)
{
	enum err_code err = webhook_delete(call->store, call->arena, call->user->id, call_number(call, 0));
	return err == ERR_OK ? call_answer_empty(call) : err_of(err);
}

struct err
hooks_rotate(struct call *call)
{
	struct webhook webhook;
	enum err_code err =
	    webhook_rotate(call->store, call->arena, call->user, call_number(call, 0), &webhook);
	return err == ERR_OK ? view_answer(call, &webhook, VIEW_SECRET, 200) : err_of(err);
}
