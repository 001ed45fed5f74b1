/* Media types: see media.h. */
#include "media.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

#include "api/call.h"
#include "api/envelope.h"
#include "web/reply.h"
#include "web/request.h"

static const struct media videos[] = {
    {"video/mp4", "mp4"}, {"video/webm", "webm"}, {"video/quicktime", "mov"}};
static const struct media pictures[] = {{"image/webp", "webp"},
                                        {"image/jpeg", "jpeg"},
                                        {"image/png", "png"},
                                        {"image/avif", "avif"},
                                        {"image/gif", "gif"}};

enum {
	VIDEOS = sizeof(videos) / sizeof(videos[0]),
	PICTURES = sizeof(pictures) / sizeof(pictures[0]),
};

/* Finds the media type in the list; its parameters are ignored. NULL = not in it. */
static const struct media *
find_media(const struct media *list, size_t count, const char *stated)
{
	for (size_t i = 0; i < count; i++) {
		size_t len = strlen(list[i].type);
		if (strncasecmp(stated, list[i].type, len) == 0 && strchr("; \t", stated[len]) != NULL)
			return &list[i];
	}
	return NULL;
}

const struct media *
media_video(const char *stated, const char *found)
{
	const struct media *media = find_media(videos, VIDEOS, stated);
	if (media == NULL && found != NULL)
		media = find_media(videos, VIDEOS, found);
	return media != NULL ? media : &videos[0];
}

const struct media *
media_picture(const char *stated)
{
	return find_media(pictures, PICTURES, stated);
}

void
media_headers(struct call *call, const struct media *media, const char *video_id, bool download)
{
	reply_header(call->reply, "Content-Type", media->type);
	reply_headerf(call->reply, "Content-Disposition", "%s; filename=\"%s.%s\"",
	              download ? "attachment" : "inline", video_id, media->ending);
	/* No script runs, whatever a browser takes it for. It may load itself, from its own origin: else a
	 * browser could not play a video that is opened in a tab. */
	reply_header(call->reply, "Content-Security-Policy",
	             "sandbox allow-same-origin; default-src 'none'; img-src 'self'; media-src 'self'");
	envelope_headers(call->request->id, call->reply);
}
