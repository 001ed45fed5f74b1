/* What kind of video a file is, and whether it is whole, by its bytes: an upstream may send an error page, or
 * half a video, as a video. Thread-safe. */
#ifndef DOMAIN_VIDEO_FORMAT_H
#define DOMAIN_VIDEO_FORMAT_H

#include <stdint.h>

enum video_end {
	VIDEO_BROKEN, /* it breaks off */
	VIDEO_OPEN,   /* its bytes do not say where it ends */
	VIDEO_WHOLE
};

enum { VIDEO_HEADER = 12 }; /* bytes that tell whether it is a video */

/* Returns the media type of data that begins with these VIDEO_HEADER bytes: "video/mp4" (also QuickTime),
 * "video/webm", or NULL where it is no video. The string lives for ever. */
const char *video_header_type(const unsigned char *bytes);

/* The same for the open file of `size` bytes; leaves its position. ret_end: whether it is whole. The boxes of
 * an MP4 tell (ISO/IEC 14496-12, 4.2), unless the last one is "up to the end"; nothing in a WebM does. */
const char *video_file_type(int fd, int64_t size, enum video_end *ret_end);

#endif
