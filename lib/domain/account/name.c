/* Names: see name.h. The table lists all characters that a name may have, so that no invisible one is let in
 * by oversight. A row is a range of code points with its script and, where all of them look like one letter
 * but for case and accents, that letter. */
#include "domain/account/name.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/utf8.h"

enum script {
	SCRIPT_NONE, /* may not stand in a name */
	SCRIPT_SIGN, /* digits and signs, with any script */
	SCRIPT_LATIN,
	SCRIPT_EAST, /* Han, kana, Hangul; also with Latin */
	SCRIPT_GREEK,
	SCRIPT_CYRILLIC,
	SCRIPT_HEBREW,
	SCRIPT_ARABIC,
	SCRIPT_GEORGIAN
};

struct range {
	uint32_t first, last;
	enum script script;
	uint32_t base; /* 0 = each its own */
};

static const struct range ranges[] = {
    {'0', '9', SCRIPT_SIGN, 0},
    {'+', '+', SCRIPT_SIGN, 0},
    {'-', '.', SCRIPT_SIGN, 0},
    {'@', '@', SCRIPT_SIGN, 0},
    {'_', '_', SCRIPT_SIGN, 0},
    {'A', 'Z', SCRIPT_LATIN, 0},
    {'a', 'z', SCRIPT_LATIN, 0},
    {0x00c0, 0x017e, SCRIPT_LATIN, 0}, /* see accents */
    {0x01a0, 0x01a1, SCRIPT_LATIN, 'o'},
    {0x01af, 0x01b0, SCRIPT_LATIN, 'u'},
    {0x0218, 0x0219, SCRIPT_LATIN, 's'},
    {0x021a, 0x021b, SCRIPT_LATIN, 't'},
    {0x1ea0, 0x1eb7, SCRIPT_LATIN, 'a'}, /* Vietnamese */
    {0x1eb8, 0x1ec7, SCRIPT_LATIN, 'e'},
    {0x1ec8, 0x1ecb, SCRIPT_LATIN, 'i'},
    {0x1ecc, 0x1ee3, SCRIPT_LATIN, 'o'},
    {0x1ee4, 0x1ef1, SCRIPT_LATIN, 'u'},
    {0x1ef2, 0x1ef9, SCRIPT_LATIN, 'y'},
    {0x0386, 0x0386, SCRIPT_GREEK, 0x03b1},
    {0x0388, 0x0388, SCRIPT_GREEK, 0x03b5},
    {0x0389, 0x0389, SCRIPT_GREEK, 0x03b7},
    {0x038a, 0x038a, SCRIPT_GREEK, 0x03b9},
    {0x038c, 0x038c, SCRIPT_GREEK, 0x03bf},
    {0x038e, 0x038e, SCRIPT_GREEK, 0x03c5},
    {0x038f, 0x038f, SCRIPT_GREEK, 0x03c9},
    {0x0390, 0x0390, SCRIPT_GREEK, 0x03b9},
    {0x0391, 0x03a1, SCRIPT_GREEK, 0},
    {0x03a3, 0x03a9, SCRIPT_GREEK, 0},
    {0x03aa, 0x03aa, SCRIPT_GREEK, 0x03b9},
    {0x03ab, 0x03ab, SCRIPT_GREEK, 0x03c5},
    {0x03ac, 0x03ac, SCRIPT_GREEK, 0x03b1},
    {0x03ad, 0x03ad, SCRIPT_GREEK, 0x03b5},
    {0x03ae, 0x03ae, SCRIPT_GREEK, 0x03b7},
    {0x03af, 0x03af, SCRIPT_GREEK, 0x03b9},
    {0x03b0, 0x03b0, SCRIPT_GREEK, 0x03c5},
    {0x03c2, 0x03c2, SCRIPT_GREEK, 0x03c3}, /* the sigma at a word's end */
    {0x03b1, 0x03c9, SCRIPT_GREEK, 0},
    {0x03ca, 0x03ca, SCRIPT_GREEK, 0x03b9},
    {0x03cb, 0x03cb, SCRIPT_GREEK, 0x03c5},
    {0x03cc, 0x03cc, SCRIPT_GREEK, 0x03bf},
    {0x03cd, 0x03cd, SCRIPT_GREEK, 0x03c5},
    {0x03ce, 0x03ce, SCRIPT_GREEK, 0x03c9},
    {0x0400, 0x0401, SCRIPT_CYRILLIC, 0x0435}, /* е with accents */
    {0x0450, 0x0451, SCRIPT_CYRILLIC, 0x0435},
    {0x0403, 0x0403, SCRIPT_CYRILLIC, 0x0433}, /* г */
    {0x0453, 0x0453, SCRIPT_CYRILLIC, 0x0433},
    {0x0490, 0x0491, SCRIPT_CYRILLIC, 0x0433},
    {0x0407, 0x0407, SCRIPT_CYRILLIC, 0x0456}, /* і */
    {0x0457, 0x0457, SCRIPT_CYRILLIC, 0x0456},
    {0x040c, 0x040c, SCRIPT_CYRILLIC, 0x043a}, /* к */
    {0x045c, 0x045c, SCRIPT_CYRILLIC, 0x043a},
    {0x040d, 0x040d, SCRIPT_CYRILLIC, 0x0438}, /* и */
    {0x045d, 0x045d, SCRIPT_CYRILLIC, 0x0438},
    {0x0419, 0x0419, SCRIPT_CYRILLIC, 0x0438},
    {0x0439, 0x0439, SCRIPT_CYRILLIC, 0x0438},
    {0x040e, 0x040e, SCRIPT_CYRILLIC, 0x0443}, /* у */
    {0x045e, 0x045e, SCRIPT_CYRILLIC, 0x0443},
    {0x0402, 0x045f, SCRIPT_CYRILLIC, 0},
    {0x05d0, 0x05ea, SCRIPT_HEBREW, 0},
    {0x0622, 0x0623, SCRIPT_ARABIC, 0x0627}, /* alef */
    {0x0625, 0x0625, SCRIPT_ARABIC, 0x0627},
    {0x0624, 0x0624, SCRIPT_ARABIC, 0x0648}, /* waw */
    {0x0626, 0x0626, SCRIPT_ARABIC, 0x064a}, /* yeh, also the Persian one */
    {0x0649, 0x0649, SCRIPT_ARABIC, 0x064a},
    {0x06cc, 0x06cc, SCRIPT_ARABIC, 0x064a},
    {0x0629, 0x0629, SCRIPT_ARABIC, 0x0647}, /* heh */
    {0x06a9, 0x06a9, SCRIPT_ARABIC, 0x0643}, /* kaf */
    {0x0621, 0x063a, SCRIPT_ARABIC, 0},
    {0x0641, 0x064a, SCRIPT_ARABIC, 0},
    {0x067e, 0x067e, SCRIPT_ARABIC, 0}, /* Persian */
    {0x0686, 0x0686, SCRIPT_ARABIC, 0},
    {0x0698, 0x0698, SCRIPT_ARABIC, 0},
    {0x06af, 0x06af, SCRIPT_ARABIC, 0},
    {0x10d0, 0x10f0, SCRIPT_GEORGIAN, 0},
    {0x30fc, 0x30fc, SCRIPT_EAST, '-'}, /* the long sound, and the Han one */
    {0x4e00, 0x4e00, SCRIPT_EAST, '-'},
    {0x4e28, 0x4e28, SCRIPT_EAST, 'l'},    /* a stroke */
    {0x30a8, 0x30a8, SCRIPT_EAST, 0x5de5}, /* katakana that look like Han */
    {0x30aa, 0x30aa, SCRIPT_EAST, 0x624d},
    {0x30ab, 0x30ab, SCRIPT_EAST, 0x529b},
    {0x30bf, 0x30bf, SCRIPT_EAST, 0x5915},
    {0x30c1, 0x30c1, SCRIPT_EAST, 0x5343},
    {0x30c8, 0x30c8, SCRIPT_EAST, 0x535c},
    {0x30cb, 0x30cb, SCRIPT_EAST, 0x4e8c},
    {0x30cf, 0x30cf, SCRIPT_EAST, 0x516b},
    {0x30ed, 0x30ed, SCRIPT_EAST, 0x53e3},
    {0x30d8, 0x30d8, SCRIPT_EAST, 0x3078}, /* … and like hiragana */
    {0x30d9, 0x30d9, SCRIPT_EAST, 0x3079},
    {0x30da, 0x30da, SCRIPT_EAST, 0x307a},
    {0x30ea, 0x30ea, SCRIPT_EAST, 0x308a},
    {0x3005, 0x3005, SCRIPT_EAST, 0},
    {0x3041, 0x3096, SCRIPT_EAST, 0},
    {0x30a1, 0x30fa, SCRIPT_EAST, 0},
    {0x3400, 0x4dbf, SCRIPT_EAST, 0},
    {0x4e00, 0x9fff, SCRIPT_EAST, 0},
    {0xac00, 0xd7a3, SCRIPT_EAST, 0}, /* Hangul, whole syllables */
    {0x20000, 0x2a6df, SCRIPT_EAST, 0},
    {0x2a700, 0x2ebe0, SCRIPT_EAST, 0},
    {0x30000, 0x323af, SCRIPT_EAST, 0},
};

