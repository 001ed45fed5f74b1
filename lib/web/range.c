/* Byte ranges in the one form that players and downloads use, "bytes=first-last" with either end left out.
 * Several ranges at once would need multipart/byteranges, which no player asks for. */
#include "web/range.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

/* Reads digits at *at as a number, at most INT64_MAX. False where there are none. */
static bool
read_number(const char **at, int64_t *ret_number)
{
	int64_t number = 0;
	const char *c = *at;

	for (; *c >= '0' && *c <= '9'; c++) {
		int digit = *c - '0';

		number = number > (INT64_MAX - digit) / 10 ? INT64_MAX : number * 10 + digit;
	}
	if (c == *at)
		return false;
	*at = c;
	*ret_number = number;
	return true;
}

static const char *
skip_blanks(const char *at)
{
	return at + strspn(at, " \t");
}

/* Reads "bytes=first-last", "bytes=first-", "bytes=-suffix". An end that is left out is -1. False for all
 * else. */
static bool
read_spec(const char *text, int64_t *ret_first, int64_t *ret_last)
{
	int64_t first = -1, last = -1;

	if (strncasecmp(text, "bytes=", 6) != 0)
		return false;
	const char *at = skip_blanks(text + 6);
	bool has_first = read_number(&at, &first);
	if (*at++ != '-')
		return false;
	bool has_last = read_number(&at, &last);
	if (*skip_blanks(at) != '\0' || (!has_first && !has_last) || (has_first && has_last && last < first))
		return false;
	*ret_first = first;
	*ret_last = last;
	return true;
}

enum range_kind
range_read(const char *range, const char *if_range, const char *etag, int64_t size, struct range *ret_range)
{
	int64_t first, last;

	if (range == NULL || (if_range && strcmp(if_range, etag) != 0) || !read_spec(range, &first, &last)) {
		*ret_range = (struct range){.first = 0, .len = size};
		return RANGE_WHOLE;
	}
	if (first < 0) { /* the last bytes; more of them than there are means all */
		first = last < size ? size - last : 0;
		last = first < size ? size - 1 : -1;
	}
	if (first >= size || (last >= 0 && last < first))
		return RANGE_BAD;
	if (last < 0 || last >= size)
		last = size - 1;
	*ret_range = (struct range){.first = first, .len = last - first + 1};
	return RANGE_PART;
}
