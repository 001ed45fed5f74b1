/* Follows a path of keys through a JSON text that is known to be well-formed. */
#include "upstream/dialect/line.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { STEP_MAX = 40 /* bytes of a key in a path; see dialect_enter() */ };

size_t
line_of_byte(const char *json, size_t at)
{
	size_t line = 1;
	for (size_t i = 0; i < at; i++)
		line += json[i] == '\n';
	return line;
}

/* Passes over a string, whose opening quote is at `p`. */
static const char *
skip_string(const char *p, const char *end)
{
	for (p++; p < end && *p != '"'; p++)
		p += *p == '\\';
	return p < end ? p + 1 : end;
}

static const char *
skip_blanks(const char *p, const char *end)
{
	while (p < end && strchr(" \t\r\n,:", *p) != NULL)
		p++;
	return p;
}

static const char *
skip_value(const char *p, const char *end)
{
	int depth = 0;
	do {
		p = skip_blanks(p, end);
		if (p < end && *p == '"') {
			p = skip_string(p, end);
		} else if (p < end && strchr("{[}]", *p) != NULL) {
			depth += *p == '{' || *p == '[' ? 1 : -1;
			p++;
		} else {
			while (p < end && strchr(" \t\r\n,:{}[]\"", *p) == NULL)
				p++;
		}
	} while (depth > 0 && p < end);
	return p;
}

/* Returns how much of the path the key is the first step of: as many bytes, and one more for a dot behind it;
 * 0 where it is not. */
static size_t
matches(const char *path, const char *key, size_t len)
{
	len = len < STEP_MAX ? len : STEP_MAX;
	if (strncmp(path, key, len) != 0 || (path[len] != '.' && path[len] != '\0'))
		return 0;
	return len + (path[len] == '.');
}

const char *
line_of_double(const char *json, size_t len, size_t *ret_len)
{
	const char *end = json + len;
	for (const char *p = json; p < end;) {
		const char *key = p, *after = *p == '"' ? skip_string(p, end) : p + 1;
		p = after;
		while (after < end && strchr(" \t\r\n", *after) != NULL)
			after++;
		if (*key != '"' || after == end || *after != ':')
			continue;
		size_t size = (size_t)(p - key);
		for (const char *q = skip_blanks(skip_value(after, end), end); q < end && *q == '"';) {
			const char *value = skip_string(q, end);
			if ((size_t)(value - q) == size && memcmp(q, key, size) == 0) {
				*ret_len = size;
				return q;
			}
			q = skip_blanks(skip_value(value, end), end);
		}
	}
	return NULL;
}

size_t
line_of_key(const char *json, size_t len, const char *path)
{
	const char *end = json + len, *p = skip_blanks(json, end), *last = p;
	while (p < end && path[0] != '\0' && (*p == '{' || *p == '[')) {
		bool object = *p == '{', found = false;
		p = skip_blanks(p + 1, end);
		for (size_t i = 0; p < end && *p != '}' && *p != ']' && !found; i++) {
			char index[24];
			const char *key = p;
			snprintf(index, sizeof(index), "%zu", i);
			if (object)
				p = skip_blanks(skip_string(p, end), end);
			const char *close = object ? key + 1 + strcspn(key + 1, "\"") : NULL;
			size_t step = object ? matches(path, key + 1, (size_t)(close - key - 1))
			                     : matches(path, index, strlen(index));
			found = step > 0;
			if (found) {
				last = key;
				path += step;
			} else {
				p = skip_blanks(skip_value(p, end), end);
			}
		}
		if (!found)
			break;
	}
	return line_of_byte(json, (size_t)(last - json));
}
