/* What kind of video a file is, by its bytes: what an upstream calls a video may be its error page, or the
 * first half of a video. Thread-safe. */
#ifndef DOMAIN_VIDEO_FORMAT_H
#define DOMAIN_VIDEO_FORMAT_H

#include <stdint.h>

enum video_end {
	VIDEO_BROKEN, /* it breaks off */
	VIDEO_OPEN,   /* its bytes do not tell where it ends */
	VIDEO_WHOLE
};

enum { VIDEO_HEADER = 12 }; /* bytes that tell a video from what is none */

/* The media type of what begins with these VIDEO_HEADER bytes: "video/mp4" (also QuickTime), "video/webm", or
 * NULL where it is no video. The string lives for ever. */
const char *video_header_type(const unsigned char *bytes);

/* The same of the open file of `size` bytes. Writes whether it is whole: of an MP4 its boxes tell (ISO/IEC
 * 14496-12, 4.2), unless the last one is "up to the end"; of a WebM nothing does. The file's position does
 * not change. */
const char *video_file_type(int fd, int64_t size, enum video_end *ret_end);

#endif
