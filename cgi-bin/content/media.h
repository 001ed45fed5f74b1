/* The media type that a client is told for bytes from an upstream: always one of ours, never the upstream's
 * own text. A browser would read "video/mp4, text/html" as HTML, and run it as a page of this site.
 * Thread-safe. */
#ifndef CONTENT_MEDIA_H
#define CONTENT_MEDIA_H

#include <stdbool.h>

struct call;

struct media {
	const char *type;   /* such as "video/mp4" */
	const char *ending; /* of a file's name, such as "mp4" */
};

/* Returns the type of a video that the upstream calls `stated`. Where we have no such type: the type `found`
 * by its bytes, or, with NULL, MP4. Lives for ever. */
const struct media *media_video(const char *stated, const char *found);

/* Returns the type of a picture that the upstream calls `stated`; NULL where we have no such type. Lives for
 * ever. */
const struct media *media_picture(const char *stated);

/* Adds the headers of every such answer: Content-Type, Content-Disposition with a file name (`download`: to
 * be saved rather than shown, under the beginning of `prompt` where that is not NULL), and a
 * Content-Security-Policy under which no script runs. */
void media_headers(struct call *call, const struct media *media, const char *video_id, const char *prompt,
                   bool download);

#endif
