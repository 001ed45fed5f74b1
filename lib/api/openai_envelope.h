/* Answers below /v1/, in OpenAI's form: the bare object (contract, section 7). envelope_error() writes
 * errors. Thread-safe. */
#ifndef API_OPENAI_ENVELOPE_H
#define API_OPENAI_ENVELOPE_H

#include "base/json.h"

struct reply;
struct request;

/* Begins the answer's object in the reply's body. */
struct jsonw openai_begin(struct reply *reply);

/* Ends it: headers, and status 200, which all successes there have. */
void openai_end(struct jsonw *w, const struct request *request, struct reply *reply);

#endif
