/* The rows of the archive: videos to be fetched, videos that are kept, and their sum. */
#include "store/archive.h"

#include "store/db.h"
#include "store/row.h"

enum err_code
store_archive_due(struct store *store, struct arena *arena, const struct archive_due *due,
                  struct task *ret_task, int64_t *ret_due_at)
{
	int64_t id = 0, due_at = 0;
	struct query query = db_query(store, SQL_ARCHIVE_DUE);
	db_int(&query, ":tries", due->tries);
	db_int(&query, ":after", due->after);
	db_int(&query, ":before", due->before);
	if (db_step(&query)) {
		id = db_column_int(&query, 0);
		due_at = db_column_int(&query, 1);
	}
	enum err_code err = db_end_found(&query, id != 0);
	if (err != ERR_OK)
		return err;
	query = db_query(store, SQL_CLAIM_LOAD);
	db_int(&query, ":id", id);
	err = row_one(&query, arena, ret_task);
	if (err == ERR_OK)
		*ret_due_at = due_at;
	return err;
}

enum err_code
store_archive_take(struct store *store, int64_t id, const char *owner, int64_t until)
{
	return db_take_lease(store, SQL_ARCHIVE_TAKE, id, owner, until);
}

enum err_code
store_archive_next_due(struct store *store, int64_t *ret_due_at)
{
	struct query query = db_query(store, SQL_ARCHIVE_NEXT);
	return db_end_number(&query, INT64_MAX, ret_due_at);
}

/* What is kept here does not go with the upstream's file; clients are told. */
static enum err_code
forget_expiry(struct store *store, int64_t id, int64_t now)
{
	int64_t rev;
	struct query query = db_query(store, SQL_ARCHIVE_LASTS);
	db_int(&query, ":id", id);
	db_int(&query, ":now", now);
	db_revise(&query);
	enum err_code err = db_end_revised(&query, ERR_NOT_FOUND, &rev);
	return err == ERR_NOT_FOUND ? ERR_OK : err;
}

/* Adds `by` times the file of the task, where it is kept, to what is held of its user and of all. */
static enum err_code
count_held(struct store *store, int64_t id, int by)
{
	enum err_code err = ERR_OK;
	for (int all = 0; all <= 1 && err == ERR_OK; all++) {
		struct query query = db_query(store, SQL_ARCHIVE_COUNT);
		db_int(&query, ":id", id);
		db_int(&query, ":all", all);
		db_int(&query, ":by", by);
		err = db_run(&query);
	}
	return err;
}

enum err_code
store_archive_keep(struct store *store, int64_t id, const char *owner, const struct archive_entry *file)
{
	struct query query = db_query(store, SQL_ARCHIVE_KEEP);
	db_int(&query, ":id", id);
	db_text(&query, ":owner", owner);
	db_text(&query, ":type", file->type);
	db_int(&query, ":size", file->size);
	db_int(&query, ":now", file->kept_at);
	enum err_code err = db_run_one(&query, ERR_CONFLICT);
	if (err == ERR_OK)
		err = count_held(store, id, 1);
	return err == ERR_OK ? forget_expiry(store, id, file->kept_at) : err;
}

enum err_code
store_archive_return(struct store *store, int64_t id, const char *owner, int64_t due_at, bool failed)
{
	struct query query = db_query(store, SQL_ARCHIVE_RETURN);
	db_int(&query, ":id", id);
	db_text(&query, ":owner", owner);
	db_int(&query, ":due_at", due_at);
	db_int(&query, ":failed", failed);
	return db_run_one(&query, ERR_CONFLICT);
}

/* All columns, with the video id where the statement has it. */
static void
read_entry(struct query *query, struct arena *arena, void *ret_file)
{
	*(struct archive_entry *)ret_file = (struct archive_entry){
	    .task_id = db_column_int(query, 0),
	    .video_id = db_column_copy(query, arena, 1),
	    .type = db_column_copy(query, arena, 2),
	    .size = db_column_int(query, 3),
	    .kept_at = db_column_int(query, 4),
	    .state = db_column_copy(query, arena, 5),
	    .due_at = db_column_int(query, 6),
	    .tries = db_column_int(query, 7),
	};
}

enum err_code
store_archive_get(struct store *store, struct arena *arena, int64_t id, struct archive_entry *ret_file)
{
	struct query query = db_query(store, SQL_ARCHIVE_GET);
	db_int(&query, ":id", id);
	return db_end_one(&query, arena, read_entry, sizeof(*ret_file), ret_file);
}

enum err_code
store_archive_look(struct store *store, struct arena *arena, int64_t id, struct archive_entry *ret_file)
{
	struct query query = db_query(store, SQL_ARCHIVE_LOOK);
	db_int(&query, ":id", id);
	return db_end_one(&query, arena, read_entry, sizeof(*ret_file), ret_file);
}

enum err_code
store_archive_total(struct store *store, int64_t *ret_count, int64_t *ret_bytes)
{
	int64_t count = 0, bytes = 0;
	struct query query = db_query(store, SQL_ARCHIVE_TOTAL);
	if (db_step(&query)) {
		count = db_column_int(&query, 0);
		bytes = db_column_int(&query, 1);
	}
	enum err_code err = db_end(&query);
	if (err != ERR_OK)
		return err;
	*ret_count = count;
	*ret_bytes = bytes;
	return ERR_OK;
}

enum err_code
store_archive_oldest(struct store *store, struct arena *arena, struct archive_entry *ret_file)
{
	struct query query = db_query(store, SQL_ARCHIVE_OLDEST);
	return db_end_one(&query, arena, read_entry, sizeof(*ret_file), ret_file);
}

enum err_code
store_archive_victim(struct store *store, struct arena *arena, struct archive_entry *ret_file)
{
	struct query query = db_query(store, SQL_ARCHIVE_VICTIM);
	return db_end_one(&query, arena, read_entry, sizeof(*ret_file), ret_file);
}

enum err_code
store_archive_after(struct store *store, struct arena *arena, int64_t kept_at, struct archive_entry *ret_file)
{
	struct query query = db_query(store, SQL_ARCHIVE_AFTER);
	db_int(&query, ":kept_at", kept_at);
	return db_end_one(&query, arena, read_entry, sizeof(*ret_file), ret_file);
}

enum err_code
store_archive_want(struct store *store, int64_t id, int64_t now)
{
	enum err_code err = count_held(store, id, -1);
	if (err != ERR_OK)
		return err;
	struct query query = db_query(store, SQL_ARCHIVE_WANT);
	db_int(&query, ":id", id);
	db_int(&query, ":now", now);
	return db_run_one(&query, ERR_CONFLICT);
}

enum err_code
store_archive_drop(struct store *store, int64_t id)
{
	enum err_code err = count_held(store, id, -1);
	return err == ERR_OK ? db_run_id(store, SQL_ARCHIVE_DROP, id) : err;
}

enum err_code
store_archive_known(struct store *store, const char *video_id, bool *ret_known, int64_t *ret_size)
{
	int64_t size = -1;
	struct query query = db_query(store, SQL_ARCHIVE_KNOWN);
	db_text(&query, ":video_id", video_id);
	bool known = db_step(&query);
	if (known)
		size = db_column_int(&query, 0);
	enum err_code err = db_end(&query);
	if (err != ERR_OK)
		return err;
	*ret_known = known;
	*ret_size = size;
	return ERR_OK;
}
