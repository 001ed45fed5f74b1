/* POST /api/auth/logout
 *
 * {}: the token of the request is revoked at once. Errors: unauthorized, forbidden for an API key. Writes
 * through domain/account/user.h. */
#include "api/call.h"
#include "api/guard.h"
#include "domain/account/user.h"
#include "handlers.h"

struct err
auth_logout(struct call *call)
{
	const char *token = guard_token(call->request);
	struct err bad =
	    call_refuse_key(call, "An API key has no login to end; please sign in to revoke the key.");
	if (bad.code == ERR_OK)
		bad.code = token != NULL ? account_logout(call->store, token) : ERR_UNAUTHORIZED;
	return bad.code == ERR_OK ? call_answer_empty(call) : bad;
}
