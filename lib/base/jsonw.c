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
eight_plain(uint64_t bytes)
{
	return (any_less(bytes, 0x20) | any_less(bytes ^ EACH('"'), 1) | any_less(bytes ^ EACH('\\'), 1)) ==
	       0;
}

static bool
byte_plain(char c)
{
	return (unsigned char)c >= 0x20 && c != '"' && c != '\\';
}

static uint64_t
load_eight(const char *s)
{
	uint64_t bytes;
	memcpy(&bytes, s, sizeof(bytes));
	return bytes;
}

static uint64_t
load_four(const char *s)
{
	uint32_t bytes;
	memcpy(&bytes, s, sizeof(bytes));
	return bytes;
}

/* True where no byte needs an escape, as nearly always. The last eight, or four, may overlap those before. */
static bool
all_plain(const char *s, size_t len)
{
	bool plain = true;
	if (len >= 8) {
		for (size_t n = 0; plain && n < len - 8; n += 8)
			plain = eight_plain(load_eight(s + n));
		return plain && eight_plain(load_eight(s + len - 8));
	}
	if (len >= 4)
		return eight_plain(load_four(s) << 32 | load_four(s + len - 4));
	for (size_t n = 0; plain && n < len; n++)
		plain = byte_plain(s[n]);
	return plain;
}

/* Counts the bytes at the start of `s` that need no escape. */
static size_t
plain_prefix(const char *s, size_t len)
{
	size_t n = 0;
	while (len - n >= 8 && eight_plain(load_eight(s + n)))
		n += 8;
	while (n < len && byte_plain(s[n]))
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

/* Writes in quotation marks a string that needs escapes. */
static void
write_escaped(struct buf *out, const char *s, size_t len)
{
	size_t whole = plain_prefix(s, len);
	buf_addc(out, '"');
	while (buf_add(out, s, whole) && whole < len) {
		write_escape(out, (unsigned char)s[whole]);
		s += whole + 1;
		len -= whole + 1;
		whole = plain_prefix(s, len);
	}
	buf_addc(out, '"');
}

/* Writes the comma and the name before a value, and takes room for `len` bytes of it: a member is one append
 * as a rule. NULL where there is no room. */
static char *
begin_value(struct jsonw *w, const char *name, size_t len)
{
	size_t name_len = name != NULL ? strlen(name) : 0;
	bool comma = w->comma;
	if (name != NULL && !all_plain(name, name_len)) {
		if (comma)
			buf_addc(w->out, ',');
		write_escaped(w->out, name, name_len);
		buf_addc(w->out, ':');
		comma = false;
		name = NULL;
	}
	char *to = buf_room(w->out, comma + (name != NULL ? 1 + name_len + 2 : 0) + len);
	if (to == NULL)
		return NULL;
	w->comma = true;
	if (comma)
		*to++ = ',';
	if (name == NULL)
		return to;
	*to++ = '"';
	memcpy(to, name, name_len);
	to += name_len;
	*to++ = '"';
	*to++ = ':';
	return to;
}

static void
write_value(struct jsonw *w, const char *name, const char *text, size_t len)
{
	char *to = begin_value(w, name, len);
	if (to != NULL)
		memcpy(to, text, len);
}

/* Opens a container; its first value needs no comma. */
static void
open_with(struct jsonw *w, const char *name, char bracket)
{
	write_value(w, name, &bracket, 1);
	w->comma = false;
}

void
jsonw_init(struct jsonw *w, struct buf *out)
{
	*w = (struct jsonw){.out = out};
}

void
jsonw_object(struct jsonw *w, const char *name)
{
	open_with(w, name, '{');
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
	open_with(w, name, '[');
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
	if (value == NULL) {
		jsonw_null(w, name);
		return;
	}
	size_t len = strlen(value);
	if (!all_plain(value, len)) {
		begin_value(w, name, 0);
		write_escaped(w->out, value, len);
		return;
	}
	char *to = begin_value(w, name, len + 2);
	if (to == NULL)
		return;
	*to++ = '"';
	memcpy(to, value, len);
	to[len] = '"';
}

void
jsonw_int(struct jsonw *w, const char *name, int64_t value)
{
	char digits[24];
	char *at = digits + sizeof(digits);
	uint64_t left = value < 0 ? -(uint64_t)value : (uint64_t)value;

	do
		*--at = (char)('0' + left % 10);
	while ((left /= 10) > 0);
	if (value < 0)
		*--at = '-';
	write_value(w, name, at, (size_t)(digits + sizeof(digits) - at));
}

void
jsonw_real(struct jsonw *w, const char *name, double value)
{
	if (!isfinite(value)) {
		jsonw_null(w, name);
		return;
	}
	begin_value(w, name, 0);
	buf_addf(w->out, "%.3f", value);
}

void
jsonw_bool(struct jsonw *w, const char *name, bool value)
{
	write_value(w, name, value ? "true" : "false", value ? 4 : 5);
}

void
jsonw_null(struct jsonw *w, const char *name)
{
	write_value(w, name, "null", 4);
}

void
jsonw_raw(struct jsonw *w, const char *name, const char *text)
{
	if (text == NULL)
		text = "null";
	write_value(w, name, text, strlen(text));
}
