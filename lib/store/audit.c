/* The audit log: see audit.h. */
#include "store/audit.h"

#include "store/db.h"

enum err_code
store_audit_add(struct store *store, const struct audit *audit)
{
	struct query query = db_query(store, SQL_AUDIT_ADD);
	db_int(&query, ":at", audit->at);
	db_text(&query, ":actor", audit->actor);
	db_text(&query, ":address", audit->address);
	db_text(&query, ":action", audit->action);
	db_text(&query, ":subject", audit->subject);
	db_text(&query, ":detail", audit->detail);
	db_text(&query, ":request_id", audit->request_id);
	return db_run(&query);
}

static void
read_audit(struct query *query, struct arena *arena, void *ret_audit)
{
	*(struct audit *)ret_audit = (struct audit){
	    .id = db_column_int(query, 0),
	    .at = db_column_int(query, 1),
	    .actor = db_column_copy(query, arena, 2),
	    .address = db_column_copy(query, arena, 3),
	    .action = db_column_copy(query, arena, 4),
	    .subject = db_column_copy(query, arena, 5),
	    .detail = db_column_copy(query, arena, 6),
	    .request_id = db_column_copy(query, arena, 7),
	};
}

enum err_code
store_audit_list(struct store *store, struct arena *arena, int64_t before, int64_t most,
                 struct audit **ret_rows, size_t *ret_count)
{
	struct query query = db_query(store, SQL_AUDIT_LIST);
	db_int(&query, ":before", before);
	db_int(&query, ":most", most);
	return db_end_list(&query, arena, read_audit, sizeof(**ret_rows), ret_rows, ret_count);
}

enum err_code
store_audit_purge(struct store *store, int64_t since, int64_t most, int64_t *ret_count)
{
	return db_purge(store, SQL_AUDIT_PURGE, since, most, ret_count);
}
