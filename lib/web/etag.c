/* Entity tags: see etag.h. */
#include "web/etag.h"

#include <string.h>

bool
etag_matches(const char *if_none_match, const char *etag)
{
	size_t len = strlen(etag);
	const char *at = if_none_match;
	while (at != NULL && *at != '\0') {
		at += strspn(at, " \t,");
		if (*at == '*')
			return true;
		if (strncmp(at, "W/", 2) == 0)
			at += 2;
		if (strncmp(at, etag, len) == 0)
			return true;
		/* Skip the quoted tag, which may hold commas. */
		const char *quote = *at == '"' ? strchr(at + 1, '"') : NULL;
		at = quote != NULL ? quote + 1 : at + strcspn(at, ",");
	}
	return false;
}
