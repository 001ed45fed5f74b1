/* Answering after the handler has returned: see later.h. */
#include "api/later.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/call.h"
#include "api/openai_error.h"

bool
later_take(struct call *call, struct later *ret_later)
{
	struct later later = {
	    .started_ms = call->request->started_ms,
	    .lang = call->lang,
	    .path = openai_is_asked(call->request) ? OPENAI_ROOT : "",
	};
	snprintf(later.request_id, sizeof(later.request_id), "%s", call->request->id);
	if (call->reply->headers.len > 0) {
		later.headers = strdup(buf_str(&call->reply->headers));
		if (later.headers == NULL)
			return false;
	}
	later.conn = park_detach(call->request, call->reply);
	*ret_later = later;
	return true;
}

void
later_reply(const struct later *later, struct request *ret_request, struct reply *reply)
{
	*ret_request = (struct request){.started_ms = later->started_ms, .path = later->path};
	memcpy(ret_request->id, later->request_id, sizeof(later->request_id));
	reply_reset(reply);
	if (later->headers != NULL)
		buf_adds(&reply->headers, later->headers);
}

void
later_done(struct later *later)
{
	free(later->headers);
	later->headers = NULL;
}
