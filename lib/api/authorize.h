/* The question before the body: may it come at all? lighttpd stores a body before a program sees the request.
 * So a request whose body is not small is put to the program twice: first without the body, in the role of an
 * authorizer (FastCGI specification 1.0, section 6.3), then, where that has said 200, as what it is. The
 * second looks at the token again: an upload may last minutes, and a token may be revoked meanwhile; so
 * nothing that the first has said needs to be believed. */
#ifndef API_AUTHORIZE_H
#define API_AUTHORIZE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct call;
struct config;
struct request;

/* True where the request is the question, and has no body whatever its headers say. No header of a client's
 * can make it one: those are called HTTP_ something. */
bool authorize_is_asked(const struct request *request);

/* Answers the question for the user of the call, who has been recognised: claims room for the body where it
 * is so large that it comes to lie on the disk, and has lighttpd hand the claim to the request itself.
 * `largest` is what may come where the length is not known. ERR_TOO_MANY_UPLOADS, ERR_UPLOADS_FULL,
 * ERR_NO_SPACE, ERR_INTERNAL. */
struct err authorize_body(struct call *call, int64_t largest);

/* What has become of a request that the web server could not take: lighttpd then asks for an answer to it
 * under its own address (server.error-handler), with the status that it would have sent. ERR_OK for any other
 * request. */
enum err_code authorize_broken(const struct request *request, const struct config *config);

/* Gives back the room of a request whose body has been read. */
void authorize_end(const struct request *request, const struct config *config);

#endif