/* The letters from U+00C0 to U+017E without case and accent; ? = it may not stand in a name: signs, and what
 * NFKC would write otherwise. */
static const char accents[] = "aaaaaaaceeeeiiiidnooooo?ouuuuyps"
                              "aaaaaaaceeeeiiiidnooooo?ouuuuypy"
                              "aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiii??jjkkk"
                              "llllll??llnnnnnn?nnoooooooorrrrrrssssssssttttttuuuuuuuuuuuu"
                              "wwyyyzzzzzz";

_Static_assert(sizeof(accents) == 0x017e - 0x00c0 + 2, "a letter for each");

/* Letters that look like Latin ones as they are. */
static const uint32_t latin_like[] = {
    0x0391, 0x0392, 0x0395, 0x0396, 0x0397, 0x0399, 0x039a, 0x039c, 0x039d, 0x039f, 0x03a1, 0x03a4, 0x03a5,
    0x03a7, 0x03b1, 0x03b3, 0x03b7, 0x03b9, 0x03ba, 0x03bd, 0x03bf, 0x03c1, 0x03c5, 0x03c7, 0x0405, 0x0406,
    0x0408, 0x0410, 0x0412, 0x0415, 0x041a, 0x041c, 0x041d, 0x041e, 0x0420, 0x0421, 0x0422, 0x0423, 0x0425,
    0x0430, 0x0435, 0x043a, 0x043e, 0x0440, 0x0441, 0x0443, 0x0445, 0x0455, 0x0456, 0x0458,
};

