/* What a task has been: its family, its earlier attempts, and its end for everybody. */
#include "store/db.h"
#include "store/row.h"

enum err_code
store_task_lineage(struct store *store, struct arena *arena, int64_t id, int64_t limit,
                   struct task **ret_tasks, size_t *ret_count)
{
	struct row_list list = {0};
	struct query query;
	db_query(store, SQL_LINEAGE_TREE, &query);
	db_int(&query, ":id", id);
	db_int(&query, ":most", limit);
	while (db_step(&query) && row_append(&query, arena, &list) != NULL)
		;
	enum err_code err = db_end(&query);
	if (err != ERR_OK)
		return err;
	*ret_tasks = list.tasks;
	*ret_count = list.count;
	return ERR_OK;
}

enum err_code
store_task_again(struct store *store, const struct task_again *again, int64_t *ret_rev)
{
	struct query query;
	db_query(store, SQL_TASK_KEEP_ATTEMPT, &query);
	db_int(&query, ":id", again->id);
	enum err_code err = db_run(&query);
	if (err != ERR_OK)
		return err;
	db_query(store, SQL_TASK_AGAIN, &query);
	db_int(&query, ":id", again->id);
	db_text(&query, ":from", task_state_word(again->from));
	db_text(&query, ":to", task_state_word(again->to));
	db_text(&query, ":owner", again->owner);
	db_int(&query, ":due_at", again->due_at);
	db_int(&query, ":deadline_at", again->deadline_at);
	db_int(&query, ":now", again->now);
	db_revise(&query);
	return db_end_revised(&query, ERR_CONFLICT, ret_rev);
}

enum err_code
store_task_hide(struct store *store, int64_t id, int64_t now, int64_t *ret_rev)
{
	struct query query;
	db_query(store, SQL_TASK_HIDE, &query);
	db_int(&query, ":id", id);
	db_int(&query, ":now", now);
	db_revise(&query);
	return db_end_revised(&query, ERR_NOT_FOUND, ret_rev);
}
