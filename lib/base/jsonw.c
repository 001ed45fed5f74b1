/* Writing JSON straight into a buffer. The only state is whether a comma is due: an opened container
 * clears it, every finished value sets it. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"

static void
quote(struct buf *out, const char *s)
{
	static const char hex[] = "0123456789abcdef";
	const char *run = s; /* what needs no escape is copied in runs */

	buf_addc(out, '"');
	for (; *s; s++) {
		unsigned char c = (unsigned char)*s;

		if (c >= 0x20 && c != '"' && c != '\\')
			continue;
		buf_add(out, run, (size_t)(s - run));
		run = s + 1;
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
	buf_add(out, run, (size_t)(s - run));
	buf_addc(out, '"');
}

/* The comma and the name before a value. */
static void
begin(struct jsonw *w, const char *name)
{
	if (w->comma)
		buf_addc(w->out, ',');
	w->comma = true;
	if (name) {
		quote(w->out, name);
		buf_addc(w->out, ':');
	}
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
		quote(w->out, value);
	else
		buf_adds(w->out, "null");
}

void
jsonw_int(struct jsonw *w, const char *name, int64_t value)
{
	begin(w, name);
	buf_addf(w->out, "%" PRId64, value);
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
