/* GET /api/models
 *
 * {models: [{name, label, sizes, seconds, inputs: {image, first, last, most}, options, medianMs}], open}:
 * what can be made. `name` goes into a creation; that of a channel which names no model is `default`. sizes
 * and seconds: all that can be asked for; null = any may be, [] = none. A model can do what any of its
 * channels can; a creation that no single one can do is refused with unsupported_field. medianMs: what the
 * latest took upstream, null where too little is known. open: other names are taken, too. With an ETag.
 * Errors: none of its own. Reads channel and task. */
#include "api/call.h"
#include "api/envelope.h"
#include "handlers.h"
#include "made.h"
#include "web/etag.h"

struct err
tasks_models(struct call *call)
{
	struct made_text text;
	enum err_code err = made_take_text(call, &text);
	if (err != ERR_OK)
		return err_of(err);
	reply_header(call->reply, "ETag", text.etag);
	reply_header(call->reply, "Cache-Control", "private, no-cache");
	if (etag_matches(request_header(call->request, "If-None-Match"), text.etag)) {
		call->reply->status = 304;
		envelope_headers(call->request->id, call->reply);
		return err_of(ERR_OK);
	}
	struct jsonw w = envelope_begin(call->reply);
	jsonw_raw(&w, "data", text.json);
	envelope_end(&w, call->request, call->reply, 200);
	return err_of(ERR_OK);
}
