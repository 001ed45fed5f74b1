/* Long strings out of JSON: see cut.h. */
#include "upstream/http/cut.h"

#include <string.h>

#include "base/buf.h"
#include "base/limits.h"

/* Counts the bytes up to the quote that ends the string, all of them where it does not end here. */
static size_t
text_size(struct cut *cut, const char *bytes, size_t len)
{
	size_t i = 0;
	for (; i < len && (cut->escaped || bytes[i] != '"'); i++)
		cut->escaped = !cut->escaped && bytes[i] == '\\';
	return i;
}

/* Puts another text in place of what has come of the string so far. */
static void
drop_text(struct cut *cut, struct buf *buf)
{
	buf->len = cut->begin;
	buf->data[buf->len] = '\0';
	cut->dropping = true;
	buf_adds(buf, "(long)");
}

static void
add_text(struct cut *cut, struct buf *buf, const char *bytes, size_t len)
{
	if (cut->dropping || buf->failed)
		return;
	if (buf->len - cut->begin + len > LIMIT_ANSWER_STRING)
		drop_text(cut, buf);
	else
		buf_add(buf, bytes, len);
}

bool
cut_add(struct cut *cut, struct buf *buf, const char *bytes, size_t len)
{
	while (len > 0 && !buf->failed) {
		size_t size;
		if (cut->in_string) {
			size = text_size(cut, bytes, len);
			add_text(cut, buf, bytes, size);
		} else {
			const char *quote = memchr(bytes, '"', len);
			size = quote != NULL ? (size_t)(quote - bytes) : len;
			buf_add(buf, bytes, size);
		}
		bytes += size;
		len -= size;
		if (len == 0)
			break;
		buf_addc(buf, '"');
		*cut = (struct cut){.in_string = !cut->in_string, .begin = buf->len};
		bytes++;
		len--;
	}
	return !buf->failed;
}
