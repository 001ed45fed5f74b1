/* 160 combinations of options, written out, are 100 KB in each program; a page of it costs memory whether it
 * is looked at or not, as the kernel reads around what is. */
#include "store/sql_text.h"

#include <stddef.h>
#include <string.h>

#include "base/buf.h"

enum { MARK = 1, MARK_SIZE = 3, BITS_FROM = 128 };

/* Whether the line at `at` belongs to the combination `shape`. */
static int
belongs(const char *at, unsigned shape)
{
	unsigned with = (unsigned char)at[1] - BITS_FROM, without = (unsigned char)at[2] - BITS_FROM;
	return (shape & with) == with && (shape & without) == 0;
}

const char *
sql_text(const char *const *queries, int name, struct buf *room)
{
	const char *at = queries[name], *next;
	int first = name;
	if (at == NULL || strchr(at, MARK) == NULL)
		return at;
	while (first > 0 && queries[first - 1] == at)
		first--;
	for (; *at != '\0'; at = next) {
		next = strchr(at, '\n') + 1;
		if (*at == MARK && belongs(at, (unsigned)(name - first)))
			buf_add(room, at + MARK_SIZE, (size_t)(next - at) - MARK_SIZE);
		else if (*at != MARK)
			buf_add(room, at, (size_t)(next - at));
	}
	return room->failed ? NULL : buf_str(room);
}