/* Names that a user could pose by. Each may be registered itself, so that an operator can have it. */
static const char *const reserved[] = {"admin",    "administrator", "root",    "system",
                                       "operator", "moderator",     "support", "longreel"};

/* The next character of valid UTF-8. */
static uint32_t
next_char(const char **at)
{
	const unsigned char *s = (const unsigned char *)*at;
	size_t size = s[0] < 0x80 ? 1 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
	uint32_t c = size == 1 ? s[0] : s[0] & (0xffU >> (size + 1));
	for (size_t i = 1; i < size; i++)
		c = c << 6 | (s[i] & 0x3f);
	*at += size;
	return c;
}

/* Writes the character as UTF-8. Returns the new end. */
static char *
put_char(char *to, uint32_t c)
{
	if (c < 0x80) {
		*to++ = (char)c;
		return to;
	}
	int more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
	*to++ = (char)((0xf00U >> more & 0xff) | c >> 6 * more);
	while (more-- > 0)
		*to++ = (char)(0x80 | (c >> 6 * more & 0x3f));
	return to;
}

/* The small letter of a capital one. */
static uint32_t
to_small(uint32_t c)
{
	if ((c >= 'A' && c <= 'Z') || (c >= 0x0391 && c <= 0x03a9) || (c >= 0x0410 && c <= 0x042f))
		return c + 0x20;
	return c >= 0x0400 && c <= 0x040f ? c + 0x50 : c;
}

/* The script of a character, and what it looks like. */
static enum script
look_up(uint32_t c, uint32_t *ret_base)
{
	const struct range *range = NULL;
	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]) && range == NULL; i++)
		if (c >= ranges[i].first && c <= ranges[i].last)
			range = &ranges[i];
	if (range == NULL)
		return SCRIPT_NONE;
	*ret_base = range->base != 0 ? range->base : to_small(c);
	if (range->first == 0x00c0)
		*ret_base = (uint32_t)accents[c - 0x00c0];
	return *ret_base == '?' ? SCRIPT_NONE : range->script;
}

