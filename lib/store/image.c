/* The images of tasks. */
#include "store/image.h"

#include "store/db.h"

static void
read_row(struct query *query, struct arena *arena, void *ret_row)
{
	struct image_row *row = ret_row;
	row->task_id = db_column_int(query, 0);
	row->input_file = db_column_copy(query, arena, 1);
	row->images = db_column_copy(query, arena, 2);
}

enum err_code
store_images_after(struct store *store, struct arena *arena, int64_t after, int64_t most,
                   struct image_row **ret_rows, size_t *ret_count)
{
	struct query query = db_query(store, SQL_IMAGE_AFTER);
	db_int(&query, ":after", after);
	db_int(&query, ":most", most);
	return db_end_list(&query, arena, read_row, sizeof(**ret_rows), ret_rows, ret_count);
}
