/* Video formats: see format.h. An MP4 is a row of boxes, each with its size. */
#include "domain/video/format.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

enum { HEADER = 16, BOXES_MOST = 100000 };

static uint64_t
big_endian(const unsigned char *at, size_t len)
{
	uint64_t number = 0;
	for (size_t i = 0; i < len; i++)
		number = number << 8 | at[i];
	return number;
}

/* Walks the boxes: they must fill the file to its last byte, with a "moov" and an "mdat" among them. */
static enum video_end
end_of_boxes(int fd, int64_t size)
{
	bool described = false, filled = false, open = false;
	int64_t at = 0;
	for (int boxes = 0; at < size; boxes++) {
		unsigned char header[HEADER] = {0};
		ssize_t got = pread(fd, header, sizeof(header), (off_t)at);
		uint64_t len = big_endian(header, 4);
		if (got < 8 || boxes == BOXES_MOST)
			return VIDEO_BROKEN;
		open = len == 0; /* up to the end of the file */
		if (len == 1)    /* the size stands behind the type, in 64 bits */
			len = got == HEADER ? big_endian(header + 8, 8) : 0;
		else if (open)
			len = (uint64_t)(size - at);
		if (len < 8 || len > (uint64_t)(size - at))
			return VIDEO_BROKEN;
		described = described || memcmp(header + 4, "moov", 4) == 0;
		filled = filled || memcmp(header + 4, "mdat", 4) == 0;
		at += (int64_t)len;
	}
	if (!described || !filled)
		return VIDEO_BROKEN;
	return open ? VIDEO_OPEN : VIDEO_WHOLE;
}

const char *
video_header_type(const unsigned char *bytes)
{
	static const unsigned char ebml[4] = {0x1a, 0x45, 0xdf, 0xa3}; /* RFC 8794, 11.2.1 */
	if (memcmp(bytes, ebml, sizeof(ebml)) == 0)
		return "video/webm";
	return memcmp(bytes + 4, "ftyp", 4) == 0 ? "video/mp4" : NULL;
}

const char *
video_file_type(int fd, int64_t size, enum video_end *ret_end)
{
	unsigned char bytes[VIDEO_HEADER];
	if (pread(fd, bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes))
		return NULL;
	const char *type = video_header_type(bytes);
	if (type != NULL)
		*ret_end = strcmp(type, "video/webm") == 0 ? VIDEO_OPEN : end_of_boxes(fd, size);
	return type;
}
