/* POST /api/auth/verify {token}, or with the token as Bearer
 *
 * {id, username, email, role}. role: "admin" only where the token is good for an administrator's calls,
 * from the caller's address. Errors: unauthorized, address_not_allowed. Reads user_by_token. */
#include <stddef.h>

#include "api/call.h"
#include "api/envelope.h"
#include "api/guard.h"
#include "base/limits.h"
#include "handlers.h"
#include "user_view.h"
#include "web/field.h"

struct body {
	const char *token;
};

static const struct field fields[] = {
    {"token", FIELD_LINE, offsetof(struct body, token), .min = 1, .max = LIMIT_TOKEN},
};

struct err
auth_verify(struct call *call)
{
	struct body body = {0};
	struct user user;
	if (call->request->content_length > 0) {
		struct err bad = field_read_json_body(fields, sizeof(fields) / sizeof(fields[0]),
		                                      call->request, LIMIT_SMALL_BODY, &body);
		if (bad.code != ERR_OK)
			return bad;
	}
	struct err err = body.token != NULL ? guard_bearer(call, body.token, &user) : guard_user(call, &user);
	if (err.code != ERR_OK)
		return err;

	struct jsonw w = envelope_begin(call->reply);
	user_view(&w, "data", &user);
	envelope_end(&w, call->request, call->reply, 200);
	return err_of(ERR_OK);
}
