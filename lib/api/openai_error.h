/* Errors below /v1/, in OpenAI's form: {"error":{message,type,param,code}} (contract, section 7). Source of
 * what their clients expect: the package openai 6.49, client.js (which answers are retried) and core/error.js
 * (how one is read). Thread-safe. */
#ifndef API_OPENAI_ERROR_H
#define API_OPENAI_ERROR_H

#include <stdbool.h>

#include "base/err.h"

struct reply;
struct request;

/* The beginning of all these paths. */
#define OPENAI_ROOT "/v1/"

/* True where the request's path is /v1 or below it, even if it cannot be decoded. */
bool openai_is_asked(const struct request *request);

/* True where the path is a call of another server, such as POST /v1/videos/generations, and not a method that
 * a video of this name lacks. */
bool openai_is_foreign(const struct request *request);

/* True where a creation without a key (below /v1/ each POST is a creation) has failed so that their clients
 * would retry it, although the retry could not be recognised as one, and might make a second task. Without
 * request->transport the environment of CGI is read. */
bool openai_is_blind(const struct request *request, const struct err *err);

/* Returns the status of the error below /v1/: an upstream's own where it has refused, but for those that
 * would speak of the caller's key (401, 402) or make a client repeat the request (408, 409, 425, 429). */
int openai_status(const struct err *err);

/* Appends the error to the reply's empty body, with the code of the upstream that has refused, if any.
 * envelope_error(), which calls this, sets the headers. */
void openai_error_body(struct reply *reply, const struct err *err, const char *lang);

#endif
