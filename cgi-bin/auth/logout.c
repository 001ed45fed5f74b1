/* POST /api/auth/logout
 *
 * {}: the token of the request is revoked at once. Errors: unauthorized, forbidden for an API key. Writes
 * through domain/account: token_revoke. */
#include "api/call.h"
#include "api/envelope.h"
#include "api/guard.h"
#include "domain/account/user.h"
#include "handlers.h"

struct err
auth_logout(struct call *call)
{
	const char *token = guard_token(call->request);
	if (call->user->key_id != 0)
		return err_say(ERR_FORBIDDEN, NULL,
		               "An API key has no login to end; it can be revoked by who signs in.");
	if (token == NULL)
		return err_of(ERR_UNAUTHORIZED);
	enum err_code err = account_logout(call->store, token);
	if (err != ERR_OK)
		return err_of(err);

	struct jsonw w;
	envelope_begin(&w, call->reply);
	jsonw_object(&w, "data");
	jsonw_object_end(&w);
	envelope_end(&w, call->request, call->reply, 200);
	return err_of(ERR_OK);
}
