/* The logins that have not expired.
 *
 * GET /api/auth/sessions           {sessions: [SESSION]}, the last used first
 * DELETE /api/auth/sessions        {ended}: how many others there were; the session of the request stays
 * DELETE /api/auth/sessions/:id    {}
 *
 * SESSION: {id, current, address, createdAt, lastUsedAt, expiresAt}; address is the block that it was made
 * from, such as 192.0.2.0/24. Errors: not_found, forbidden for an API key. Writes through
 * domain/account/session.h. */
#include <string.h>

#include "api/call.h"
#include "api/guard.h"
#include "api/task_view.h"
#include "base/clock.h"
#include "domain/account/session.h"
#include "handlers.h"
#include "store/session.h"

static struct err
refuse_key(const struct call *call)
{
	return call_refuse_key(call, "An API key can neither see nor end sessions; please sign in for that.");
}

static void
view_session(struct jsonw *w, const struct session *session, bool current)
{
	char id[SESSION_ID_SIZE];
	session_id(session, id);
	jsonw_object(w, NULL);
	jsonw_string(w, "id", id);
	jsonw_bool(w, "current", current);
	jsonw_string(w, "address", session->block);
	view_time(w, "createdAt", session->created_at);
	view_time(w, "lastUsedAt", session->used_at);
	view_time(w, "expiresAt", session->expires_at);
	jsonw_object_end(w);
}

struct err
auth_sessions_list(struct call *call)
{
	uint8_t hash[CRYPTO_HASH_SIZE];
	struct session *sessions;
	size_t count;
	struct err bad = refuse_key(call);
	if (bad.code == ERR_OK)
		bad.code = store_session_list(call->store, call->arena, call->user->id, clock_wall_ms(),
		                              &sessions, &count);
	if (bad.code != ERR_OK)
		return bad;
	guard_token_hash(call->request, hash);

	struct jsonw w = call_answer_begin(call);
	jsonw_array(&w, "sessions");
	for (size_t i = 0; i < count; i++)
		view_session(&w, &sessions[i], memcmp(sessions[i].hash, hash, sizeof(hash)) == 0);
	jsonw_array_end(&w);
	return call_answer_end(call, &w, 200);
}

struct err
auth_sessions_end_others(struct call *call)
{
	uint8_t hash[CRYPTO_HASH_SIZE];
	int64_t count = 0;
	struct err bad = refuse_key(call);
	guard_token_hash(call->request, hash);
	if (bad.code == ERR_OK)
		bad.code = session_end_others(call->store, call->user->id, hash, &count);
	if (bad.code != ERR_OK)
		return bad;

	struct jsonw w = call_answer_begin(call);
	jsonw_int(&w, "ended", count);
	return call_answer_end(call, &w, 200);
}

struct err
auth_sessions_end(struct call *call)
{
	struct err bad = refuse_key(call);
	if (bad.code == ERR_OK)
		bad.code = session_end(call->store, call->arena, call->user->id, call->request->params[0]);
	return bad.code == ERR_OK ? call_answer_empty(call) : bad;
}
