/* The envelope of every JSON answer, and the only place that turns a struct err into bytes (contract, section
 * 2). */
#ifndef API_ENVELOPE_H
#define API_ENVELOPE_H

#include <stdint.h>

#include "base/err.h"
#include "base/json.h"

struct reply;
struct request;

/* Begins `{"success":true,"data":` in the reply's body; the caller writes exactly one value with member name
 * "data". */
void envelope_begin(struct jsonw *w, struct reply *reply);

/* Ends it: requestTime, headers, status. */
void envelope_end(struct jsonw *w, const struct request *request, struct reply *reply, int status);

/* Replaces whatever the reply holds by the error: status, envelope, Retry-After where it applies (429 and 503
 * always), WWW-Authenticate (401 always). Headers that it bears already stay. For a path of the surface /v1
 * the body is OpenAI's (openai_error.h). */
void
envelope_error(const struct request *request, struct reply *reply, const struct err *err, const char *lang);

/* The headers that every answer of ours bears: X-Request-Id, X-Content-Type-Options, Cache-Control: no-store
 * unless it was set. */
void envelope_headers(const char *request_id, struct reply *reply);

#endif
