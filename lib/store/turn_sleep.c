/* Who is out of the lines, and comes back: see turn_sleep.h. One who sleeps for models has a row of the table
 * turn_model for each; what such a row says is stale once the user is in line again, and it goes when its
 * model is looked at. */
#include "store/turn_sleep.h"

#include "store/db.h"
#include "store/model_walk.h"

enum { WAKE_MOST = 256 /* in a claim: the next goes on */ };

static struct query
query_of(struct store *store, enum sql_query name, const struct turn_line *line, int64_t user_id)
{
	struct query query = db_query(store, name);
	db_text(&query, ":channel", line->channel);
	db_int(&query, ":user_id", user_id);
	return query;
}

/* ---- to sleep ---- */

static bool
goes_before(const struct turn_look *look, int64_t id, int64_t due_at)
{
	return look->id == 0 || due_at < look->due_at || (due_at == look->due_at && id < look->id);
}

static void
take_note(struct query *query, struct turn_look *look)
{
	int64_t id = db_column_int(query, 0), due_at = db_column_int(query, 1);
	if (db_column_int(query, 2) > 0) {
		look->cooling = true;
	} else if (goes_before(look, id, due_at)) {
		look->id = id;
		look->due_at = due_at;
	}
}

static enum err_code
look_at_models(struct store *store, const struct turn_line *line, int64_t user_id, struct turn_look *look)
{
	struct model_walk walk = {0};
	enum err_code err = ERR_OK;
	for (bool found = true; found && err == ERR_OK;) {
		struct query query = model_walk_query(store, SQL_TURN_TASK_MODEL, &walk);
		db_text(&query, ":channel", line->channel);
		db_int(&query, ":user_id", user_id);
		db_int(&query, ":now", line->now);
		found = model_walk_step(&walk, &query, 3);
		if (found)
			take_note(&query, look);
		err = db_end(&query);
	}
	return err;
}

enum err_code
turn_look(struct store *store, const struct turn_line *line, int64_t user_id, struct turn_look *ret_look)
{
	struct turn_look look = {.due_at = INT64_MAX};
	struct query query =
	    query_of(store, SQL_TURN_TASK + (line->resting ? TURN_TASK_RESTING : 0), line, user_id);
	if (line->resting)
		db_int(&query, ":now", line->now);
	if (db_step(&query) && line->resting) {
		take_note(&query, &look);
	} else if (query.row) {
		look.id = db_column_int(&query, 0);
		look.due_at = db_column_int(&query, 1);
	}
	enum err_code err = db_end(&query);
	if (err == ERR_OK && look.cooling)
		err = look_at_models(store, line, user_id, &look);
	if (err == ERR_OK)
		*ret_look = look;
	return err;
}

enum err_code
turn_sleep(struct store *store, const struct turn_line *line, int64_t user_id, const struct turn_look *look)
{
	enum err_code err = ERR_OK;
	struct query query;
	if (look->cooling) {
		query = query_of(store, SQL_TURN_MODEL_SLEEP, line, user_id);
		db_int(&query, ":now", line->now);
		err = db_run(&query);
	}
	if (err != ERR_OK)
		return err;
	query = query_of(store, SQL_TURN_SLEEP, line, user_id);
	db_int(&query, ":due_at", look->due_at);
	return db_run(&query);
}

/* ---- and back ---- */

/* Finds a user by a statement; 0 = there is none. */
static enum err_code
find_user(struct query *query, int64_t *ret_user)
{
	return db_end_number(query, 0, ret_user);
}

static enum err_code
wake_due(struct store *store, const struct turn_line *line)
{
	enum err_code err = ERR_OK;
	int64_t user = -1;
	for (int i = 0; i < WAKE_MOST && user != 0 && err == ERR_OK; i++) {
		struct query query = db_query(store, SQL_TURN_DUE);
		db_text(&query, ":channel", line->channel);
		db_int(&query, ":now", line->now);
		err = find_user(&query, &user);
		if (err != ERR_OK || user == 0)
			break;
		query = query_of(store, SQL_TURN_WAKE, line, user);
		err = db_run(&query);
	}
	return err;
}

/* A model that does not cool down any more, or for one user alone. */
struct wake {
	struct store *store;
	const struct turn_line *line;
	const char *model;
	int64_t still; /* the user who sleeps on; 0 = none */
	int *left;     /* rows that may be looked at */
};

/* Wakes the first who sleeps for the model. ret_woken: false where it was awake already; ret_found: false
 * where there is none. */
static enum err_code
wake_first(const struct wake *wake, enum sql_query order, bool *ret_found, bool *ret_woken)
{
	int64_t user = 0;
	struct query query = db_query(wake->store, order);
	db_text(&query, ":channel", wake->line->channel);
	db_text(&query, ":model", wake->model);
	db_int(&query, ":still", wake->still);
	enum err_code err = find_user(&query, &user);
	*ret_found = err == ERR_OK && user != 0;
	*ret_woken = false;
	if (!*ret_found)
		return err;
	query = query_of(wake->store, SQL_TURN_MODEL_WOKEN, wake->line, user);
	db_text(&query, ":model", wake->model);
	err = db_run(&query);
	if (err != ERR_OK)
		return err;
	query = query_of(wake->store, SQL_TURN_WAKE, wake->line, user);
	err = db_run_one(&query, ERR_NOT_FOUND);
	*ret_woken = err == ERR_OK;
	return err == ERR_NOT_FOUND ? ERR_OK : err;
}

static enum err_code
wake_in_order(const struct wake *wake, enum sql_query order)
{
	enum err_code err = ERR_OK;
	int64_t most = wake->line->most;
	bool found = true, woken = false;
	while (most > 0 && found && *wake->left > 0 && err == ERR_OK) {
		err = wake_first(wake, order, &found, &woken);
		most -= woken;
		--*wake->left;
	}
	return err;
}

/* As many as may get a turn, by each of the two lines. */
static enum err_code
wake_by_models(struct store *store, const struct turn_line *line)
{
	struct model_walk walk = {0};
	enum err_code err = ERR_OK;
	int left = WAKE_MOST;
	for (bool found = true; found && err == ERR_OK;) {
		struct query query = model_walk_query(store, SQL_TURN_MODEL_NEXT, &walk);
		db_text(&query, ":channel", line->channel);
		db_int(&query, ":now", line->now);
		found = model_walk_step(&walk, &query, 0);
		int64_t still = found ? db_column_int(&query, 2) : 0;
		bool over = found && (db_column_int(&query, 1) == 0 || still != 0);
		err = db_end(&query);
		const struct wake wake = {store, line, walk.model, still, &left};
		if (err == ERR_OK && over)
			err = wake_in_order(&wake, SQL_TURN_MODEL_FIRST + TURN_MODEL_FIRST_SINGLE);
		if (err == ERR_OK && over)
			err = wake_in_order(&wake, SQL_TURN_MODEL_FIRST);
	}
	return err;
}

enum err_code
turn_wake(struct store *store, struct turn_line *line)
{
	bool due = false, models = false;
	struct query query = db_query(store, SQL_TURN_NEWS);
	db_text(&query, ":channel", line->channel);
	db_int(&query, ":now", line->now);
	if (db_step(&query)) {
		line->last = db_column_int(&query, 0);
		line->turns = db_column_int(&query, 1);
		due = db_column_bool(&query, 2);
		models = db_column_bool(&query, 3);
		line->resting = db_column_bool(&query, 4);
	}
	enum err_code err = db_end(&query);
	if (err == ERR_OK && due)
		err = wake_due(store, line);
	return err == ERR_OK && models ? wake_by_models(store, line) : err;
}
