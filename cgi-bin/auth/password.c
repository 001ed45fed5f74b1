/* POST /api/auth/password {password, newPassword}
 *
 * {}: all other sessions of the user have ended; API keys stay. Errors: bad_field, bad_credentials where
 * `password` is not the present one, rate_limited, forbidden for an API key. Writes through
 * domain/account/session.h. */
#include <stddef.h>

#include "api/call.h"
#include "api/guard.h"
#include "base/limits.h"
#include "domain/account/session.h"
#include "handlers.h"
#include "web/field.h"

struct body {
	const char *password, *new_password;
};

static const struct field fields[] = {
    {"password", FIELD_LINE, offsetof(struct body, password), .required = true, .min = 1,
     .max = LIMIT_PASSWORD},
    {"newPassword", FIELD_LINE, offsetof(struct body, new_password), .required = true,
     .min = LIMIT_PASSWORD_MIN, .max = LIMIT_PASSWORD},
};

struct err
auth_password(struct call *call)
{
	struct body body = {0};
	uint8_t hash[CRYPTO_HASH_SIZE];
	struct err bad =
	    call_refuse_key(call, "An API key cannot change the password; please sign in for that.");
	if (bad.code == ERR_OK)
		bad = field_read_json_body(fields, sizeof(fields) / sizeof(fields[0]), call->request,
		                           LIMIT_SMALL_BODY, &body);
	if (bad.code != ERR_OK)
		return bad;
	guard_token_hash(call->request, hash);
	const struct session_password password = {body.password, body.new_password, hash};
	bad.code = session_change_password(call->store, call->arena, call->config, call->user, &password,
	                                   &bad.retry_after_ms);
	if (bad.code == ERR_BAD_CREDENTIALS)
		return err_say(bad.code, "password", "The present password is wrong.");
	return bad.code == ERR_OK ? call_answer_empty(call) : bad;
}
