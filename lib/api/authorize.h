/* Authorization before the body. lighttpd stores a body before a program sees the request. So it sends a
 * request that may have a large body twice: first without the body, to the program as an authorizer (FastCGI
 * specification 1.0, section 6.3), then, if the answer was 200, with it. The second request is checked like
 * any other: an upload may last minutes, and a token may be revoked meanwhile. Thread-safe. */
#ifndef API_AUTHORIZE_H
#define API_AUTHORIZE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct call;
struct config;
struct request;

/* True where the request asks for authorization; it then has no body, whatever its headers say. No client can
 * forge it: headers become variables HTTP_…. */
bool authorize_is_asked(const struct request *request);

/* Answers for the user of the call, whose token is good: claims disk space for a body that is too large for
 * memory, and has lighttpd pass the claim to the second request. `largest`, in bytes, is assumed where the
 * length is not known. ERR_TOO_MANY_UPLOADS, ERR_UPLOADS_FULL, ERR_NO_SPACE, ERR_INTERNAL; ERR_IMAGES_FULL
 * where its images alone would be more than the user may have stored, and the store's errors. */
struct err authorize_body(struct call *call, int64_t largest);

/* The error of a request that lighttpd itself could not handle: it asks the program for the answer
 * (server.error-handler), with the status that it would have sent. ERR_OK for any other request. */
enum err_code authorize_broken(const struct request *request, const struct config *config);

/* Releases the disk space that was claimed for the body, once it has been read. */
void authorize_end(const struct request *request, const struct config *config);

#endif
