/* Checks and decodes text from outside: see text.h. */
#include "web/text.h"

#include <string.h>

#include "base/utf8.h"

struct err
text_check(enum err_code code, const char *field, const char *bytes, size_t len)
{
	const char *what = field != NULL ? field : "The body";
	if (utf8_count(bytes, len) < 0)
		return err_in_chinese(
		    err_say(code, field,
		            "%.64s is not UTF-8 text; other encodings, such as GBK, cannot be read.", what),
		    "内容不是 UTF-8 编码的文本，无法读取 GBK 等其他编码，请转换为 UTF-8。");
	if (memchr(bytes, '\0', len) != NULL)
		return err_in_chinese(err_say(code, field, "%.64s must not contain the character NUL.", what),
		                      "内容不能包含 NUL 字符。");
	return err_of(ERR_OK);
}

const char *
text_skip_mark(const char *bytes, size_t *len)
{
	if (*len < 3 || memcmp(bytes, "\xef\xbb\xbf", 3) != 0)
		return bytes;
	*len -= 3;
	return bytes + 3;
}

bool
text_is_gzip(const char *bytes, size_t len)
{
	return len >= 2 && memcmp(bytes, "\x1f\x8b", 2) == 0;
}

static int
hex_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int
text_escaped_byte(const char *text, size_t len)
{
	int high = len >= 3 && text[0] == '%' ? hex_of(text[1]) : -1;
	int low = high >= 0 ? hex_of(text[2]) : -1;
	return low >= 0 ? high << 4 | low : -1;
}
