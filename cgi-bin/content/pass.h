/* Passing a video, or a picture of it, through, from wherever it is to the client. */
#ifndef CONTENT_PASS_H
#define CONTENT_PASS_H

#include <stdbool.h>

#include "base/err.h"
#include "model/content_variant.h"

struct call;
struct task;

struct pass {
	const struct task *task;
	const char *etag;  /* of the video where it is kept */
	const char *range; /* a Range header's value, or NULL */
	bool download;     /* to be saved rather than shown */
	enum content_variant variant;
};

/* Answers the call with the video or the part of it, within archive_timeout. Nobody has looked at all of it:
 * it has no tag, and no cache may keep it. ERR_OK once the head is out, whatever becomes of the rest; else
 * content_fetch()'s errors, ERR_UPSTREAM_FAILED also for what does not begin as a video does or is too large,
 * ERR_NOT_FOUND for a picture that is none, ERR_BUSY where too many are passed through, ERR_TIMEOUT and
 * ERR_NO_SPACE. A transfer that breaks in the middle ends short of its Content-Length: a client can tell, and
 * never keeps half a video for a whole one. */
enum err_code pass_video(struct call *call, const struct pass *pass);

#endif
