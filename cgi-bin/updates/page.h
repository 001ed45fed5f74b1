/* One page of updates, as bytes: the same for those who are answered at once and for those who waited. */
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
	struct feed_place place; /* what has changed after this */
	const struct links *links;
	const char *video_id; /* one task only; "" = any of the user's */
};

/* Appends the answer's "data" object to `out`: updates, the cursor after them, more. `ret_empty` where
 * nothing has changed; the cursor is then the one that was asked with. */
enum err_code page_write(struct store *store, struct arena *arena, const struct page_query *query,
                         struct buf *out, bool *ret_empty);

/* Appends the "data" object that has no updates and the cursor of `place`. */
void page_write_empty(const char *epoch, struct feed_place place, struct buf *out);

#endif
