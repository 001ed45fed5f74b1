/* Checks a path prefix: see prefix.h. */
#include "base/prefix.h"

#include <string.h>

bool
prefix_valid(const char *text)
{
	static const char unreserved[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~";
	if (strlen(text) >= PREFIX_SIZE)
		return false;
	while (*text == '/') {
		size_t len = strspn(++text, unreserved);
		if (len == 0 || (len <= 2 && strspn(text, ".") == len))
			return false;
		text += len;
	}
	return *text == '\0';
}
