/* Cursors: see list_cursor.h. */
#include "list_cursor.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/list.h"

static char
letter_of(const struct task_page *page)
{
	if (page->order == TASK_BY_CREATED)
		return page->ascending ? 'C' : 'c';
	return page->ascending ? 'U' : 'u';
}

bool
list_cursor_read(const char *cursor, struct task_page *page)
{
	size_t digits = strspn(cursor + 1, "0123456789");
	if (cursor[0] != letter_of(page) || digits == 0 || cursor[1 + digits] != '\0')
		return false;
	errno = 0;
	page->after = strtoll(cursor + 1, NULL, 10);
	return errno == 0 && page->after > 0;
}

void
list_cursor_write(const struct task_page *page, int64_t after, char ret_cursor[LIST_CURSOR_SIZE])
{
	snprintf(ret_cursor, LIST_CURSOR_SIZE, "%c%" PRId64, letter_of(page), after);
}