static bool
looks_latin(uint32_t c)
{
	for (size_t i = 0; i < sizeof(latin_like) / sizeof(latin_like[0]); i++)
		if (latin_like[i] == c)
			return true;
	return false;
}

/* ---- shapes ---- */

/* Replaces two letters that look like one. Returns the new end. */
static char *
join_pairs(char *start, char *end, const char pair[2], char one)
{
	char *to = start;
	for (const char *from = start; from < end; from++) {
		bool both = from + 1 < end && from[0] == pair[0] && from[1] == pair[1];
		*to++ = both ? one : *from;
		from += both;
	}
	return to;
}

bool
name_shape(const char *name, char ret_shape[NAME_SHAPE_SIZE])
{
	char shape[NAME_SHAPE_SIZE], *to = shape;
	ssize_t count = utf8_count(name, strlen(name));
	if (count < 1 || count > LIMIT_USERNAME)
		return false;
	while (*name != '\0') {
		uint32_t base = 0;
		if (look_up(next_char(&name), &base) == SCRIPT_NONE)
			return false;
		if (base == '1' || base == 'i')
			base = 'l';
		to = put_char(to, base == '0' ? 'o' : base);
	}
	to = join_pairs(shape, to, "rn", 'm');
	to = join_pairs(shape, to, "vv", 'w');
	*to = '\0';
	memcpy(ret_shape, shape, (size_t)(to - shape) + 1);
	return true;
}

/* ---- what may be registered ---- */

static bool
same_in_ascii(const char *a, const char *b)
{
	while (*a != '\0' && to_small((unsigned char)*a) == (unsigned char)*b)
		a++, b++;
	return *a == *b;
}

/* Takes the signs out of a name: admin_ is read as admin. */
static void
drop_signs(char *name)
{
	char *to = name;
	for (; *name != '\0'; name++)
		if (strchr("._-@+", *name) == NULL)
			*to++ = *name;
	*to = '\0';
}

/* True for a name that looks like a reserved one, but is not the same. */
static bool
is_impostor(const char *name)
{
	char shape[NAME_SHAPE_SIZE], other[NAME_SHAPE_SIZE];
	if (!name_shape(name, shape))
		return false;
	drop_signs(shape);
	for (size_t i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++)
		if (name_shape(reserved[i], other) && strcmp(shape, other) == 0 &&
		    !same_in_ascii(name, reserved[i]))
			return true;
	return false;
}

/* Collects the scripts of the name, a bit each; false where it has a character that no name may have.
 * ret_distinct: true where a letter does not look like a Latin one. */
static bool
find_scripts(const char *name, unsigned *ret_scripts, bool *ret_distinct)
{
	*ret_scripts = 0;
	*ret_distinct = false;
	while (*name != '\0') {
		uint32_t base, c = next_char(&name);
		enum script script = look_up(c, &base);
		if (script == SCRIPT_NONE)
			return false;
		if (script == SCRIPT_SIGN)
			continue;
		*ret_scripts |= 1U << script;
		if (!looks_latin(c))
			*ret_distinct = true;
	}
	return true;
}

bool
name_is_reserved(const char *name)
{
	for (size_t i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++)
		if (same_in_ascii(name, reserved[i]))
			return true;
	return false;
}

const char *
name_fault(const char *name)
{
	const unsigned latin = 1U << SCRIPT_LATIN, east = 1U << SCRIPT_EAST;
	ssize_t count = utf8_count(name, strlen(name));
	unsigned scripts;
	bool distinct;
	if (count < 1 || count > LIMIT_USERNAME)
		return "username must have 1 to 64 characters.";
	if (!find_scripts(name, &scripts, &distinct))
		return "username must consist of letters, digits and . _ - @ + only.";
	if (strchr(".-@+", name[0]) != NULL)
		return "username must begin with a letter, a digit or _.";
	if ((scripts & (scripts - 1)) != 0 && scripts != (latin | east))
		return "username must not mix alphabets.";
	if (scripts != 0 && !distinct)
		return "username must have a letter that does not look like a Latin one.";
	return is_impostor(name) ? "username looks like a reserved name, such as admin." : NULL;
}
