/* Comma-separated values: see csv.h. */
#include "base/csv.h"

#include <stddef.h>
#include <string.h>

#include "base/buf.h"

/* True where a spreadsheet would compute what the text says. Some take the wide forms of = + - @ for these.
 */
static bool
is_formula(const char *text)
{
	static const char *const wide[] = {"＝", "＋", "－", "＠"};
	if (*text != '\0' && strchr("=+-@\t\r", *text) != NULL)
		return true;
	for (size_t i = 0; i < sizeof(wide) / sizeof(wide[0]); i++)
		if (strncmp(text, wide[i], strlen(wide[i])) == 0)
			return true;
	return false;
}

void
csv_cell(struct buf *out, const char *text, bool last)
{
	if (text == NULL)
		text = "";
	bool formula = is_formula(text);
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
