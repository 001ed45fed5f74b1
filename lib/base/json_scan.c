/* The grammar of RFC 8259, read by recursive descent and nothing kept. The depth is bounded, and with
 * it the stack; the number of values is, and with it the tree that is made after. Text is checked as UTF-8 in
 * one piece before. */
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
take(struct scan *s, char c)
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
take_digits(struct scan *s)
{
	const char *from = s->at;

	while (is_digit(peek(s)))
		s->at++;
	return s->at > from;
}

static bool
scan_number(struct scan *s)
{
	take(s, '-');
	if (!take(s, '0') && !take_digits(s))
		return false;
	if (take(s, '.') && !take_digits(s))
		return false;
	if (take(s, 'e') || take(s, 'E')) {
		if (!take(s, '+'))
			take(s, '-');
		return take_digits(s);
	}
	return true;
}

/* The four hexadecimal digits of a \u escape, or -1. */
static int
take_hex4(struct scan *s)
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

/* What follows a backslash. */
static bool
scan_escape(struct scan *s)
{
	char c = peek(s);

	if (c == '\0' || !strchr("\"\\/bfnrtu", c))
		return false;
	s->at++;
	if (c != 'u')
		return true;
	int unit = take_hex4(s);
	if (unit <= 0 || (unit >= 0xDC00 && unit <= 0xDFFF))
		return false;
	if (unit < 0xD800 || unit > 0xDBFF)
		return true;
	if (!take(s, '\\') || !take(s, 'u'))
		return false;
	unit = take_hex4(s);
	return unit >= 0xDC00 && unit <= 0xDFFF;
}

static bool
scan_string(struct scan *s)
{
	if (!take(s, '"'))
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
	return take(s, ':') && scan_value(s);
}

/* What is between two brackets, behind the opening one, up to and with `close`. */
static bool
scan_container(struct scan *s, char close, bool (*scan_item)(struct scan *s))
{
	bool good = true;

	if (++s->depth > LIMIT_JSON_DEPTH)
		return false;
	skip_blanks(s);
	if (!take(s, close)) {
		do
			good = scan_item(s);
		while (good && take(s, ','));
		good = good && take(s, close);
	}
	s->depth--;
	return good;
}

/* One value with the blanks round it. */
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
json_scan(const char *bytes, size_t len)
{
	struct scan s = {.at = bytes, .end = bytes + len};

	return utf8_count(bytes, len) >= 0 && scan_value(&s) && s.at == s.end;
}
