/* Rows of the table task as struct task, and new tasks as rows. */
#include "store/row.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"

enum { WORD_SIZE = 16 };

/* The columns of task_shown in sql/queries/task.sql, and those that task_row has beside them, in their order:
 * ROW, numbers that are not the caller's to set; INT and TEXT, with the member of struct task that each is;
 * OTHER, which are read and bound by themselves. */
#define SHOWN(ROW, INT, TEXT, OTHER)                                                                         \
	ROW(id)                                                                                              \
	INT(user_id, user_id)                                                                                \
	TEXT(video_id, video_id)                                                                             \
	TEXT(external_id, external_id)                                                                       \
	TEXT(client_request_id, client_request_id)                                                           \
	TEXT(channel, channel)                                                                               \
	OTHER(state)                                                                                         \
	INT(progress, progress)                                                                              \
	TEXT(prompt, prompt)                                                                                 \
	TEXT(model, model)                                                                                   \
	TEXT(size, size)                                                                                     \
	INT(seconds, seconds)                                                                                \
	TEXT(aspect_ratio, aspect_ratio)                                                                     \
	TEXT(media_type, media_type)                                                                         \
	TEXT(options, options)                                                                               \
	TEXT(input_file, input_file)                                                                         \
	TEXT(input_type, input_type)                                                                         \
	TEXT(video_url, video_url)                                                                           \
	TEXT(image_url, image_url)                                                                           \
	TEXT(error_code, error_code)                                                                         \
	TEXT(error_message, error_message)                                                                   \
	TEXT(metadata, metadata)                                                                             \
	INT(attempt, attempt)                                                                                \
	INT(created_at, created_at)                                                                          \
	INT(updated_at, updated_at)                                                                          \
	INT(completed_at, completed_at)                                                                      \
	ROW(rev)                                                                                             \
	INT(due_at, due_at)                                                                                  \
	INT(parent_id, parent_id)                                                                            \
	ROW(deleted)                                                                                         \
	TEXT(images, images)                                                                                 \
	TEXT(upstream_model, facts.model)                                                                    \
	TEXT(upstream_size, facts.size)                                                                      \
	INT(upstream_seconds, facts.seconds)                                                                 \
	INT(expires_at, facts.expires_at)                                                                    \
	INT(accepted_at, accepted_at)                                                                        \
	INT(polls, tries)                                                                                    \
	TEXT(cancelled_by, cancelled_by)                                                                     \
	OTHER(charge)

#define REST(ROW, INT, TEXT, OTHER)                                                                          \
	OTHER(fingerprint)                                                                                   \
	INT(deadline_at, deadline_at)                                                                        \
	TEXT(owner, owner)                                                                                   \
	INT(misses, not_found_count)                                                                         \
	INT(root_id, root_id)                                                                                \
	TEXT(source_external_id, source_external_id)                                                         \
	INT(keyed, sent_with_key)                                                                            \
	INT(repeats, client_retries)                                                                         \
	INT(api_key, api_key)                                                                                \
	TEXT(key_id, key_id)                                                                                 \
	TEXT(job, job)                                                                                       \
	TEXT(turned_away, turned_away)

/* Those of share_polled in sql/queries/share.sql, likewise. */
#define POLLED(INT, TEXT, OTHER)                                                                             \
	INT(id, id)                                                                                          \
	TEXT(video_id, video_id)                                                                             \
	TEXT(external_id, external_id)                                                                       \
	TEXT(channel, channel)                                                                               \
	OTHER(state)                                                                                         \
	INT(progress, progress)                                                                              \
	TEXT(model, model)                                                                                   \
	TEXT(size, size)                                                                                     \
	INT(seconds, seconds)                                                                                \
	TEXT(options, options)                                                                               \
	TEXT(input_file, input_file)                                                                         \
	TEXT(input_type, input_type)                                                                         \
	INT(attempt, attempt)                                                                                \
	INT(created_at, created_at)                                                                          \
	INT(deadline_at, deadline_at)                                                                        \
	INT(rev, rev)                                                                                        \
	INT(due_at, due_at)                                                                                  \
	TEXT(owner, owner)                                                                                   \
	INT(polls, tries)                                                                                    \
	INT(misses, not_found_count)                                                                         \
	INT(deleted, deleted)                                                                                \
	TEXT(key_id, key_id)                                                                                 \
	TEXT(images, images)                                                                                 \
	TEXT(job, job)                                                                                       \
	TEXT(upstream_model, facts.model)                                                                    \
	TEXT(upstream_size, facts.size)                                                                      \
	INT(upstream_seconds, facts.seconds)                                                                 \
	INT(expires_at, facts.expires_at)                                                                    \
	INT(accepted_at, accepted_at)

