/* Rows of the table task as struct task: the columns of task_row in sql/queries/task.sql, in their order. */
#include "store/row.h"

#include <string.h>

#include "base/arena.h"

#define COLUMNS(X)                                                                                           \
	X(id)                                                                                                \
	X(user_id)                                                                                           \
	X(video_id)                                                                                          \
	X(external_id)                                                                                       \
	X(client_request_id)                                                                                 \
	X(fingerprint)                                                                                       \
	X(channel)                                                                                           \
	X(state)                                                                                             \
	X(progress)                                                                                          \
	X(prompt)                                                                                            \
	X(model)                                                                                             \
	X(size)                                                                                              \
	X(seconds)                                                                                           \
	X(aspect_ratio)                                                                                      \
	X(media_type)                                                                                        \
	X(options)                                                                                           \
	X(input_file)                                                                                        \
	X(input_type)                                                                                        \
	X(video_url)                                                                                         \
	X(image_url)                                                                                         \
	X(error_code)                                                                                        \
	X(error_message)                                                                                     \
	X(metadata)                                                                                          \
	X(attempt)                                                                                           \
	X(created_at)                                                                                        \
	X(updated_at)                                                                                        \
	X(completed_at)                                                                                      \
	X(deadline_at)                                                                                       \
	X(rev)                                                                                               \
	X(due_at)                                                                                            \
	X(owner)                                                                                             \
	X(polls)                                                                                             \
	X(misses)                                                                                            \
	X(parent_id)                                                                                         \
	X(root_id)                                                                                           \
	X(source_external_id)                                                                                \
	X(deleted)                                                                                           \
	X(keyed)                                                                                             \
	X(repeats)                                                                                           \
	X(api_key)                                                                                           \
	X(key_id)

enum {
#define COLUMN(name) COL_##name,
	COLUMNS(COLUMN)
#undef COLUMN
	    COL__MAX
};

const char *
row_column(int n)
{
	static const char *const names[] = {
#define COLUMN(name) [COL_##name] = #name,
	    COLUMNS(COLUMN)
#undef COLUMN
	};
	return n < COL__MAX ? names[n] : NULL;
}

void
row_task(struct query *query, struct arena *arena, struct task *ret_task)
{
	struct task task = {
#define NUMBER(name) .name = db_column_int(query, COL_##name)
#define TEXT(name)   .name = db_column_copy(query, arena, COL_##name)
	    NUMBER(id),
	    NUMBER(user_id),
	    TEXT(video_id),
	    TEXT(external_id),
	    TEXT(client_request_id),
	    TEXT(channel),
	    .progress = (int)db_column_int(query, COL_progress),
	    TEXT(prompt),
	    TEXT(model),
	    TEXT(size),
	    NUMBER(seconds),
	    TEXT(aspect_ratio),
	    TEXT(media_type),
	    TEXT(options),
	    TEXT(input_file),
	    TEXT(input_type),
	    TEXT(video_url),
	    TEXT(image_url),
	    TEXT(error_code),
	    TEXT(error_message),
	    TEXT(metadata),
	    NUMBER(attempt),
	    NUMBER(created_at),
	    NUMBER(updated_at),
	    NUMBER(completed_at),
	    NUMBER(deadline_at),
	    NUMBER(rev),
	    NUMBER(due_at),
	    TEXT(owner),
	    .tries = db_column_int(query, COL_polls),
	    .not_found_count = db_column_int(query, COL_misses),
	    NUMBER(parent_id),
	    NUMBER(root_id),
	    TEXT(source_external_id),
	    .deleted = db_column_bool(query, COL_deleted),
	    .sent_with_key = db_column_bool(query, COL_keyed),
	    .client_retries = db_column_int(query, COL_repeats),
	    NUMBER(api_key),
	    TEXT(key_id),
#undef NUMBER
#undef TEXT
	};
	const char *state = db_column_text(query, COL_state);
	db_column_hash(query, COL_fingerprint, task.fingerprint);
	if (query->err == ERR_OK && state == NULL)
		query->err = db_fail(query->store, ERR_CORRUPT);
	if (query->err != ERR_OK)
		return;
	task.state = task_state_of(state);
	*ret_task = task;
}

const char *
row_key_place(const char *key_id)
{
	return key_id != NULL ? strchr(key_id, '.') : NULL;
}

struct task *
row_append(struct query *query, struct arena *arena, struct db_list *list)
{
	struct task *task = db_append(query, arena, list, sizeof(*task));
	if (task != NULL)
		row_task(query, arena, task);
	return query->err == ERR_OK ? task : NULL;
}

enum err_code
row_list(struct query *query, struct arena *arena, struct task **ret_tasks, size_t *ret_count)
{
	struct db_list list = {0};
	while (db_step(query) && row_append(query, arena, &list) != NULL)
		continue;
	enum err_code err = db_end(query);
	if (err != ERR_OK)
		return err;
	*ret_tasks = list.items;
	*ret_count = list.count;
	return ERR_OK;
}

enum err_code
row_one(struct query *query, struct arena *arena, struct task *ret_task)
{
	struct task task = {0};
	bool found = db_step(query);
	if (found)
		row_task(query, arena, &task);
	enum err_code err = db_end_found(query, found);
	if (err == ERR_OK)
		*ret_task = task;
	return err;
}
