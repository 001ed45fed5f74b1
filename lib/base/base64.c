/* Base64: three bytes are four characters. */
#include "base/base64.h"

#include <stdint.h>

void
base64_write(const void *bytes, size_t len, char *ret_text)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const uint8_t *from = bytes;
	char *to = ret_text;
	for (; len > 0; from += 3) {
		uint32_t three = (uint32_t)from[0] << 16;
		three |= len > 1 ? (uint32_t)from[1] << 8 : 0;
		three |= len > 2 ? from[2] : 0;
		*to++ = letters[three >> 18];
		*to++ = letters[three >> 12 & 63];
		*to++ = len > 1 ? letters[three >> 6 & 63] : '=';
		*to++ = len > 2 ? letters[three & 63] : '=';
		len = len > 3 ? len - 3 : 0;
	}
	*to = '\0';
}

static int
value_of(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

bool
base64_read(const char *text, size_t len, void *ret_bytes, size_t *ret_len)
{
	uint8_t *to = ret_bytes;
	size_t padding = 0, used = 0;
	if (len % 4 != 0)
		return false;
	if (len > 0 && text[len - 1] == '=')
		padding = text[len - 2] == '=' ? 2 : 1;
	for (size_t i = 0; i < len; i += 4) {
		uint32_t three = 0;
		size_t digits = i + 4 == len ? 4 - padding : 4;
		for (size_t k = 0; k < 4; k++) {
			int value = k < digits ? value_of(text[i + k]) : 0;
			if (value < 0)
				return false;
			three = three << 6 | (uint32_t)value;
		}
		for (size_t k = 0; k + 1 < digits; k++)
			to[used++] = (uint8_t)(three >> (16 - 8 * k));
	}
	*ret_len = used;
	return true;
}
