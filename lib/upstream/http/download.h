/* Downloads a video, piece by piece, in the calling thread. Links come from upstreams and are hostile: http
 * and https only, public addresses only (but for the channel's own origin, or where the channel allows
 * private ones), few redirects, each checked anew, and the channel's key never leaves its origin. A link in
 * JSON is checked like a redirect. Thread-safe. */
#ifndef UPSTREAM_HTTP_DOWNLOAD_H
#define UPSTREAM_HTTP_DOWNLOAD_H

#include "base/err.h"
#include "model/download.h"
#include "upstream/http/message.h"

struct channel;

/* Downloads by a request of compose_content() or compose_poll() into `sink`, with `range` (a Range header's
 * value, or NULL). Where the answer is JSON, and `json` is not NULL, the link in it is followed, once; the
 * sink never has a byte of that answer. Blocks. No time limit for the whole, but a stalled transfer (under 1
 * KB/s for 30 s) ends. ERR_OK when all of it came; ERR_CONTENT_GONE for 404 and 410, and for 401 and 403 of
 * an origin that is not the channel's own; ERR_RANGE_NOT_SATISFIABLE for 416; ERR_FORBIDDEN for a private
 * address; ERR_UPSTREAM_FAILED for everything else, also in the middle or where the sink ended it;
 * ERR_NO_MEMORY. sink->ret_why is written with ERR_UPSTREAM_FAILED and ERR_FORBIDDEN, sink->ret_retry_after
 * with each error. The program must ignore SIGPIPE. */
enum err_code
download_run(const struct channel *channel, const struct http_request *request, const char *range,
             const struct download_json *json, const struct download_sink *sink);

#endif
