/* One call: see call.h. */
#include "api/call.h"

int64_t
call_scope(const struct call *call)
{
	return call->user->admin ? 0 : call->user->id;
}
