/* The grammar of RFC 8259 by recursive descent; keeps nothing. Bounds the depth, and with it the stack, and
 * the number of values, and with it the tree that cJSON makes. UTF-8 is checked before, in one piece. */
#include "base/json_scan.h"

#include <string.h>

#include "base/limits.h"
#include "base/utf8.h"

struct scan {
	const char *at;
	const char *end;
	int depth;
	int values;
};

static bool scan_value(struct scan *s);

static char
peek(const struct scan *s)
{
	return s->at < s->end ? *s->at : '\0';
}

static bool
take_char(struct scan *s, char c)
{
	if (s->at == s->end || *s->at != c)
		return false;
	s->at++;
	return true;
}

static void
skip_blanks(struct scan *s)
{
	while (s->at < s->end && (*s->at == ' ' || *s->at == '\t' || *s->at == '\n' || *s->at == '\r'))
		s->at++;
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
skip_digits(struct scan *s)
{
	const char *from = s->at;

	while (is_digit(peek(s)))
		s->at++;
	return s->at > from;
}

static bool
scan_number(struct scan *s)
{
	take_char(s, '-');
	if (!take_char(s, '0') && !skip_digits(s))
		return false;
	if (take_char(s, '.') && !skip_digits(s))
		return false;
	if (take_char(s, 'e') || take_char(s, 'E')) {
		if (!take_char(s, '+'))
			take_char(s, '-');
		return skip_digits(s);
	}
	return true;
}

/* Reads the four hexadecimal digits of a \u escape. -1 where they are not. */
static int
read_hex4(struct scan *s)
{
	int number = 0;

	for (int i = 0; i < 4; i++, s->at++) {
		char c = peek(s);

		if (is_digit(c))
			number = number * 16 + c - '0';
		else if ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'))
			number = number * 16 + (c | 0x20) - 'a' + 10;
		else
			return -1;
	}
	return number;
}

/* Passes over what follows a backslash. */
static bool
scan_escape(struct scan *s)
{
	char c = peek(s);

	if (c == '\0' || !strchr("\"\\/bfnrtu", c))
		return false;
	s->at++;
	if (c != 'u')
		return true;
	int unit = read_hex4(s);
	if (unit <= 0 || (unit >= 0xDC00 && unit <= 0xDFFF))
		return false;
	if (unit < 0xD800 || unit > 0xDBFF)
		return true;
	if (!take_char(s, '\\') || !take_char(s, 'u'))
		return false;
	unit = read_hex4(s);
	return unit >= 0xDC00 && unit <= 0xDFFF;
}

static bool
scan_string(struct scan *s)
{
	if (!take_char(s, '"'))
		return false;
	while (s->at < s->end) {
		unsigned char c = (unsigned char)*s->at++;

		if (c == '"')
			return true;
		if (c < 0x20 || (c == '\\' && !scan_escape(s)))
			return false;
	}
	return false;
}

static bool
scan_word(struct scan *s, const char *word)
{
	size_t len = strlen(word);

	if ((size_t)(s->end - s->at) < len || memcmp(s->at, word, len) != 0)
		return false;
	s->at += len;
	return true;
}

static bool
scan_member(struct scan *s)
{
	skip_blanks(s);
	if (!scan_string(s))
		return false;
	skip_blanks(s);
	return take_char(s, ':') && scan_value(s);
}

/* Passes over the items behind an opening bracket, up to and with `close`. */
static bool
scan_container(struct scan *s, char close, bool (*scan_item)(struct scan *s))
{
	bool good = true;

	if (++s->depth > LIMIT_JSON_DEPTH)
		return false;
	skip_blanks(s);
	if (!take_char(s, close)) {
		do
			good = scan_item(s);
		while (good && take_char(s, ','));
		good = good && take_char(s, close);
	}
	s->depth--;
	return good;
}

/* Passes over one value with the blanks round it. */
static bool
scan_value(struct scan *s)
{
	bool good;

	if (++s->values > LIMIT_JSON_VALUES)
		return false;
	skip_blanks(s);
	switch (peek(s)) {
	case '{':
		s->at++;
		good = scan_container(s, '}', scan_member);
		break;
	case '[':
		s->at++;
		good = scan_container(s, ']', scan_value);
		break;
	case '"':
		good = scan_string(s);
		break;
	case 't':
		good = scan_word(s, "true");
		break;
	case 'f':
		good = scan_word(s, "false");
		break;
	case 'n':
		good = scan_word(s, "null");
		break;
	default:
		good = scan_number(s);
	}
	skip_blanks(s);
	return good;
}

bool
json_scan_text(const char *bytes, size_t len, size_t *ret_at)
{
	struct scan s = {.at = bytes, .end = bytes + len};
	bool good = scan_value(&s) && s.at == s.end;

	*ret_at = (size_t)(s.at - bytes);
	return good;
}

bool
json_scan(const char *bytes, size_t len)
{
	size_t at;

	return utf8_count(bytes, len) >= 0 && json_scan_text(bytes, len, &at);
}
