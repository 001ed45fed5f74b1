/* The ends of long strings out of JSON: see cut.h. */
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

/* The bytes of the escape or the character that the text begins with; a pair of surrogates is one. */
static size_t
step_of(const char *text, size_t len)
{
	unsigned char c = (unsigned char)text[0];
	if (c != '\\')
		return c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : c >= 0xc0 ? 2 : 1;
	if (len < 2 || text[1] != 'u')
		return 2;
	return len >= 4 && (text[2] == 'd' || text[2] == 'D') && strchr("89abAB", text[3]) ? 12 : 6;
}

/* Leaves of the string what may be kept of it, without a piece of an escape or a character at its end. */
static void
cut_text(struct cut *cut, struct buf *buf)
{
	size_t at = 0, len = buf->len - cut->begin;
	const char *text = buf->data + cut->begin;
	for (size_t step; at < len && (step = step_of(text + at, len - at)) <= len - at; at += step)
		;
	buf->len = cut->begin + at;
	buf->data[buf->len] = '\0';
	cut->dropping = true;
}

static void
add_text(struct cut *cut, struct buf *buf, const char *bytes, size_t len)
{
	if (cut->dropping || buf->failed)
		return;
	size_t room = LIMIT_ANSWER_STRING - (buf->len - cut->begin);
	if (buf_add(buf, bytes, len < room ? len : room) && len > room)
		cut_text(cut, buf);
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
