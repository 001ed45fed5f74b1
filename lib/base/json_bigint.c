/* Whole numbers that a double would round, such as the ids of some upstreams: puts them in quotation marks
 * before cJSON sees them. */
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/json_scan.h"

enum { EXACT = 15 /* digits that a double holds for certain */ };

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* True where there are more digits in a row than a double holds, perhaps inside a string. */
static bool
has_long_run(const char *bytes, size_t len)
{
	size_t run = 0;
	for (size_t i = 0; i < len && run <= EXACT; i++)
		run = is_digit(bytes[i]) ? run + 1 : 0;
	return run > EXACT;
}

/* Returns the length of the string, the number or the single character that `bytes` begins with. */
static size_t
token_len(const char *bytes, size_t len)
{
	size_t n = 1;
	if (bytes[0] == '"') {
		while (n < len && bytes[n] != '"')
			n += bytes[n] == '\\' ? 2 : 1;
		return n < len ? n + 1 : len;
	}
	if (bytes[0] == '-' || is_digit(bytes[0]))
		while (n < len && (is_digit(bytes[n]) || memchr(".eE+-", bytes[n], 5) != NULL))
			n++;
	return n;
}

static bool
is_long_whole(const char *token, size_t len)
{
	size_t i = token[0] == '-', digits = len - i;
	while (i < len && is_digit(token[i]))
		i++;
	return i == len && digits > EXACT;
}

enum err_code
json_parse_bigint(struct arena *arena, const char *bytes, size_t len, const struct json **ret_root)
{
	struct buf text;
	if (!has_long_run(bytes, len))
		return json_parse(arena, bytes, len, ret_root);
	if (!json_scan(bytes, len))
		return ERR_BAD_JSON;
	buf_init(&text, len + len / EXACT * 2);
	for (size_t at = 0, n; at < len; at += n) {
		n = token_len(bytes + at, len - at);
		bool quoted = is_long_whole(bytes + at, n);
		if (quoted)
			buf_addc(&text, '"');
		buf_add(&text, bytes + at, n);
		if (quoted)
			buf_addc(&text, '"');
	}
	enum err_code err = text.failed ? ERR_NO_MEMORY : json_parse(arena, text.data, text.len, ret_root);
	buf_free(&text);
	return err;
}
