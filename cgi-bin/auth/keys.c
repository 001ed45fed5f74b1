/* The user's API keys.
 *
 * GET /api/auth/keys            {keys: [{id, name, hint, createdAt, expiresAt, lastUsedAt}]}
 * POST /api/auth/keys           {name, expiresAt?} (ms): 201, and `key`, which is shown this once
 * DELETE /api/auth/keys/:id     {}
 *
 * Errors: bad_field, forbidden for an API key (a key that leaks must not make others), too_many_keys,
 * not_found. Writes through domain/account/api_key.h. */
#include <stddef.h>

#include "api/call.h"
#include "api/envelope.h"
#include "api/task_view.h"
#include "base/clock.h"
#include "base/limits.h"
#include "domain/account/api_key.h"
#include "handlers.h"
#include "store/key.h"
#include "web/field.h"
#include "web/reply.h"
#include "web/request.h"

struct body {
	const char *name;
	struct field_int expires_at;
};

static const struct field fields[] = {
    {"name", FIELD_LINE, offsetof(struct body, name), .required = true, .min = 1, .max = LIMIT_WORD},
    {"expiresAt", FIELD_INT, offsetof(struct body, expires_at), .min = 1, .max = INT64_C(253402300799999)},
};

static struct err
refuse_key(const struct call *call)
{
	return call_refuse_key(call, "An API key can neither make nor revoke keys; please sign in for that.");
}

/* `text`: the key itself, or NULL. */
static void
view_key(struct jsonw *w, const char *name, const struct key *key, const char *text)
{
	jsonw_object(w, name);
	jsonw_int(w, "id", key->id);
	jsonw_string(w, "name", key->name);
	jsonw_string(w, "hint", key->hint);
	if (text != NULL)
		jsonw_string(w, "key", text);
	view_time(w, "createdAt", key->created_at);
	view_time(w, "expiresAt", key->expires_at);
	view_time(w, "lastUsedAt", key->last_used_at);
	jsonw_object_end(w);
}

struct err
auth_keys_list(struct call *call)
{
	struct key *keys;
	size_t count;
	enum err_code err = store_key_list(call->store, call->arena, call->user->id, &keys, &count);
	if (err != ERR_OK)
		return err_of(err);
	struct jsonw w = call_answer_begin(call);
	jsonw_array(&w, "keys");
	for (size_t i = 0; i < count; i++)
		view_key(&w, NULL, &keys[i], NULL);
	jsonw_array_end(&w);
	return call_answer_end(call, &w, 200);
}

struct err
auth_keys_make(struct call *call)
{
	struct body body = {0};
	char text[KEY_TEXT_SIZE];
	struct key key;
	struct err bad = refuse_key(call);
	if (bad.code == ERR_OK)
		bad = field_read_json_body(fields, sizeof(fields) / sizeof(fields[0]), call->request,
		                           LIMIT_JSON_BODY, &body);
	if (bad.code == ERR_OK && body.expires_at.set && body.expires_at.value <= clock_wall_ms())
		bad =
		    err_say(ERR_BAD_FIELD, "expiresAt", "expiresAt must be in the future, in milliseconds.");
	if (bad.code != ERR_OK)
		return bad;
	const struct key wanted = {.name = body.name, .expires_at = body.expires_at.value};
	bad.code = key_make(call->store, call->arena, call->user->id, &wanted, text, &key);
	if (bad.code != ERR_OK)
		return bad;

	struct jsonw w = envelope_begin(call->reply);
	view_key(&w, "data", &key, text);
	envelope_end(&w, call->request, call->reply, 201);
	crypto_forget(text, sizeof(text));
	return err_of(ERR_OK);
}

struct err
auth_keys_revoke(struct call *call)
{
	struct err bad = refuse_key(call);
	if (bad.code == ERR_OK)
		bad.code = key_revoke(call->store, call->user->id, call_number(call, 0));
	return bad.code == ERR_OK ? call_answer_empty(call) : bad;
}
