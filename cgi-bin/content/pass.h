/* Passing a video, or a picture of it, through from its upstream to the client. */
#ifndef CONTENT_PASS_H
#define CONTENT_PASS_H

#include <stdbool.h>

#include "base/err.h"
#include "model/content_variant.h"

struct call;
struct task;

struct pass {
	const struct task *task;
	const char *etag;  /* of a video that is kept */
	const char *range; /* a Range header's value, or NULL */
	bool download;     /* to be saved rather than shown */
	enum content_variant variant;
};

/* Answers the call with the video or the part of it, in a stream (stream.h); blocks for up to
 * archive_timeout. Not all of it was checked, so it has no ETag and may not be cached. ERR_OK once the head
 * was sent, whatever becomes of the rest; else content_fetch()'s errors, ERR_UPSTREAM_FAILED also for data
 * that does not begin as a video or is too large, ERR_NOT_FOUND for a picture that is none, those of
 * stream_open(), ERR_RATE_LIMITED where the upstreams were asked rate_pass times within a minute for who
 * asks, ERR_TIMEOUT, ERR_NO_SPACE. A transfer that breaks off ends short of its Content-Length, so that a
 * client can tell half a video from a whole. */
struct err pass_video(struct call *call, const struct pass *pass);

#endif
