/* Cursors: "<epoch>-<revision in decimal>". */
#include "domain/feed.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
feed_cursor_text(const char *epoch, int64_t rev, char ret_cursor[FEED_CURSOR_SIZE])
{
	snprintf(ret_cursor, FEED_CURSOR_SIZE, "%s-%" PRId64, epoch, rev);
}

enum err_code
feed_cursor_parse(const char *cursor, const char *epoch, int64_t head, int64_t *ret_rev)
{
	if (strcmp(cursor, "0") == 0) {
		*ret_rev = 0;
		return ERR_OK;
	}
	const char *dash = strchr(cursor, '-');
	if (dash == NULL || dash == cursor || dash - cursor >= IDS_SHORT_SIZE)
		return ERR_BAD_CURSOR;
	const char *digits = dash + 1;
	size_t count = strspn(digits, "0123456789");
	if (count == 0 || digits[count] != '\0' || (count > 1 && digits[0] == '0') ||
	    cursor[strspn(cursor, "0123456789abcdefghijklmnopqrstuvwxyz")] != '-')
		return ERR_BAD_CURSOR;
	errno = 0;
	long long rev = strtoll(digits, NULL, 10);
	if (errno != 0)
		return ERR_BAD_CURSOR;
	size_t len = (size_t)(dash - cursor);
	if (strlen(epoch) != len || memcmp(cursor, epoch, len) != 0 || rev > head)
		return ERR_CURSOR_GONE;
	*ret_rev = rev;
	return ERR_OK;
}
