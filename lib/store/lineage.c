/* The lineage of a task. */
#include "store/lineage.h"

#include "store/db.h"
#include "store/row.h"

enum err_code
store_task_lineage(struct store *store, struct arena *arena, int64_t id, int64_t limit,
                   struct task **ret_tasks, size_t *ret_count)
{
	struct query query = db_query(store, SQL_LINEAGE_TREE);
	db_int(&query, ":id", id);
	db_int(&query, ":most", limit);
	return row_list_shown(&query, arena, ret_tasks, ret_count);
}
