/* Fetching a video, piece by piece, in the calling thread. Links come from upstreams and are hostile: http
 * and https only, public addresses only (but for the channel's own origin, or where the channel allows
 * private ones), few redirects, each checked anew, and the channel's key never leaves its origin.
 * Thread-safe. */
#ifndef UPSTREAM_HTTP_DOWNLOAD_H
#define UPSTREAM_HTTP_DOWNLOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "upstream/http/message.h"

struct channel;

enum { FETCH_WHY_SIZE = 160 };

struct fetch_head {
	int status;        /* 200 or 206 */
	int64_t length;    /* bytes of the body that follows; -1 = not stated */
	const char *type;  /* Content-Type, or "" */
	const char *range; /* Content-Range, or "" */
};

struct fetch_sink {
	/* Called once before the first piece, only for 200 and 206. False ends the fetch. */
	bool (*head)(void *cookie, const struct fetch_head *head);
	/* A piece of the body. False ends the fetch. */
	bool (*data)(void *cookie, const void *bytes, size_t len);
	void *cookie;
	/* Asked about once a second, also while nothing comes; false ends the fetch. NULL = it goes on. */
	bool (*goes_on)(void *cookie);
	/* Where one phrase for the log is written with ERR_UPSTREAM_FAILED and ERR_FORBIDDEN, without the
	 * URL's path and query; FETCH_WHY_SIZE bytes, or NULL. */
	char *ret_why;
};

/* Fetches what compose_content() made, with `range` (a Range header's value, or NULL). No time limit for the
 * whole, but a stalled transfer (under 1 KB/s for 30 s) ends. ERR_OK when all of it came; ERR_CONTENT_GONE
 * for 404 and 410, and for 401 and 403 of an origin that is not the channel's own; ERR_RANGE_NOT_SATISFIABLE
 * for 416; ERR_FORBIDDEN for a private address; ERR_UPSTREAM_FAILED for everything else, also in the middle
 * or where the sink ended it; ERR_NO_MEMORY. The program must ignore SIGPIPE. */
enum err_code fetch_run(const struct channel *channel, const struct http_request *request, const char *range,
                        const struct fetch_sink *sink);

#endif
