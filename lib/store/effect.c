/* Effects of what task.c writes; see effect.h. */
#include "store/effect.h"

#include <stddef.h>

#include "store/archive.h"
#include "store/db.h"
#include "store/image.h"
#include "store/search.h"
#include "store/turn.h"

/* Adds `by` to the count of the task's kind with this status; NULL = its own. */
static enum err_code
add_to_count(struct store *store, int64_t id, bool deleted, const char *status, int by)
{
	struct query query = db_query(store, SQL_EFFECT_COUNT);
	db_int(&query, ":id", id);
	db_int(&query, ":deleted", deleted);
	db_text(&query, ":status", status);
	db_int(&query, ":by", by);
	return db_run(&query);
}

enum err_code
effect_added(struct store *store, int64_t id, enum task_state state)
{
	enum err_code err = add_to_count(store, id, false, NULL, 1);
	return err == ERR_OK && state == TASK_STATE_READY ? turn_enter(store, id) : err;
}

/* Whether its attempt is still to be sent, or may be once more. */
static bool
is_to_be_sent(enum task_state state)
{
	return state == TASK_STATE_READY || state == TASK_STATE_SENDING || state == TASK_STATE_UNSURE;
}

enum err_code
effect_moved(struct store *store, int64_t id, enum task_state from, enum task_state to)
{
	enum task_status before = task_state_status(from), after = task_state_status(to);
	enum err_code err = ERR_OK;
	if (before != after)
		err = add_to_count(store, id, false, task_status_word(before), -1);
	if (before != after && err == ERR_OK)
		err = add_to_count(store, id, false, task_status_word(after), 1);
	if (to == TASK_STATE_COMPLETED && err == ERR_OK)
		err = db_run_id(store, SQL_EFFECT_ARCHIVE, id);
	if (task_state_terminal(to) && err == ERR_OK)
		err = db_run_id(store, SQL_EFFECT_DELIVERY, id);
	if (is_to_be_sent(from) && !is_to_be_sent(to) && err == ERR_OK)
		err = db_run_id(store, SQL_EFFECT_UNLINK, id);
	if (to == TASK_STATE_READY && err == ERR_OK)
		err = turn_enter(store, id);
	if (from == TASK_STATE_READY && err == ERR_OK)
		err = turn_leave(store, id, NULL);
	return err;
}

enum err_code
effect_renamed(struct store *store, int64_t id, int by)
{
	return add_to_count(store, id, false, NULL, by);
}

enum err_code
effect_deleted(struct store *store, int64_t id)
{
	enum err_code err = add_to_count(store, id, true, NULL, -1);
	if (err == ERR_OK)
		err = store_images_drop(store, id);
	if (err == ERR_OK)
		err = store_archive_drop(store, id);
	if (err == ERR_OK)
		err = db_run_id(store, SQL_EFFECT_UNLINK_CHILDREN, id);
	return err == ERR_OK ? store_search_forget(store, id) : err;
}
