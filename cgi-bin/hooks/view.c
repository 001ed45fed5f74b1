/* Endpoints as clients see them: see view.h. */
#include "view.h"

#include "api/call.h"
#include "api/envelope.h"
#include "api/task_view.h"

void
view_webhook(struct jsonw *w, const char *name, const struct webhook *webhook, bool secret)
{
	jsonw_object(w, name);
	jsonw_int(w, "id", webhook->id);
	jsonw_string(w, "url", webhook->url);
	jsonw_array(w, "events");
	if (webhook->completed)
		jsonw_string(w, NULL, WEBHOOK_COMPLETED);
	if (webhook->failed)
		jsonw_string(w, NULL, WEBHOOK_FAILED);
	jsonw_array_end(w);
	if (secret)
		jsonw_string(w, "secret", webhook->secret);
	jsonw_bool(w, "enabled", webhook->enabled);
	jsonw_string(w, "note", webhook->note);
	if (webhook->key_id != 0) {
		jsonw_object(w, "apiKey");
		jsonw_int(w, "id", webhook->key_id);
		jsonw_string(w, "name", webhook->key_name);
		jsonw_object_end(w);
	}
	view_time(w, "failingSince", webhook->failing_since);
	view_time(w, "oldSecretUntil", webhook->old_until);
	view_time(w, "createdAt", webhook->created_at);
	jsonw_object_end(w);
}

struct err
view_answer(struct call *call, const struct webhook *webhook, bool secret, int status)
{
	struct jsonw w = envelope_begin(call->reply);
	view_webhook(&w, "data", webhook, secret);
	envelope_end(&w, call->request, call->reply, status);
	return err_of(ERR_OK);
}
