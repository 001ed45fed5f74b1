/* Passing a video, or a picture of it, through, from wherever it is to the client. */
#ifndef CONTENT_PASS_H
#define CONTENT_PASS_H

#include <stdbool.h>

#include "base/err.h"
#include "model/variant.h"

struct call;
struct task;

struct pass {
	const struct task *task;
	const char *etag;  /* of the video */
	const char *range; /* a Range header's value, or NULL */
	bool download;     /* to be saved rather than shown */
	enum variant variant;
};

/* Adds the headers of a video that never changes: nobody need ask for it twice a day. */
void pass_tag(struct call *call, const char *etag);

/* Adds the name under which it is saved, with its ending. */
void pass_disposition(struct call *call, const struct pass *pass, const char *ending);

/* Answers the call with the video or the part of it. ERR_OK once the head is out, whatever becomes of the
 * rest; else content_fetch()'s errors, ERR_NOT_FOUND for a picture that is none, and ERR_NO_SPACE. A transfer
 * that breaks in the middle ends short of its Content-Length: a client can tell, and never keeps half a video
 * for a whole one. */
enum err_code pass_video(struct call *call, const struct pass *pass);

#endif
