/* Errors of the surface /v1, which are OpenAI's: {"error":{message,type,param,code}} (contract, section 7).
 * What their clients expect is from the package openai 6.49: client.js (which answers it repeats),
 * core/error.js (how it reads one). Thread-safe. */
#ifndef API_OPENAI_ERROR_H
#define API_OPENAI_ERROR_H

#include <stdbool.h>

#include "base/err.h"

struct reply;
struct request;

/* What all paths of this surface begin with. */
#define OPENAI_ROOT "/v1/"

/* True where the request is for this surface, also where its path cannot be decoded. */
bool openai_is_asked(const struct request *request);

/* True where a creation (all that is POST here is one) without a key has failed with this error, which their
 * clients answer by another try, before anybody has looked whether that would pass for the repetition of an
 * earlier one. `request` may have no transport: then it is the one of CGI's environment. */
bool openai_is_blind(const struct request *request, const struct err *err);

/* Appends the error to the reply's body, which should be empty. With the header x-should-retry: false where
 * another try cannot help and their clients would make one. The rest of an error's headers is
 * envelope_error()'s business, which calls this. */
void openai_error_body(struct reply *reply, const struct err *err, const char *lang);

#endif
