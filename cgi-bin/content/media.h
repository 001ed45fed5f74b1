/* What clients are told that bytes of an upstream are. Nothing of what the upstream has said reaches them: a
 * browser reads "video/mp4, text/html" as HTML, and runs it as a page of ours. */
#ifndef CONTENT_MEDIA_H
#define CONTENT_MEDIA_H

#include <stdbool.h>

struct call;

struct media {
	const char *type;   /* media type */
	const char *ending; /* of a file's name */
};

/* The type of a video that is said to be `said`; where that is none of ours it is `found`, which its bytes
 * tell, or an MP4 with NULL. */
const struct media *media_video(const char *said, const char *found);

/* The type of a picture; NULL where it is none that we know. */
const struct media *media_picture(const char *said);

/* Adds the headers that every such answer has: its type, its name (`download`: to be saved rather than
 * shown), and that nothing in it is ever run. */
void media_headers(struct call *call, const struct media *media, const char *video_id, bool download);

#endif
