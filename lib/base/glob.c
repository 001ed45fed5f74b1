/* Lists of patterns: see glob.h. */
#include "base/glob.h"

#include <stddef.h>
#include <string.h>

/* Goes back to the last star only: what it took before fits whatever a former one takes. */
static bool
matches(const char *pattern, size_t len, const char *text)
{
	const char *end = pattern + len, *star = NULL, *resume = NULL;
	while (*text != '\0') {
		if (pattern < end && *pattern == '*') {
			star = ++pattern;
			resume = text;
		} else if (pattern < end && *pattern == *text) {
			pattern++;
			text++;
		} else if (star != NULL) {
			pattern = star;
			text = ++resume;
		} else {
			return false;
		}
	}
	while (pattern < end && *pattern == '*')
		pattern++;
	return pattern == end;
}

bool
glob_listed(const char *list, const char *text)
{
	static const char blanks[] = " ,";
	for (list += strspn(list, blanks); *list != '\0'; list += strspn(list, blanks)) {
		size_t len = strcspn(list, blanks);
		if (matches(list, len, text))
			return true;
		list += len;
	}
	return false;
}
