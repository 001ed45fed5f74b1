/* UTF-8 by the table of RFC 3629, section 4: the first byte says how many follow and in which range the
 * second must lie; that range alone excludes overlong forms, surrogates and what is above U+10FFFF. */
#include "base/utf8.h"

#include <string.h>

/* Returns the number of bytes of the character at `s`, from at most `len`; 0 for invalid UTF-8. */
static size_t
character_size(const unsigned char *s, size_t len)
{
	unsigned char least = 0x80, most = 0xBF;
	size_t size;

	if (s[0] < 0x80)
		return 1;
	if (s[0] < 0xC2 || s[0] > 0xF4)
		return 0;
	size = s[0] < 0xE0 ? 2 : s[0] < 0xF0 ? 3 : 4;
	if (s[0] == 0xE0)
		least = 0xA0;
	else if (s[0] == 0xED)
		most = 0x9F;
	else if (s[0] == 0xF0)
		least = 0x90;
	else if (s[0] == 0xF4)
		most = 0x8F;
	if (len < size || s[1] < least || s[1] > most)
		return 0;
	for (size_t i = 2; i < size; i++) {
		if ((s[i] & 0xC0) != 0x80)
			return 0;
	}
	return size;
}

ssize_t
utf8_count(const char *s, size_t len)
{
	const unsigned char *at = (const unsigned char *)s;
	ssize_t count = 0;

	while (len > 0) {
		size_t size = character_size(at, len);

		if (size == 0)
			return -1;
		at += size;
		len -= size;
		count++;
	}
	return count;
}

size_t
utf8_read(const char *s, size_t len, uint32_t *ret_character)
{
	static const unsigned char masks[] = {0, 0x7F, 0x1F, 0x0F, 0x07};
	const unsigned char *at = (const unsigned char *)s;
	size_t size = character_size(at, len);
	uint32_t c = size > 0 ? at[0] & masks[size] : 0;

	for (size_t i = 1; i < size; i++)
		c = c << 6 | (at[i] & 0x3F);
	if (size > 0)
		*ret_character = c;
	return size;
}

size_t
utf8_cut(const char *s, size_t max)
{
	size_t len = strnlen(s, max), back = 0;

	if (len < max || s[len] == '\0')
		return len;
	/* A character has three continuation bytes at most; more of them are no UTF-8 and stay. */
	while (back < 3 && back < len && ((unsigned char)s[len - back] & 0xC0) == 0x80)
		back++;
	return ((unsigned char)s[len - back] & 0xC0) == 0x80 ? len : len - back;
}

bool
utf8_has_control(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)s[i];

		if ((c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7F)
			return true;
	}
	return false;
}

bool
utf8_is_line(const char *s, ssize_t least, ssize_t most)
{
	size_t len = strlen(s);
	ssize_t count = utf8_count(s, len);
	return count >= least && count >= 0 && count <= most && !utf8_has_control(s, len) &&
	       strpbrk(s, "\t\r\n") == NULL;
}
