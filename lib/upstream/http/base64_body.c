/* A text with files in it as base64: read from the text, and where a file goes from that.
 * Four characters stand for three bytes, so that any place can be read without what is before it. */
#include "upstream/http/base64_body.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/base64.h"
#include "upstream/http/message.h"

enum { GROUPS = 1024 /* of three bytes, that are read at once */ };

struct insert {
	int fd;
	int64_t file_size;
	int64_t at;  /* where its text begins in the body */
	int64_t len; /* bytes of the file as text */
};

struct base64_body {
	int64_t at, size;
	struct insert *inserts;
	size_t count;
	char text[];
};

static bool
open_insert(struct insert *insert, const struct http_insert *from, int64_t before)
{
	struct stat st;
	insert->fd = open(from->path, O_RDONLY | O_CLOEXEC);
	if (insert->fd < 0 || fstat(insert->fd, &st) != 0 || !S_ISREG(st.st_mode))
		return false;
	insert->file_size = st.st_size;
	insert->len = (int64_t)BASE64_SIZE((uint64_t)st.st_size) - 1;
	insert->at = (int64_t)from->at + before;
	return true;
}

struct base64_body *
base64_body_new(const char *text, size_t len, const struct http_insert *inserts, size_t count)
{
	struct base64_body *body = malloc(sizeof(*body) + len);
	if (body == NULL)
		return NULL;
	body->at = 0;
	body->count = 0;
	body->size = (int64_t)len;
	body->inserts = calloc(count + 1, sizeof(*body->inserts));
	memcpy(body->text, text, len);
	bool good = body->inserts != NULL;
	for (size_t i = 0; good && i < count; i++) {
		struct insert *insert = &body->inserts[body->count++];
		good = open_insert(insert, &inserts[i], body->size - (int64_t)len);
		body->size += insert->len;
	}
	if (!good) {
		base64_body_free(body);
		return NULL;
	}
	return body;
}

void
base64_body_free(struct base64_body *body)
{
	if (body == NULL)
		return;
	for (size_t i = 0; i < body->count; i++)
		if (body->inserts[i].fd >= 0)
			close(body->inserts[i].fd);
	free(body->inserts);
	free(body);
}

int64_t
base64_body_size(const struct base64_body *body)
{
	return body->size;
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

/* Reads from a file, at an offset in its base64. */
static int64_t
read_insert(const struct insert *insert, int64_t place, char *to, size_t room)
{
	char bytes[3 * GROUPS], text[BASE64_SIZE(3 * GROUPS)];
	int64_t start = place / 4 * 3;
	size_t want = (size_t)at_most(insert->file_size - start, (int64_t)sizeof(bytes)), have = 0;
	while (have < want) {
		ssize_t got = pread(insert->fd, bytes + have, want - have, start + (int64_t)have);
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
	const struct insert *insert = body->inserts, *end = insert + body->count;
	int64_t passed = 0, got; /* bytes of files before this place */
	for (; insert < end && body->at >= insert->at + insert->len; insert++)
		passed += insert->len;
	if (insert < end && body->at >= insert->at) {
		got = read_insert(insert, body->at - insert->at, to, room);
	} else {
		int64_t until = insert < end ? insert->at : body->size;
		got = at_most(until - body->at, (int64_t)room);
		memcpy(to, body->text + body->at - passed, (size_t)got);
	}
	if (got > 0)
		body->at += got;
	return got;
}
