/* Replaces what no string of JSON may have, or none of ours: see json.h. */
#include <string.h>

#include "base/json.h"
#include "base/utf8.h"

enum { ESCAPE = 6 /* bytes of a \u escape */ };

/* Reads the \u escape that the bytes begin with; -1 where they begin with none. */
static int
read_escape(const char *bytes, size_t len)
{
	static const char digits[] = "0123456789abcdef";
	int unit = 0;
	if (len < ESCAPE || bytes[0] != '\\' || bytes[1] != 'u')
		return -1;
	for (int i = 2; i < ESCAPE; i++) {
		const char *digit =
		    bytes[i] != '\0'
		        ? strchr(digits, bytes[i] >= 'A' && bytes[i] <= 'F' ? bytes[i] | 0x20 : bytes[i])
		        : NULL;
		if (digit == NULL)
			return -1;
		unit = unit * 16 + (int)(digit - digits);
	}
	return unit;
}

static bool
is_low(int unit)
{
	return unit >= 0xDC00 && unit <= 0xDFFF;
}

/* Returns the length of the escape, or pair of them, that a backslash begins; mends it. */
static size_t
mend_escape(char *bytes, size_t len, bool *mended)
{
	int unit = read_escape(bytes, len);
	if (unit < 0)
		return len < 2 ? len : 2;
	bool high = unit >= 0xD800 && unit <= 0xDBFF;
	if (high && is_low(read_escape(bytes + ESCAPE, len - ESCAPE)))
		return 2 * (size_t)ESCAPE;
	if (unit == 0 || high || is_low(unit)) {
		memcpy(bytes + 2, "fffd", 4);
		*mended = true;
	}
	return ESCAPE;
}

bool
json_mend(char *bytes, size_t len)
{
	bool mended = false, inside = false;
	for (size_t at = 0, n; at < len; at += n) {
		unsigned char c = (unsigned char)bytes[at];
		uint32_t character;
		n = 1;
		if (c >= 0x80) {
			n = utf8_read(bytes + at, len - at, &character);
		} else if (inside && c == '\\') {
			n = mend_escape(bytes + at, len - at, &mended);
		} else if (inside && c < ' ') {
			n = 0;
		} else if (c == '"') {
			inside = !inside;
		}
		if (n == 0) {
			bytes[at] = c < ' ' ? ' ' : '?';
			mended = true;
			n = 1;
		}
	}
	return mended;
}
