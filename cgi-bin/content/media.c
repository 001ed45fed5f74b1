/* Media types: see media.h. */
#include "media.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "api/call.h"
#include "api/envelope.h"
#include "base/utf8.h"
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
	NAME_BYTES = 90,                    /* of a prompt, in the name of a file; systems take 255 */
	NAME_SIZE = 3 * NAME_BYTES * 2 + 1, /* encoded, each with a blank before it */
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

/* Writes the beginning of the prompt as the name of a file, in RFC 8187's encoding. What some file system
 * does not take in a name is a blank, of which there is one at a time and none at the ends. */
static void
encode_name(const char *prompt, char ret_name[NAME_SIZE])
{
	size_t most = utf8_cut(prompt, NAME_BYTES), len = 0;
	bool blank = false;
	for (size_t i = 0; i < most; i++) {
		unsigned char c = (unsigned char)prompt[i];
		if (c <= ' ' || c == 0x7F || strchr("\\/:*?\"<>|.", c) != NULL) {
			blank = len > 0;
			continue;
		}
		if (blank)
			len += (size_t)snprintf(ret_name + len, NAME_SIZE - len, "%%20");
		blank = false;
		bool plain =
		    (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-';
		len += (size_t)snprintf(ret_name + len, NAME_SIZE - len, plain ? "%c" : "%%%02X", c);
	}
	ret_name[len] = '\0';
}

void
media_headers(struct call *call, const struct media *media, const char *video_id, const char *prompt,
              bool download)
{
	char name[NAME_SIZE] = "";
	if (download && prompt != NULL)
		encode_name(prompt, name);
	reply_header(call->reply, "Content-Type", media->type);
	if (name[0] != '\0')
		reply_headerf(call->reply, "Content-Disposition",
		              "attachment; filename=\"%s.%s\"; filename*=UTF-8''%s.%s", video_id,
		              media->ending, name, media->ending);
	else
		reply_headerf(call->reply, "Content-Disposition", "%s; filename=\"%s.%s\"",
		              download ? "attachment" : "inline", video_id, media->ending);
	/* No script runs, whatever a browser takes it for. It may load itself, from its own origin: else a
	 * browser could not play a video that is opened in a tab. */
	reply_header(call->reply, "Content-Security-Policy",
	             "sandbox allow-same-origin; default-src 'none'; img-src 'self'; media-src 'self'");
	envelope_headers(call->request->id, call->reply);
}
