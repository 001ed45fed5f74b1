/* Folding by ranges: in nearly all of these scripts a capital stands either at a fixed distance from its
 * small letter or just before it. */
#include "base/fold.h"

#include <string.h>

#include "base/utf8.h"

/* How the capitals of a range become small. */
enum step {
	BY,   /* all of them, by the distance */
	EVEN, /* the even ones, by 1 */
	ODD   /* the odd ones, by 1 */
};

struct range {
	uint32_t first, last;
	enum step step;
	int32_t by;
};

/* In order. */
static const struct range ranges[] = {
    {0x00C0, 0x00D6, BY, 32},     {0x00D8, 0x00DE, BY, 32},     {0x0100, 0x012F, EVEN, 1},
    {0x0130, 0x0130, BY, -199},   {0x0132, 0x0137, EVEN, 1},    {0x0139, 0x0148, ODD, 1},
    {0x014A, 0x0177, EVEN, 1},    {0x0178, 0x0178, BY, -121},   {0x0179, 0x017E, ODD, 1},
    {0x017F, 0x017F, BY, -268},   {0x01CD, 0x01DC, ODD, 1},     {0x01DE, 0x01EF, EVEN, 1},
    {0x01F4, 0x01F4, BY, 1},      {0x01F8, 0x021F, EVEN, 1},    {0x0222, 0x0233, EVEN, 1},
    {0x0246, 0x024F, EVEN, 1},    {0x0386, 0x0386, BY, 38},     {0x0388, 0x038A, BY, 37},
    {0x038C, 0x038C, BY, 64},     {0x038E, 0x038F, BY, 63},     {0x0391, 0x03A1, BY, 32},
    {0x03A3, 0x03AB, BY, 32},     {0x03C2, 0x03C2, BY, 1},      {0x03D8, 0x03EF, EVEN, 1},
    {0x0400, 0x040F, BY, 80},     {0x0410, 0x042F, BY, 32},     {0x0460, 0x0481, EVEN, 1},
    {0x048A, 0x04BF, EVEN, 1},    {0x04C0, 0x04C0, BY, 15},     {0x04C1, 0x04CE, ODD, 1},
    {0x04D0, 0x052F, EVEN, 1},    {0x0531, 0x0556, BY, 48},     {0x1E00, 0x1E95, EVEN, 1},
    {0x1E9E, 0x1E9E, BY, -7615},  {0x1EA0, 0x1EFF, EVEN, 1},    {0x2126, 0x2126, BY, -7517},
    {0x212A, 0x212A, BY, -8383},  {0x212B, 0x212B, BY, -8262},  {0x2160, 0x216F, BY, 16},
    {0x24B6, 0x24CF, BY, 26},     {0x3000, 0x3000, BY, -12256}, {0xFF01, 0xFF20, BY, -65248},
    {0xFF21, 0xFF3A, BY, -65216}, {0xFF3B, 0xFF5E, BY, -65248},
};

static uint32_t
fold_ascii(uint32_t c)
{
	return c - 'A' < 26 ? c + 32 : c;
}

uint32_t
fold_character(uint32_t c)
{
	if (c < 0x80)
		return fold_ascii(c);
	size_t low = 0, high = sizeof(ranges) / sizeof(ranges[0]);
	/* What stands before the first range or between the scripts is most of all text. */
	if (c < 0xC0 || (c > 0x3000 && c < 0xFF01) || c > 0xFF5E)
		return c;
	while (low < high) {
		size_t middle = (low + high) / 2;
		if (ranges[middle].last < c)
			low = middle + 1;
		else
			high = middle;
	}
	const struct range *range = &ranges[low];
	if (low == sizeof(ranges) / sizeof(ranges[0]) || c < range->first)
		return c;
	if ((range->step == EVEN && c % 2 == 1) || (range->step == ODD && c % 2 == 0))
		return c;
	return (uint32_t)((int32_t)c + range->by);
}

uint32_t
fold_next(const char **at)
{
	enum { NO_UTF8 = 0xD800 }; /* surrogates, which no text has */
	const char *text = *at;
	unsigned char first = (unsigned char)text[0];
	uint32_t c = first;
	if (first == 0)
		return 0;
	if (first < 0x80) {
		*at = text + 1;
		return fold_ascii(c);
	}
	size_t size = utf8_read(text, strnlen(text, 4), &c);
	*at = text + (size > 0 ? size : 1);
	return size > 0 ? fold_character(c) : (uint32_t)NO_UTF8 + first;
}

void
fold_needle_init(struct fold_needle *needle, const char *text)
{
	uint32_t c;
	size_t count = 0, border = 0;
	while (count < LIMIT_SEARCH && (c = fold_next(&text)) != 0)
		needle->text[count++] = c;
	needle->count = count;
	needle->border[0] = 0;
	for (size_t i = 1; i < count; i++) {
		while (border > 0 && needle->text[i] != needle->text[border])
			border = needle->border[border - 1];
		border += needle->text[i] == needle->text[border];
		needle->border[i] = (uint16_t)border;
	}
}

/* Knuth, Morris and Pratt: a text is gone through once, whatever is repeated in it. */
bool
fold_contains(const char *text, const struct fold_needle *needle)
{
	size_t matched = 0;
	uint32_t c;
	if (needle->count == 0)
		return true;
	while ((c = fold_next(&text)) != 0) {
		while (matched > 0 && c != needle->text[matched])
			matched = needle->border[matched - 1];
		matched += c == needle->text[matched];
		if (matched == needle->count)
			return true;
	}
	return false;
}
