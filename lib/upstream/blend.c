/* Reading a blend: before the gap and behind it from the text, between from the file. Four characters stand
 * for three bytes of it, so that any place can be read from without what is before it. */
#include "upstream/blend.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/base64.h"

enum { GROUPS = 1024 /* of three bytes, that are read at once */ };

struct blend {
	int fd;
	int64_t file_size;
	int64_t middle; /* bytes of the file as text */
	int64_t at;
	size_t len, gap;
	char text[];
};

struct blend *
blend_new(const char *text, size_t len, size_t gap, const char *path)
{
	struct stat st;
	struct blend *blend = malloc(sizeof(*blend) + len);
	if (!blend)
		return NULL;
	blend->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (blend->fd < 0 || fstat(blend->fd, &st) != 0 || !S_ISREG(st.st_mode)) {
		blend_free(blend);
		return NULL;
	}
	blend->file_size = st.st_size;
	blend->middle = (int64_t)BASE64_SIZE((uint64_t)st.st_size) - 1;
	blend->at = 0;
	blend->len = len;
	blend->gap = gap;
	memcpy(blend->text, text, len);
	return blend;
}

void
blend_free(struct blend *blend)
{
	if (!blend)
		return;
	if (blend->fd >= 0)
		close(blend->fd);
	free(blend);
}

int64_t
blend_size(const struct blend *blend)
{
	return (int64_t)blend->len + blend->middle;
}

int
blend_seek(struct blend *blend, int64_t at)
{
	if (at < 0 || at > blend_size(blend))
		return -1;
	blend->at = at;
	return 0;
}

static int64_t
at_most(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* From the file, at a place of its text. */
static int64_t
read_middle(struct blend *blend, int64_t place, char *to, size_t room)
{
	char bytes[3 * GROUPS], text[BASE64_SIZE(3 * GROUPS)];
	int64_t start = place / 4 * 3;
	size_t want = (size_t)at_most(blend->file_size - start, (int64_t)sizeof(bytes)), have = 0;
	while (have < want) {
		ssize_t got = pread(blend->fd, bytes + have, want - have, start + (int64_t)have);
		if (got <= 0)
			return -1;
		have += (size_t)got;
	}
	/* cppcheck-suppress uninitvar ; the first `want` are set */
	base64_write(bytes, want, text);
	size_t skip = (size_t)(place % 4), len = strlen(text) - skip;
	len = len < room ? len : room;
	memcpy(to, text + skip, len);
	return (int64_t)len;
}

int64_t
blend_read(struct blend *blend, char *to, size_t room)
{
	int64_t gap = (int64_t)blend->gap, got;
	if (blend->at >= gap && blend->at < gap + blend->middle) {
		got = read_middle(blend, blend->at - gap, to, room);
	} else {
		bool before = blend->at < gap;
		int64_t from = before ? blend->at : blend->at - blend->middle;
		int64_t end = before ? gap : (int64_t)blend->len;
		got = at_most(end - from, (int64_t)room);
		memcpy(to, blend->text + from, (size_t)got);
	}
	if (got > 0)
		blend->at += got;
	return got;
}
