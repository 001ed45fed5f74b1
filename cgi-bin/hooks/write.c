/* Adding and changing endpoints.
 *
 * POST /api/webhooks         {url, events?}: 201, WEBHOOK with its `secret`, shown this once
 * PATCH /api/webhooks/:id    {url?, events?, enabled?}: WEBHOOK; its note and failingSince are cleared
 *
 * A new endpoint without events gets all. WEBHOOK: see view.h. Errors: bad_field, too_many_webhooks,
 * not_found. Writes through domain/webhook/endpoint.h. */
#include <stddef.h>
#include <string.h>

#include "api/call.h"
#include "base/limits.h"
#include "domain/webhook/endpoint.h"
#include "handlers.h"
#include "view.h"
#include "web/field.h"

struct body {
	const char *url;
	struct field_lines events;
	struct field_bool enabled;
	bool completed, failed; /* are among `events` */
};

static const struct field fields[] = {
    {"url", FIELD_LINE, offsetof(struct body, url), .min = 1, .max = WEBHOOK_URL},
    {"events", FIELD_LINES, offsetof(struct body, events), .min = 1, .max = 2},
    {"enabled", FIELD_BOOL, offsetof(struct body, enabled)},
};

static struct err
read_events(struct body *body)
{
	for (size_t i = 0; i < body->events.count; i++) {
		const char *event = body->events.items[i];
		bool is_completed = strcmp(event, WEBHOOK_COMPLETED) == 0;
		if (!is_completed && strcmp(event, WEBHOOK_FAILED) != 0)
			return err_say(ERR_BAD_FIELD, "events",
			               "events may be " WEBHOOK_COMPLETED " and " WEBHOOK_FAILED ".");
		body->completed |= is_completed;
		body->failed |= !is_completed;
	}
	return err_of(ERR_OK);
}

static struct err
read_body(struct call *call, struct body *body)
{
	struct err bad = field_read_json_body(fields, sizeof(fields) / sizeof(fields[0]), call->request,
	                                      LIMIT_JSON_BODY, body);
	if (bad.code == ERR_OK)
		bad = read_events(body);
	const char *fault =
	    bad.code == ERR_OK && body->url != NULL ? webhook_url_fault(call->config, body->url) : NULL;
	return fault != NULL ? err_say(ERR_BAD_FIELD, "url", "%s", fault) : bad;
}

struct err
hooks_add(struct call *call)
{
	struct body body = {0};
	struct webhook webhook;
	struct err bad = read_body(call, &body);
	if (bad.code == ERR_OK && body.url == NULL)
		bad = err_say(ERR_BAD_FIELD, "url", "url is required.");
	if (bad.code != ERR_OK)
		return bad;
	bool all = body.events.count == 0;
	const struct webhook wanted = {.url = body.url,
	                               .completed = all || body.completed,
	                               .failed = all || body.failed,
	                               .key_id = call->user->key_id};
	bad.code = webhook_add(call->store, call->arena, call->user->id, &wanted, &webhook);
	return bad.code == ERR_OK ? view_answer(call, &webhook, VIEW_SECRET, 201) : bad;
}

struct err
hooks_change(struct call *call)
{
	struct body body = {0};
	struct webhook webhook;
	struct err bad = read_body(call, &body);
	if (bad.code != ERR_OK)
		return bad;
	const struct webhook_change change = {
	    .url = body.url,
	    .completed = body.events.count > 0 ? &body.completed : NULL,
	    .failed = body.events.count > 0 ? &body.failed : NULL,
	    .enabled = body.enabled.set ? &body.enabled.value : NULL,
	    .key_id = call->user->key_id,
	};
	bad.code =
	    webhook_change(call->store, call->arena, call->user->id, call_number(call, 0), &change, &webhook);
	return bad.code == ERR_OK ? view_answer(call, &webhook, VIEW_NO_SECRET, 200) : bad;
}
