/* Writes JSON straight into a buffer. The only state is whether the next value needs a comma: an opened
 * container clears it, every finished value sets it. */
#include <math.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"

#define EACH(byte) (UINT64_C(0x0101010101010101) * (byte))

/* Not 0 where any of eight bytes is less than `least`, at most 0x80 (Warren, Hacker's Delight, 6-1). */
static uint64_t
any_less(uint64_t bytes, unsigned least)
{
	return (bytes - EACH(least)) & ~bytes & EACH(0x80U);
}

static bool
eight_plain(const char *s)
{
	uint64_t bytes;
	memcpy(&bytes, s, sizeof(bytes));
	return (any_less(bytes, 0x20) | any_less(bytes ^ EACH('"'), 1) | any_less(bytes ^ EACH('\\'), 1)) ==
	       0;
}

/* Counts the bytes at the start of `s` that need no escape. */
static size_t
plain_prefix(const char *s, size_t len)
{
	size_t n = 0;
	while (len - n >= 8 && eight_plain(s + n))
		n += 8;
	while (n < len && (unsigned char)s[n] >= 0x20 && s[n] != '"' && s[n] != '\\')
		n++;
	return n;
}

static void
write_escape(struct buf *out, unsigned char c)
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

/* Writes the string in quotation marks, and the comma before or the colon behind. Nearly always no byte needs
 * an escape, and all is one append. */
static void
write_quoted(struct buf *out, bool comma, const char *s, bool colon)
{
	size_t len = strlen(s), whole = plain_prefix(s, len);

	if (whole == len) {
		char *to = buf_room(out, comma + 1 + len + 1 + colon);
		if (to == NULL)
			return;
		if (comma)
			*to++ = ',';
		*to++ = '"';
		memcpy(to, s, len);
		to += len;
		*to++ = '"';
		if (colon)
			*to = ':';
		return;
	}
	buf_adds(out, comma ? ",\"" : "\"");
	while (buf_add(out, s, whole) && whole < len) {
		write_escape(out, (unsigned char)s[whole]);
		s += whole + 1;
		len -= whole + 1;
		whole = plain_prefix(s, len);
	}
	buf_adds(out, colon ? "\":" : "\"");
}

/* Writes the comma and the name before a value. */
static void
begin_value(struct jsonw *w, const char *name)
{
	if (name)
		write_quoted(w->out, w->comma, name, true);
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
	begin_value(w, name);
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
	begin_value(w, name);
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
	begin_value(w, name);
	if (value)
		write_quoted(w->out, false, value, false);
	else
		buf_adds(w->out, "null");
}

void
jsonw_int(struct jsonw *w, const char *name, int64_t value)
{
	char digits[24];
	char *at = digits + sizeof(digits);
	uint64_t left = value < 0 ? -(uint64_t)value : (uint64_t)value;

	begin_value(w, name);
	do
		*--at = (char)('0' + left % 10);
	while ((left /= 10) > 0);
	if (value < 0)
		*--at = '-';
	buf_add(w->out, at, (size_t)(digits + sizeof(digits) - at));
}

void
jsonw_real(struct jsonw *w, const char *name, double value)
{
	begin_value(w, name);
	if (isfinite(value))
		buf_addf(w->out, "%.3f", value);
	else
		buf_adds(w->out, "null");
}

void
jsonw_bool(struct jsonw *w, const char *name, bool value)
{
	begin_value(w, name);
	buf_adds(w->out, value ? "true" : "false");
}

void
jsonw_null(struct jsonw *w, const char *name)
{
	begin_value(w, name);
	buf_adds(w->out, "null");
}

void
jsonw_raw(struct jsonw *w, const char *name, const char *text)
{
	begin_value(w, name);
	buf_adds(w->out, text ? text : "null");
}
