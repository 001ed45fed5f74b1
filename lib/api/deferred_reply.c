/* Replies after the handler has returned: see deferred_reply.h. */
#include "api/deferred_reply.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/call.h"
#include "api/openai_error.h"

bool
deferred_reply_init(struct call *call, struct deferred_reply *ret_deferred)
{
	struct deferred_reply deferred = {
	    .started_ms = call->request->started_ms,
	    .lang = call->lang,
	    .path = openai_is_asked(call->request) ? OPENAI_ROOT : "",
	};
	snprintf(deferred.request_id, sizeof(deferred.request_id), "%s", call->request->id);
	if (call->reply->headers.len > 0) {
		deferred.headers = strdup(buf_str(&call->reply->headers));
		if (deferred.headers == NULL)
			return false;
	}
	deferred.conn = park_detach(call->request, call->reply);
	*ret_deferred = deferred;
	return true;
}

void
deferred_reply_begin(const struct deferred_reply *deferred, struct request *ret_request, struct reply *reply)
{
	*ret_request = (struct request){.started_ms = deferred->started_ms, .path = deferred->path};
	memcpy(ret_request->id, deferred->request_id, sizeof(deferred->request_id));
	reply_reset(reply);
	if (deferred->headers != NULL)
		buf_adds(&reply->headers, deferred->headers);
}

void
deferred_reply_done(struct deferred_reply *deferred)
{
	free(deferred->headers);
	deferred->headers = NULL;
}
