/* A growing byte buffer with a ceiling. Failures stick, so that twenty appends need one check at their end.
 */
#include "base/buf.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

enum { FIRST_SIZE = 1024 };

void
buf_init(struct buf *buf, size_t max)
{
	/* There must always be one more byte for the NUL. */
	*buf = (struct buf){.max = max < SIZE_MAX ? max : SIZE_MAX - 1};
}

static void
free_contents(void *buf)
{
	buf_free(buf);
}

struct buf *
buf_in_arena(struct arena *arena, size_t max)
{
	struct buf *buf = arena_alloc(arena, sizeof(*buf));
	if (buf == NULL)
		return NULL;
	buf_init(buf, max);
	return arena_defer(arena, free_contents, buf) ? buf : NULL;
}

void
buf_free(struct buf *buf)
{
	free(buf->data);
	buf_init(buf, buf->max);
}

void
buf_clear(struct buf *buf)
{
	buf->len = 0;
	buf->full = false;
	buf->failed = false;
	if (buf->data)
		buf->data[0] = '\0';
}

/* Makes room for `len` bytes and a NUL behind what is there. */
static bool
make_room(struct buf *buf, size_t len)
{
	if (buf->failed)
		return false;
	if (len > buf->max - buf->len) {
		buf->full = true;
		buf->failed = true;
		return false;
	}
	size_t need = buf->len + len + 1;
	if (need <= buf->cap)
		return true;
	size_t cap = buf->cap > SIZE_MAX / 2 ? need : buf->cap * 2;
	if (cap < FIRST_SIZE)
		cap = FIRST_SIZE;
	if (cap > buf->max + 1)
		cap = buf->max + 1;
	if (cap < need)
		cap = need;
	char *data = realloc(buf->data, cap);
	if (data == NULL) {
		buf->failed = true;
		return false;
	}
	buf->data = data;
	buf->cap = cap;
	return true;
}

bool
buf_add(struct buf *buf, const void *bytes, size_t len)
{
	if (!make_room(buf, len))
		return false;
	if (len > 0)
		memcpy(buf->data + buf->len, bytes, len);
	buf->len += len;
	buf->data[buf->len] = '\0';
	return true;
}

bool
buf_addc(struct buf *buf, char c)
{
	return buf_add(buf, &c, 1);
}

bool
buf_adds(struct buf *buf, const char *s)
{
	return buf_add(buf, s, strlen(s));
}

bool
buf_addf(struct buf *buf, const char *format, ...)
{
	va_list args;
	size_t left = buf->cap - buf->len; /* enough, as a rule */

	va_start(args, format);
	int len = vsnprintf(left > 0 ? buf->data + buf->len : NULL, left, format, args);
	va_end(args);
	if (len < 0)
		buf->failed = true;
	bool fits = len >= 0 && (size_t)len < left;
	if (len < 0 || !make_room(buf, (size_t)len)) {
		if (left > 0)
			buf->data[buf->len] = '\0';
		return false;
	}
	if (!fits) {
		va_start(args, format);
		vsnprintf(buf->data + buf->len, (size_t)len + 1, format, args);
		va_end(args);
	}
	buf->len += (size_t)len;
	return true;
}

char *
buf_room(struct buf *buf, size_t len)
{
	if (!make_room(buf, len))
		return NULL;
	char *room = buf->data + buf->len;
	buf->len += len;
	buf->data[buf->len] = '\0';
	return room;
}

void
buf_drop(struct buf *buf, size_t len)
{
	if (len > buf->len)
		len = buf->len;
	if (len == 0)
		return;
	buf->len -= len;
	memmove(buf->data, buf->data + len, buf->len + 1);
}

const char *
buf_str(const struct buf *buf)
{
	return buf->data ? buf->data : "";
}
