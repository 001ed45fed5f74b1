/* One call: see call.h. */
#include "api/call.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "api/envelope.h"
#include "base/log.h"

int64_t
call_scope(const struct call *call)
{
	return call->user->admin ? 0 : call->user->id;
}

int64_t
call_number(const struct call *call, int param)
{
	enum { DIGITS = 18 };
	const char *text = call->request->params[param];
	bool number = strlen(text) <= DIGITS && strspn(text, "0123456789") == strlen(text);
	return number ? strtoll(text, NULL, 10) : 0;
}

struct err
call_refuse_key(const struct call *call, const char *sentence)
{
	return call->user->key_id == 0 ? err_of(ERR_OK) : err_say(ERR_FORBIDDEN, NULL, "%s", sentence);
}

struct jsonw
call_answer_begin(const struct call *call)
{
	struct jsonw w = envelope_begin(call->reply);
	jsonw_object(&w, "data");
	return w;
}

struct err
call_answer_end(const struct call *call, struct jsonw *w, int status)
{
	jsonw_object_end(w);
	envelope_end(w, call->request, call->reply, status);
	return err_of(ERR_OK);
}

struct err
call_answer_empty(const struct call *call)
{
	struct jsonw w = call_answer_begin(call);
	return call_answer_end(call, &w, 200);
}

void
call_log(const struct call *call, const char *done, const char *video_id)
{
	log_info("task=%s done=%s request=%s client=%s user=%" PRId64, video_id, done, call->request->id,
	         call->request->remote_addr, call->user->id);
}
