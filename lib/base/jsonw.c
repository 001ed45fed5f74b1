/* Writing JSON straight into a buffer. The only state is whether a comma is due: an opened container
 * clears it, every finished value sets it. */
#include <math.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"

/* How many bytes of `s` stand for themselves. */
static size_t
plain(const char *s)
{
	size_t len = 0;
	while ((unsigned char)s[len] >= 0x20 && s[len] != '"' && s[len] != '\\')
		len++;
	return len;
}

static void
escape(struct buf *out, unsigned char c)
{
	static const char hex[] = "0123456789abcdef";

	if (c == '"' || c == '\\')
		buf_add(out, (char[]){'\\', (char)c}, 2);
	else if (c == '\n')
		buf_adds(out, "\\n");
	else if (c == '\r')
		buf_adds(out, "\\r");
	else if (c == '\t')
		buf_adds(out, "\\t");
	else
		buf_add(out, (char[]){'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]}, 6);
}

/* The string and what stands before and behind it; nearly always nothing of it needs an escape, and all is
 * one append. */
static void
quote(struct buf *out, const char *before, const char *s, const char *behind)
{
	size_t head = strlen(before), tail = strlen(behind), len = plain(s);

	if (s[len] == '\0') {
		char *room = buf_room(out, head + len + tail);
		if (!room)
			return;
		memcpy(room, before, head);
		memcpy(room + head, s, len);
		memcpy(room + head + len, behind, tail);
		return;
	}
	buf_add(out, before, head);
	while (buf_add(out, s, len) && s[len]) {
		escape(out, (unsigned char)s[len]);
		s += len + 1;
		len = plain(s);
	}
	buf_add(out, behind, tail);
}

/* The comma and the name before a value. */
static void
begin(struct jsonw *w, const char *name)
{
	if (name)
		quote(w->out, w->comma ? ",\"" : "\"", name, "\":");
	else if (w->comma)
		buf_addc(w->out, ',');
	w->comma = true;
}

void
jsonw_init(struct jsonw *w, struct buf *out)
{
	*w = (struct jsonw){.out = out};
}

void
jsonw_object(struct jsonw *w, const char *name)
{
	begin(w, name);
	buf_addc(w->out, '{');
	w->comma = false;
}

void
jsonw_object_end(struct jsonw *w)
{
	buf_addc(w->out, '}');
	w->comma = true;
}

void
jsonw_array(struct jsonw *w, const char *name)
{
	begin(w, name);
	buf_addc(w->out, '[');
	w->comma = false;
}

void
jsonw_array_end(struct jsonw *w)
{
	buf_addc(w->out, ']');
	w->comma = true;
}

void
jsonw_string(struct jsonw *w, const char *name, const char *value)
{
	begin(w, name);
	if (value)
		quote(w->out, "\"", value, "\"");
	else
		buf_adds(w->out, "null");
}

void
jsonw_int(struct jsonw *w, const char *name, int64_t value)
{
	char digits[24];
	char *at = digits + sizeof digits;
	uint64_t left = value < 0 ? -(uint64_t)value : (uint64_t)value;

	begin(w, name);
	do
		*--at = (char)('0' + left % 10);
	while ((left /= 10) > 0);
	if (value < 0)
		*--at = '-';
	buf_add(w->out, at, (size_t)(digits + sizeof digits - at));
}

void
jsonw_real(struct jsonw *w, const char *name, double value)
{
	begin(w, name);
	if (isfinite(value))
		buf_addf(w->out, "%.3f", value);
	else
		buf_adds(w->out, "null");
}

void
jsonw_bool(struct jsonw *w, const char *name, bool value)
{
	begin(w, name);
	buf_adds(w->out, value ? "true" : "false");
}

void
jsonw_null(struct jsonw *w, const char *name)
{
	begin(w, name);
	buf_adds(w->out, "null");
}

void
jsonw_raw(struct jsonw *w, const char *name, const char *text)
{
	begin(w, name);
	buf_adds(w->out, text ? text : "null");
}
