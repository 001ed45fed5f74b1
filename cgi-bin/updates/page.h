/* A page of updates as JSON: the same for clients that are answered at once and for those that waited. */
#ifndef UPDATES_PAGE_H
#define UPDATES_PAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "domain/task/cursor.h"

struct arena;
struct buf;
struct links;
struct store;

struct page_query {
	const char *epoch; /* of the database */
	int64_t user_id;
	struct feed_place place; /* changes after it */
	const struct links *links;
	const char *video_id; /* of one task; "" = all of the user's */
};

/* Appends the answer's "data" object to `out`: updates, the cursor after them, more. `ret_empty`: nothing has
 * changed; the cursor is then the one of the query. ERR_TASK_NOT_FOUND, ERR_NO_MEMORY, the store's errors. */
enum err_code page_write(struct store *store, struct arena *arena, const struct page_query *query,
                         struct buf *out, bool *ret_empty);

/* Appends a "data" object without updates, with the cursor of `place`. */
void page_write_empty(const char *epoch, struct feed_place place, struct buf *out);

#endif
