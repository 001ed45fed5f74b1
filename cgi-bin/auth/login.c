/* POST /api/auth/login {username, password}
 *
 * {token, user, expiresAt} (ms). Errors: bad_field, bad_credentials (the same answer and the same work for an
 * unknown name), rate_limited after repeated failures from one address or for one name. Writes through
 * domain/account/user.h. */
#include <stddef.h>

#include "api/call.h"
#include "base/limits.h"
#include "domain/account/user.h"
#include "handlers.h"
#include "user_view.h"
#include "web/field.h"

struct body {
	const char *username, *password;
};

static const struct field fields[] = {
    {"username", FIELD_LINE, offsetof(struct body, username), .required = true, .min = 1,
     .max = LIMIT_USERNAME},
    {"password", FIELD_LINE, offsetof(struct body, password), .required = true, .min = 1,
     .max = LIMIT_PASSWORD},
};

struct err
auth_login(struct call *call)
{
	struct body body = {0};
	struct account_login login;
	struct err bad = field_read_json_body(fields, sizeof(fields) / sizeof(fields[0]), call->request,
	                                      LIMIT_SMALL_BODY, &body);
	if (bad.code != ERR_OK)
		return bad;
	struct account_attempt attempt = {body.username, body.password, call->request->remote_addr};
	bad.code = account_login(call->store, call->arena, call->config, &attempt, &login);
	bad.retry_after_ms = login.wait_ms;
	if (bad.code != ERR_OK)
		return bad;

	struct jsonw w = call_answer_begin(call);
	jsonw_string(&w, "token", login.token);
	user_view(&w, "user", &login.user);
	jsonw_int(&w, "expiresAt", login.expires_at);
	return call_answer_end(call, &w, 200);
}
