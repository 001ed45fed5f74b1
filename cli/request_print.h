/* Prints requests to an upstream for people, for programs, and for a shell. The key is in none of them. */
#ifndef CLI_REQUEST_PRINT_H
#define CLI_REQUEST_PRINT_H

#include "base/err.h"

struct arena;
struct buf;
struct dialect;
struct http_request;
struct jsonw;

enum { REQUEST_BODY_MOST = 1024 * 1024 /* bytes of a body, without its files */ };

/* Appends the request as text: method, address, headers, body. */
void request_put_text(struct buf *out, const struct dialect *dialect, const struct http_request *request);

/* Appends it as a command of the shell, in which $KEY stands for the key, and $TOKEN for one that is made
 * with it. */
void request_put_curl(struct buf *out, const struct dialect *dialect, const struct http_request *request);

/* Writes its members into an object that is open. ERR_NO_MEMORY. */
enum err_code request_put_json(struct jsonw *w, const struct dialect *dialect,
                               const struct http_request *request, struct arena *arena);

#endif
