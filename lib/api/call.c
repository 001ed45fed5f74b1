/* One call: see call.h. */
#include "api/call.h"

#include <inttypes.h>

#include "base/log.h"

int64_t
call_scope(const struct call *call)
{
	return call->user->admin ? 0 : call->user->id;
}

void
call_log(const struct call *call, const char *done, const char *video_id)
{
	log_info("task=%s done=%s request=%s client=%s user=%" PRId64, video_id, done, call->request->id,
	         call->request->remote_addr, call->user->id);
}
