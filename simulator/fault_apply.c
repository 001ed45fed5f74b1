/* Answers that go wrong: a fault changes the finished reply, so that no endpoint knows of faults and each can
 * have all of them. */
#include "fault_apply.h"

#include <unistd.h>

#include "base/json.h"
#include "call.h"
#include "web/park.h"

enum {
	HANG_MS = 600 * 1000, /* longer than any client waits */
	CUT_BYTES = 65536,    /* announced by a hang-up beyond the body, and not all sent */
	CUT_PADDING = 16384   /* sent of them: libfcgi sends nothing before it has 8 KB */
};

void
fault_error(struct call *call, int status, const char *code, const char *param, const char *message)
{
	struct reply *reply = call->reply;
	struct jsonw w;

	reply_reset(reply);
	reply->status = status;
	reply_header(reply, "Content-Type", "application/json");
	if (status == 429 || status == 503)
		reply_headerf(reply, "Retry-After", "%lld", (long long)call->retry_after);
	jsonw_init(&w, &reply->body);
	jsonw_object(&w, NULL);
	jsonw_object(&w, "error");
	jsonw_string(&w, "message", message);
	jsonw_string(&w, "type",
	             status == 429  ? "rate_limit_error"
	             : status < 500 ? "invalid_request_error"
	                            : "server_error");
	jsonw_string(&w, "param", param);
	jsonw_string(&w, "code", code);
	jsonw_object_end(&w);
	jsonw_object_end(&w);
}

/* Replaces the reply by `body` with status 200. */
static void
replace(struct reply *reply, const char *type, const char *body)
{
	reply_reset(reply);
	reply_header(reply, "Content-Type", type);
	buf_adds(&reply->body, body);
}

/* Keeps half of the body, and adds bytes that are not UTF-8. */
static void
spoil(struct reply *reply)
{
	reply->status = 200;
	reply->body.len /= 2;
	buf_add(&reply->body, "\xff\xfe\0{{", 5);
}

/* Announces more than it sends and closes without the end of the FastCGI request, like a server that is
 * killed in the middle of an answer. */
static void
hang_up(struct call *call)
{
	static const char padding[CUT_PADDING];
	struct reply *reply = call->reply;

	reply_headerf(reply, "Content-Length", "%zu", reply->body.len + CUT_BYTES);
	if (reply_stream_begin(reply, call->request) &&
	    reply_stream(reply, call->request, buf_str(&reply->body), reply->body.len / 2))
		reply_stream(reply, call->request, padding, sizeof(padding));
	close(park_detach(call->request, reply).fd);
}

void
fault_apply(struct call *call)
{
	switch (call->fault) {
	case FAULT_OK:
	case FAULT__MAX:
		return;
	case FAULT_REJECT:
		fault_error(call, 400, "simulated_rejection", "prompt", "The simulator was told to refuse.");
		return;
	case FAULT_404:
		fault_error(call, 404, "simulated_absence", NULL, "The simulator was told to know nothing.");
		return;
	case FAULT_429:
		fault_error(call, 429, "simulated_limit", NULL, "The simulator was told to be busy.");
		return;
	case FAULT_500:
		fault_error(call, 500, "simulated_error", NULL, "The simulator was told to fail.");
		return;
	case FAULT_503:
		fault_error(call, 503, "simulated_overload", NULL,
		            "The simulator was told to be overloaded.");
		return;
	case FAULT_GARBAGE:
		spoil(call->reply);
		return;
	case FAULT_HTML:
		replace(call->reply, "text/html; charset=utf-8",
		        "<!doctype html>\n<title>Just a moment</title>\n<p>Checking your browser.</p>\n");
		return;
	case FAULT_NO_ID:
		replace(call->reply, "application/json", "{\"object\":\"video\",\"status\":\"queued\"}");
		return;
	case FAULT_HANGUP:
		hang_up(call);
		return;
	case FAULT_HANG:
		call->delay_ms = HANG_MS;
		return;
	}
}
