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

/* Adds `by` times the bytes of the task's images to those of its user, and of that one's block. */
static enum err_code
count_bytes(struct store *store, int64_t task_id, int by)
{
	enum err_code err = ERR_OK;
	for (int block = 0; block <= 1 && err == ERR_OK; block++) {
		struct query query = db_query(store, SQL_IMAGE_COUNT);
		db_int(&query, ":id", task_id);
		db_int(&query, ":block", block);
		db_int(&query, ":by", by);
		err = db_run(&query);
	}
	return err;
}

static enum err_code
note_bytes(struct store *store, int64_t task_id, int64_t bytes)
{
	struct query query = db_query(store, SQL_IMAGE_NOTE);
	db_int(&query, ":id", task_id);
	db_int(&query, ":bytes", bytes);
	return db_run(&query);
}

enum err_code
store_images_add(struct store *store, int64_t task_id, int64_t bytes)
{
	enum err_code err = note_bytes(store, task_id, bytes);
	return err == ERR_OK ? count_bytes(store, task_id, 1) : err;
}

enum err_code
store_images_drop(struct store *store, int64_t task_id)
{
	enum err_code err = count_bytes(store, task_id, -1);
	return err == ERR_OK ? note_bytes(store, task_id, 0) : err;
}

enum err_code
store_images_held(struct store *store, int64_t user_id, struct images_held *ret_held)
{
	struct images_held held = {0};
	struct query query = db_query(store, SQL_IMAGE_HELD);
	db_int(&query, ":user_id", user_id);
	if (db_step(&query)) {
		held.user = db_column_int(&query, 0);
		held.block = db_column_int(&query, 1);
	}
	enum err_code err = db_end(&query);
	if (err == ERR_OK)
		*ret_held = held;
	return err;
}

enum err_code
store_images_sharers(struct store *store, int64_t user_id, int64_t most, int64_t *ret_count)
{
	struct query query = db_query(store, SQL_IMAGE_SHARERS);
	db_int(&query, ":user_id", user_id);
	db_int(&query, ":most", most);
	return db_end_number(&query, 0, ret_count);
}

enum err_code
store_images_old(struct store *store, struct arena *arena, int64_t before, int64_t most,
                 struct image_row **ret_rows, size_t *ret_count)
{
	struct query query = db_query(store, SQL_IMAGE_OLD);
	db_int(&query, ":before", before);
	db_int(&query, ":most", most);
	return db_end_list(&query, arena, read_row, sizeof(**ret_rows), ret_rows, ret_count);
}

enum err_code
store_images_forget(struct store *store, int64_t task_id, int64_t now)
{
	int64_t rev;
	enum err_code err = store_images_drop(store, task_id);
	if (err != ERR_OK)
		return err;
	struct query query = db_query(store, SQL_IMAGE_FORGET);
	db_int(&query, ":id", task_id);
	db_int(&query, ":now", now);
	db_revise(&query);
	return db_end_revised(&query, ERR_NOT_FOUND, &rev);
}

enum err_code
store_images_gone(struct store *store, int64_t task_id, bool *ret_gone)
{
	int64_t gone = 0;
	struct query query = db_query(store, SQL_IMAGE_GONE);
	db_int(&query, ":id", task_id);
	enum err_code err = db_end_number(&query, 0, &gone);
	if (err == ERR_OK)
		*ret_gone = gone != 0;
	return err;
}
