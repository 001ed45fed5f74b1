/* POST /api/auth/register {username, password, email?, code?}
 *
 * 201 {id, username, email}. Errors: bad_field, username_taken, registration_closed,
 * invite_required and invite_invalid (`code` is that of an invitation), rate_limited (by
 * address). Writes through domain/account/user.h. */
#include <stddef.h>
#include <string.h>

#include "api/call.h"
#include "base/limits.h"
#include "domain/account/user.h"
#include "domain/account/name.h"
#include "handlers.h"
#include "web/field.h"

struct body {
	const char *username, *password, *email, *code;
};

static const struct field fields[] = {
    {"username", FIELD_LINE, offsetof(struct body, username), .required = true, .min = 1,
     .max = LIMIT_USERNAME},
    {"password", FIELD_LINE, offsetof(struct body, password), .required = true, .min = LIMIT_PASSWORD_MIN,
     .max = LIMIT_PASSWORD},
    {"email", FIELD_LINE, offsetof(struct body, email), .min = 3, .max = LIMIT_EMAIL},
    {"code", FIELD_LINE, offsetof(struct body, code), .min = 1, .max = LIMIT_WORD},
};

static struct err
check(const struct body *body)
{
	const char *fault = name_fault(body->username);
	if (fault == NULL && name_is_reserved(body->username))
		fault = "username is reserved for the operator.";
	if (fault != NULL)
		return err_say(ERR_BAD_FIELD, "username", "%s", fault);
	const char *at = body->email != NULL ? strchr(body->email, '@') : NULL;
	if (body->email != NULL &&
	    (at == NULL || at == body->email || at[1] == '\0' || strchr(body->email, ' ') != NULL))
		return err_say(ERR_BAD_FIELD, "email", "email must be an address such as ada@example.com.");
	return err_of(ERR_OK);
}

struct err
auth_register(struct call *call)
{
	struct body body = {0};
	struct account_join join;
	struct err bad = field_read_json_body(fields, sizeof(fields) / sizeof(fields[0]), call->request,
	                                      LIMIT_SMALL_BODY, &body);
	if (bad.code == ERR_OK)
		bad = check(&body);
	if (bad.code != ERR_OK)
		return bad;
	struct user user = {.username = body.username, .email = body.email};
	const struct account_entry entry = {body.password, call->request->remote_addr, body.code};
	bad.code = account_register(call->store, call->config, &user, &entry, &join);
	bad.retry_after_ms = join.wait_ms;
	if (bad.code != ERR_OK)
		return bad;

	struct jsonw w = call_answer_begin(call);
	jsonw_int(&w, "id", join.user.id);
	jsonw_string(&w, "username", join.user.username);
	jsonw_string(&w, "email", join.user.email);
	return call_answer_end(call, &w, 201);
}
