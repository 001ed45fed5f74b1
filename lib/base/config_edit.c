/* Changes one key in the text of a configuration: see config_edit.h. */
#include "base/config_edit.h"

#include <stddef.h>
#include <string.h>

#include "base/buf.h"

/* True where the line, from `line` to its end, has the key before an equals sign. */
static bool
sets(const char *line, const char *key)
{
	size_t len = strlen(key);

	line += strspn(line, " \t");
	if (strncmp(line, key, len) != 0)
		return false;
	line += len;
	return line[strspn(line, " \t")] == '=';
}

/* True where the line shows the key as a comment. */
static bool
shows(const char *line, const char *key)
{
	return *line == '#' && sets(line + 1, key);
}

/* The first line of which `is` holds, or NULL. */
static const char *
find_line(const char *text, const char *key, bool (*is)(const char *line, const char *key))
{
	while (!is(text, key)) {
		text = strchr(text, '\n');
		if (text == NULL)
			return NULL;
		text++;
	}
	return text;
}

bool
config_edit(const char *text, const char *key, const char *value, struct buf *out)
{
	const char *line = find_line(text, key, sets), *shown = line ? NULL : find_line(text, key, shows);
	const char *at = line ? line : shown, *end = at ? at + strcspn(at, "\n") : text + strlen(text);
	size_t before = (size_t)((line ? line : end) - text);

	buf_add(out, text, before);
	if (line == NULL && before > 0 && text[before - 1] != '\n')
		buf_addc(out, '\n');
	buf_adds(out, key);
	buf_adds(out, *value ? " = " : " =");
	buf_adds(out, value);
	if (*end == '\0')
		buf_addc(out, '\n');
	return buf_adds(out, end);
}
