/* Answers below /v1/: see openai_envelope.h. */
#include "api/openai_envelope.h"

#include <stddef.h>

#include "api/envelope.h"
#include "web/reply.h"
#include "web/request.h"

struct jsonw
openai_begin(struct reply *reply)
{
	struct jsonw w;
	jsonw_init(&w, &reply->body);
	jsonw_object(&w, NULL);
	return w;
}

void
openai_end(struct jsonw *w, const struct request *request, struct reply *reply)
{
	jsonw_object_end(w);
	reply->status = 200;
	reply_header(reply, "Content-Type", "application/json; charset=utf-8");
	envelope_headers(request->id, reply);
}
