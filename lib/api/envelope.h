/* The envelope of every JSON answer (contract, section 2), and the only place that turns a struct err into
 * bytes. Thread-safe. */
#ifndef API_ENVELOPE_H
#define API_ENVELOPE_H

#include "base/err.h"
#include "base/json.h"

struct reply;
struct request;

/* Begins `{"success":true,"data":` in the reply's body; the caller writes exactly one value with member name
 * "data". */
struct jsonw envelope_begin(struct reply *reply);

/* Ends it: requestTime, headers, status. */
void envelope_end(struct jsonw *w, const struct request *request, struct reply *reply, int status);

/* Begins an answer below /v1/, in OpenAI's form: the bare object (contract, section 7). */
struct jsonw openai_begin(struct reply *reply);

/* Ends it: headers, and status 200, which all successes there have. */
void openai_end(struct jsonw *w, const struct request *request, struct reply *reply);

/* Replaces the body of the reply by the error and sets its status, Retry-After (for 429 and 503) and
 * WWW-Authenticate (for 401); other headers stay. Below /v1/ the body has OpenAI's form (openai_error.h).
 * The refusal is counted (base/refusals.h). */
void
envelope_error(const struct request *request, struct reply *reply, const struct err *err, const char *lang);

/* Adds the headers of every answer: X-Request-Id, X-Content-Type-Options, and Cache-Control: no-store unless
 * another was set. */
void envelope_headers(const char *request_id, struct reply *reply);

#endif
