/* Cursors are "<epoch>-<revision in decimal>"; where a single task was asked for, "<epoch>-<revision of
 * all>-<revision of the task>-<row of the task>". */
#include "domain/task/cursor.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
feed_cursor_text(const char *epoch, struct feed_place place, char ret_cursor[FEED_CURSOR_SIZE])
{
	if (place.one == place.all)
		snprintf(ret_cursor, FEED_CURSOR_SIZE, "%s-%" PRId64, epoch, place.all);
	else
		snprintf(ret_cursor, FEED_CURSOR_SIZE, "%s-%" PRId64 "-%" PRId64 "-%" PRId64, epoch,
		         place.all, place.one, place.id);
}

/* Reads a revision as we write it, and moves `at` behind it. */
static bool
read_rev(const char **at, int64_t *ret_rev)
{
	size_t count = strspn(*at, "0123456789");
	if (count == 0 || (count > 1 && **at == '0'))
		return false;
	errno = 0;
	*ret_rev = strtoll(*at, NULL, 10);
	*at += count;
	return errno == 0;
}

enum err_code
feed_cursor_parse(const char *cursor, const char *epoch, int64_t head, struct feed_place *ret_place)
{
	struct feed_place place = {0};
	if (strcmp(cursor, "0") == 0) {
		*ret_place = place;
		return ERR_OK;
	}
	size_t len = strspn(cursor, "0123456789abcdefghijklmnopqrstuvwxyz");
	if (len == 0 || len >= IDS_SHORT_SIZE || cursor[len] != '-')
		return ERR_BAD_CURSOR;
	const char *at = cursor + len + 1;
	if (!read_rev(&at, &place.all))
		return ERR_BAD_CURSOR;
	place.one = place.all;
	if (*at == '-') {
		at++;
		if (!read_rev(&at, &place.one) || place.one <= place.all || *at++ != '-' ||
		    !read_rev(&at, &place.id) || place.id == 0)
			return ERR_BAD_CURSOR;
	}
	if (*at != '\0')
		return ERR_BAD_CURSOR;
	if (strlen(epoch) != len || memcmp(cursor, epoch, len) != 0 || place.one > head)
		return ERR_CURSOR_GONE;
	*ret_place = place;
	return ERR_OK;
}
