/* How list.c composes its statements, for the test that looks at the plan of each. */
#ifndef STORE_LIST_H
#define STORE_LIST_H

#include <stdbool.h>

struct buf;

/* What a list may ask for; together they number its statement. */
enum list_shape {
	LIST_USER = 1,
	LIST_STATUS = 2,
	LIST_MODEL = 4,
	LIST_MEDIA_TYPE = 8,
	LIST_TEXT = 16,
	LIST_UPDATED = 32,
	LIST_ASCENDING = 64,
	LIST__MAX = 128
};

/* Appends the text of a list, or of a count, to `sql`. False when memory is short. */
bool list_compose(unsigned shape, bool count, struct buf *sql);

#endif
