/* Groups of users. */
#include "store/group.h"

#include "store/db.h"

static int64_t
natural(struct query *query, int column)
{
	return db_column_null(query, column) ? -1 : db_column_int(query, column);
}

static void
read_group(struct query *query, struct arena *arena, void *ret_group)
{
	*(struct group *)ret_group = (struct group){
	    .id = db_column_int(query, 0),
	    .name = db_column_copy(query, arena, 1),
	    .multiplier_ppm = db_column_int(query, 2),
	    .models = db_column_copy(query, arena, 3),
	    .max_open = natural(query, 4),
	    .rate = natural(query, 5),
	    .budget_day = natural(query, 6),
	    .budget_week = natural(query, 7),
	    .budget_month = natural(query, 8),
	    .created_at = db_column_int(query, 9),
	};
}

/* Binds what both an added and a changed group have. */
static void
bind_limits(struct query *query, const struct group *group)
{
	db_int(query, ":multiplier_ppm", group->multiplier_ppm);
	db_text(query, ":models", group->models);
	db_natural(query, ":max_open", group->max_open);
	db_natural(query, ":rate", group->rate);
	db_natural(query, ":budget_day", group->budget_day);
	db_natural(query, ":budget_week", group->budget_week);
	db_natural(query, ":budget_month", group->budget_month);
}

enum err_code
store_group_add(struct store *store, const struct group *group, int64_t *ret_id)
{
	struct query query = db_query(store, SQL_GROUP_ADD);
	db_text(&query, ":name", group->name);
	bind_limits(&query, group);
	db_int(&query, ":created_at", group->created_at);
	return db_end_number(&query, 0, ret_id);
}

enum err_code
store_group_set(struct store *store, const struct group *group)
{
	struct query query = db_query(store, SQL_GROUP_SET);
	db_int(&query, ":id", group->id);
	bind_limits(&query, group);
	return db_run_one(&query, ERR_NOT_FOUND);
}

enum err_code
store_group_by_name(struct store *store, struct arena *arena, const char *name, struct group *ret_group)
{
	struct query query = db_query(store, SQL_GROUP_BY_NAME);
	db_text(&query, ":name", name);
	return db_end_one(&query, arena, read_group, sizeof(*ret_group), ret_group);
}

enum err_code
store_group_get(struct store *store, struct arena *arena, int64_t id, struct group *ret_group)
{
	struct query query = db_query(store, SQL_GROUP_GET);
	db_int(&query, ":id", id);
	return db_end_one(&query, arena, read_group, sizeof(*ret_group), ret_group);
}

enum err_code
store_group_list(struct store *store, struct arena *arena, struct group **ret_groups, size_t *ret_count)
{
	struct query query = db_query(store, SQL_GROUP_LIST);
	return db_end_list(&query, arena, read_group, sizeof(**ret_groups), ret_groups, ret_count);
}

enum err_code
store_group_users(struct store *store, int64_t id, int64_t *ret_count)
{
	struct query query = db_query(store, SQL_GROUP_USERS);
	db_int(&query, ":id", id);
	return db_end_number(&query, 0, ret_count);
}

enum err_code
store_group_remove(struct store *store, int64_t id)
{
	int64_t users;
	enum err_code err = store_group_users(store, id, &users);
	if (err == ERR_OK && users > 0)
		return ERR_CONFLICT;
	if (err != ERR_OK)
		return err;
	struct query query = db_query(store, SQL_GROUP_REMOVE);
	db_int(&query, ":id", id);
	return db_run_one(&query, ERR_NOT_FOUND);
}