#define NAMED(column, ...) COL_##column,
#define WORD(column, ...)  #column,
#define PLACE(column, ...) POLLED_##column,
#define NONE(...)

enum {
	SHOWN(NAMED, NAMED, NAMED, NAMED) COL__SHOWN,
	COL__BEFORE_REST = COL__SHOWN - 1,
	REST(NAMED, NAMED, NAMED, NAMED) COL__MAX
};
enum { POLLED(PLACE, PLACE, PLACE) POLLED__MAX };

const char *
row_column(enum row_kind kind, int n)
{
	static const char *const names[] = {SHOWN(WORD, WORD, WORD, WORD) REST(WORD, WORD, WORD, WORD)};
	static const char *const polled[] = {POLLED(WORD, WORD, WORD)};
	if (kind == ROW_POLLED)
		return n < POLLED__MAX ? polled[n] : NULL;
	return n < (kind == ROW_WHOLE ? COL__MAX : COL__SHOWN) ? names[n] : NULL;
}

/* Reads "held 800000 0"; NULL = there is none. */
static void
read_charge(const char *text, struct charge_shown *charge)
{
	char word[WORD_SIZE];
	if (text == NULL ||
	    sscanf(text, "%15s %" SCNd64 " %" SCNd64, word, &charge->reserved, &charge->charged) != 3)
		return;
	charge->state = charge_state_of(word);
}

void
row_shown(struct query *query, struct arena *arena, void *ret_task)
{
#define ROW(column)          .column = db_column_int(query, COL_##column),
#define INT(column, member)  .member = db_column_int(query, COL_##column),
#define TEXT(column, member) .member = db_column_copy(query, arena, COL_##column),
	struct task task = {SHOWN(ROW, INT, TEXT, NONE)};
#undef INT
#undef TEXT
	const char *state = db_column_text(query, COL_state);
	if (query->err == ERR_OK && state == NULL)
		query->err = db_fail(query->store, ERR_CORRUPT);
	if (query->err != ERR_OK)
		return;
	task.state = task_state_of(state);
	read_charge(db_column_text(query, COL_charge), &task.charge);
	*(struct task *)ret_task = task;
}

const char *
row_prompt(struct query *query)
{
	return db_column_text(query, COL_prompt);
}

void
row_task(struct query *query, struct arena *arena, void *ret_task)
{
	struct task *task = ret_task;
	row_shown(query, arena, task);
	if (query->err != ERR_OK)
		return;
#define INT(column, member)  task->member = db_column_int(query, COL_##column);
#define TEXT(column, member) task->member = db_column_copy(query, arena, COL_##column);
	REST(NONE, INT, TEXT, NONE)
#undef INT
#undef TEXT
	db_column_hash(query, COL_fingerprint, task->fingerprint);
}

void
row_polled(struct query *query, struct task *ret_task)
{
#define INT(column, member)  .member = db_column_int(query, POLLED_##column),
#define TEXT(column, member) .member = db_column_text(query, POLLED_##column),
	*ret_task = (struct task){POLLED(INT, TEXT, NONE)};
#undef INT
#undef TEXT
	const char *state = db_column_text(query, POLLED_state);
	if (query->err == ERR_OK && state == NULL)
		query->err = db_fail(query->store, ERR_CORRUPT);
	if (query->err == ERR_OK)
		ret_task->state = task_state_of(state);
}

void
row_bind(struct query *query, const struct task *task)
{
#define INT(column, member)  db_int(query, ":" #column, task->member);
#define TEXT(column, member) db_text(query, ":" #column, task->member);
	SHOWN(NONE, INT, TEXT, NONE)
	REST(NONE, INT, TEXT, NONE)
	db_hash(query, ":fingerprint", task->fingerprint);
	db_text(query, ":state", task_state_word(task->state));
	db_text(query, ":key_place", row_key_place(task->key_id));
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
	return db_end_list(query, arena, row_task, sizeof(**ret_tasks), ret_tasks, ret_count);
}

enum err_code
row_list_shown(struct query *query, struct arena *arena, struct task **ret_tasks, size_t *ret_count)
{
	return db_end_list(query, arena, row_shown, sizeof(**ret_tasks), ret_tasks, ret_count);
}

enum err_code
row_one(struct query *query, struct arena *arena, struct task *ret_task)
{
	return db_end_one(query, arena, row_task, sizeof(*ret_task), ret_task);
}
