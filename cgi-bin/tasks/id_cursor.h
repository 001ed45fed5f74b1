/* Lists that go by ids, the latest first: their cursor, and their limit. */
#ifndef TASKS_ID_CURSOR_H
#define TASKS_ID_CURSOR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/json.h"

struct call;

struct id_page {
	int64_t before; /* ids below it; INT64_MAX = all */
	int64_t limit;
};

/* Reads a query of `cursor` and `limit`, and nothing else. ERR_BAD_FIELD, ERR_BAD_CURSOR. */
struct err id_page_read(struct call *call, struct id_page *ret_page);

/* Reads a cursor; NULL begins at the latest. False where it is none of ours. */
bool id_cursor_read(const char *cursor, int64_t *ret_before);

/* Writes nextCursor: behind the row with this id, or null for 0. */
void id_cursor_write(struct jsonw *w, int64_t id);

#endif
