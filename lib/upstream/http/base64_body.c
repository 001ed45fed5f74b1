/* A text with a file in it as base64: read before and behind the gap from the text, in the gap from the file.
 * Four characters stand for three bytes, so that any place can be read without what is before it. */
#include "upstream/http/base64_body.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/base64.h"

enum { GROUPS = 1024 /* of three bytes, that are read at once */ };

struct base64_body {
	int fd;
	int64_t file_size;
	int64_t middle; /* bytes of the file as text */
	int64_t at;
	size_t len, gap;
	char text[];
};

struct base64_body *
base64_body_new(const char *text, size_t len, size_t gap, const char *path)
{
	struct stat st;
	struct base64_body *body = malloc(sizeof(*body) + len);
	if (body == NULL)
		return NULL;
	body->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (body->fd < 0 || fstat(body->fd, &st) != 0 || !S_ISREG(st.st_mode)) {
		base64_body_free(body);
		return NULL;
	}
	body->file_size = st.st_size;
	body->middle = (int64_t)BASE64_SIZE((uint64_t)st.st_size) - 1;
	body->at = 0;
	body->len = len;
	body->gap = gap;
	memcpy(body->text, text, len);
	return body;
}

void
base64_body_free(struct base64_body *body)
{
	if (body == NULL)
		return;
	if (body->fd >= 0)
		close(body->fd);
	free(body);
}

int64_t
base64_body_size(const struct base64_body *body)
{
	return (int64_t)body->len + body->middle;
}

int
base64_body_seek(struct base64_body *body, int64_t at)
{
	if (at < 0 || at > base64_body_size(body))
		return -1;
	body->at = at;
	return 0;
}

static int64_t
at_most(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* Reads from the file, at an offset in its base64. */
static int64_t
read_middle(struct base64_body *body, int64_t place, char *to, size_t room)
{
	char bytes[3 * GROUPS], text[BASE64_SIZE(3 * GROUPS)];
	int64_t start = place / 4 * 3;
	size_t want = (size_t)at_most(body->file_size - start, (int64_t)sizeof(bytes)), have = 0;
	while (have < want) {
		ssize_t got = pread(body->fd, bytes + have, want - have, start + (int64_t)have);
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
base64_body_read(struct base64_body *body, char *to, size_t room)
{
	int64_t gap = (int64_t)body->gap, got;
	if (body->at >= gap && body->at < gap + body->middle) {
		got = read_middle(body, body->at - gap, to, room);
	} else {
		bool before = body->at < gap;
		int64_t from = before ? body->at : body->at - body->middle;
		int64_t end = before ? gap : (int64_t)body->len;
		got = at_most(end - from, (int64_t)room);
		memcpy(to, body->text + from, (size_t)got);
	}
	if (got > 0)
		body->at += got;
	return got;
}
