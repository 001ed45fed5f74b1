/* Comma-separated values: see csv.h. */
#include "base/csv.h"

#include <stddef.h>
#include <string.h>

#include "base/buf.h"

void
csv_cell(struct buf *out, const char *text, bool last)
{
	if (text == NULL)
		text = "";
	bool formula = *text != '\0' && strchr("=+-@\t\r", *text) != NULL;
	bool quoted = strpbrk(text, ",\"\r\n") != NULL;
	if (quoted)
		buf_adds(out, "\"");
	if (formula)
		buf_adds(out, "'");
	while (quoted && *text != '\0') { /* a quote is doubled */
		size_t len = strcspn(text, "\"");
		buf_add(out, text, len);
		text += len;
		if (*text == '"') {
			buf_adds(out, "\"\"");
			text++;
		}
	}
	buf_adds(out, text);
	if (quoted)
		buf_adds(out, "\"");
	buf_adds(out, last ? "\r\n" : ",");
}
