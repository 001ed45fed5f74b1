/* The address blocks that users sign in from. */
#include "store/place.h"

#include "store/db.h"

enum err_code
store_place_known(struct store *store, int64_t user_id, const char *block, int64_t since, bool *ret_known)
{
	struct query query = db_query(store, SQL_PLACE_KNOWN);
	db_int(&query, ":user_id", user_id);
	db_text(&query, ":block", block);
	db_int(&query, ":since", since);
	return db_end_known(&query, ret_known);
}

enum err_code
store_place_note(struct store *store, int64_t user_id, const char *block, int64_t now, int64_t most)
{
	struct query query = db_query(store, SQL_PLACE_NOTE);
	db_int(&query, ":user_id", user_id);
	db_text(&query, ":block", block);
	db_int(&query, ":now", now);
	enum err_code err = db_run(&query);
	if (err != ERR_OK)
		return err;
	query = db_query(store, SQL_PLACE_TRIM);
	db_int(&query, ":user_id", user_id);
	db_text(&query, ":block", block);
	db_int(&query, ":most", most);
	return db_run(&query);
}
