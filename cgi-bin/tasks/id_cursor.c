/* Lists that go by ids: see id_cursor.h. The cursor is the id of the last row, as text. */
#include "id_cursor.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/call.h"
#include "base/limits.h"
#include "web/field.h"

enum { DIGITS = 18, PRESET = 20 };

struct query {
	const char *cursor;
	struct field_int limit;
};

static const struct field fields[] = {
    {"cursor", FIELD_LINE, offsetof(struct query, cursor), .min = 1, .max = LIMIT_WORD},
    {"limit", FIELD_INT, offsetof(struct query, limit), .min = 1, .max = LIMIT_PAGE_SIZE},
};

bool
id_cursor_read(const char *cursor, int64_t *ret_before)
{
	if (cursor == NULL) {
		*ret_before = INT64_MAX;
		return true;
	}
	size_t len = strlen(cursor);
	if (len < 1 || len > DIGITS || strspn(cursor, "0123456789") != len || cursor[0] == '0')
		return false;
	*ret_before = strtoll(cursor, NULL, 10);
	return true;
}

void
id_cursor_write(struct jsonw *w, int64_t id)
{
	char text[DIGITS + 2];
	snprintf(text, sizeof(text), "%" PRId64, id);
	jsonw_string(w, "nextCursor", id != 0 ? text : NULL);
}

struct err
id_page_read(struct call *call, struct id_page *ret_page)
{
	struct query query = {0};
	struct id_page page;
	struct err err = field_read_query(fields, sizeof(fields) / sizeof(fields[0]), call->request, &query);
	if (err.code == ERR_OK && !id_cursor_read(query.cursor, &page.before))
		err.code = ERR_BAD_CURSOR;
	if (err.code != ERR_OK)
		return err;
	page.limit = query.limit.set ? query.limit.value : PRESET;
	*ret_page = page;
	return err;
}
