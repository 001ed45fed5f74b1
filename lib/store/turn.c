/* Turns; see turn.h. A row of the table `turn` is a user with tasks waiting at a channel. Where none of them
 * may go it leaves the lines (turn_sleep.h); where there is none any more it goes when it is its turn. So
 * each look at the front of a line either gives a turn or removes what only an earlier write has put there.
 */
#include "store/turn.h"

#include "model/task.h"
#include "store/db.h"
#include "store/turn_sleep.h"

enum {
	TURNS_MOST = 2,   /* in a row, while users with a single task wait */
	PASSED_MOST = 256 /* users of whom nothing may go, in a claim: the next goes on */
};

/* ---- who stands in line ---- */

struct stand {
	const char *channel;
	int64_t user_id;
};

static struct query
query_of(struct store *store, enum sql_query name, const struct stand *stand)
{
	struct query query = db_query(store, name);
	db_text(&query, ":channel", stand->channel);
	db_int(&query, ":user_id", stand->user_id);
	return query;
}

static enum err_code
run(struct store *store, enum sql_query name, const struct stand *stand)
{
	struct query query = query_of(store, name, stand);
	return db_run(&query);
}

/* Gives a place behind the last at the channel. */
static enum err_code
draw(struct store *store, const char *channel)
{
	struct query query = db_query(store, SQL_TURN_DRAW);
	db_text(&query, ":channel", channel);
	return db_run(&query);
}

static enum err_code
enter(struct store *store, const struct stand *stand, int64_t task_id)
{
	enum err_code err = draw(store, stand->channel);
	if (err != ERR_OK)
		return err;
	struct query query = query_of(store, SQL_TURN_ENTER, stand);
	db_int(&query, ":id", task_id);
	return db_run(&query);
}

static enum err_code
leave(struct store *store, const struct stand *stand)
{
	struct query query = query_of(store, SQL_TURN_LEAVE, stand);
	enum err_code err = db_run_one(&query, ERR_NOT_FOUND);
	if (err == ERR_OK)
		err = draw(store, stand->channel);
	return err == ERR_NOT_FOUND ? ERR_OK : err;
}

static enum err_code
take(struct store *store, const struct stand *stand, int64_t place)
{
	struct query query = query_of(store, SQL_TURN_TAKE, stand);
	db_int(&query, ":place", place);
	return db_run(&query);
}

enum err_code
turn_enter(struct store *store, int64_t task_id)
{
	enum err_code err = ERR_OK;
	struct query row = db_query(store, SQL_TURN_OF);
	db_int(&row, ":id", task_id);
	if (db_step(&row)) {
		const struct stand stand = {db_column_text(&row, 0), db_column_int(&row, 1)};
		const char *state = db_column_text(&row, 2);
		if (stand.channel != NULL && state != NULL && task_state_of(state) == TASK_STATE_READY)
			err = enter(store, &stand, task_id);
	}
	enum err_code end = db_end(&row);
	return err == ERR_OK ? end : err;
}

enum err_code
turn_leave(struct store *store, int64_t task_id, const char *channel)
{
	enum err_code err = ERR_OK;
	struct query row = db_query(store, SQL_TURN_OF);
	db_int(&row, ":id", task_id);
	if (db_step(&row)) {
		const struct stand stand = {channel != NULL ? channel : db_column_text(&row, 0),
		                            db_column_int(&row, 1)};
		if (stand.channel != NULL)
			err = leave(store, &stand);
	}
	enum err_code end = db_end(&row);
	return err == ERR_OK ? end : err;
}

enum err_code
store_turn_give_back(struct store *store, const struct task *task)
{
	const struct stand stand = {task->channel, task->user_id};
	return run(store, SQL_TURN_GIVE_BACK, &stand);
}

enum err_code
store_turn_take(struct store *store, const char *channel, int64_t user_id)
{
	const struct stand stand = {channel, user_id};
	struct turn_line line = {.channel = channel};
	enum err_code err = draw(store, channel);
	if (err == ERR_OK)
		err = turn_wake(store, &line);
	if (err == ERR_OK)
		err = take(store, &stand, line.last);
	if (err == ERR_OK)
		err = run(store, SQL_TURN_WAKE, &stand);
	return err == ERR_OK ? leave(store, &stand) : err; /* the task is gone already */
}

enum err_code
turn_hurry(struct store *store, int64_t now)
{
	struct query query = db_query(store, SQL_TURN_HURRY);
	db_int(&query, ":now", now);
	return db_run(&query);
}

/* ---- whose turn it is ---- */

/* Reads the first of a line. */
static enum err_code
first_of(struct store *store, enum sql_query name, struct stand *stand, bool *ret_found, bool *ret_single)
{
	struct query query = db_query(store, name);
	db_text(&query, ":channel", stand->channel);
	*ret_found = db_step(&query);
	if (*ret_found) {
		stand->user_id = db_column_int(&query, 0);
		*ret_single = db_column_int(&query, 1) > 0;
	}
	return db_end(&query);
}

static enum err_code
find_user(struct store *store, const struct turn_line *line, struct stand *stand, bool *ret_found,
          bool *ret_single)
{
	enum err_code err = ERR_OK;
	*ret_found = false;
	if (line->turns >= TURNS_MOST)
		err = first_of(store, SQL_TURN_FIRST_SINGLE, stand, ret_found, ret_single);
	return err == ERR_OK && !*ret_found ? first_of(store, SQL_TURN_FIRST, stand, ret_found, ret_single)
	                                    : err;
}

enum err_code
turn_next(struct store *store, struct turn_line *line, int64_t *ret_id)
{
	*ret_id = 0;
	for (; line->passed < PASSED_MOST; line->passed++) {
		struct stand stand = {.channel = line->channel};
		struct turn_look look;
		bool found, single = false;
		enum err_code err = find_user(store, line, &stand, &found, &single);
		if (err != ERR_OK || !found)
			return err;
		err = turn_look(store, line, stand.user_id, &look);
		if (err != ERR_OK)
			return err;
		if (look.id != 0 && look.due_at <= line->now) {
			line->turns = single ? 0 : line->turns < TURNS_MOST ? line->turns + 1 : TURNS_MOST;
			*ret_id = look.id;
			return take(store, &stand, ++line->last);
		}
		err = look.id == 0 && !look.cooling ? run(store, SQL_TURN_END, &stand)
		                                    : turn_sleep(store, line, stand.user_id, &look);
		if (err != ERR_OK)
			return err;
	}
	return ERR_OK;
}

enum err_code
turn_count(struct store *store, const struct turn_line *line)
{
	struct query query = db_query(store, SQL_TURN_COUNT);
	db_text(&query, ":channel", line->channel);
	db_int(&query, ":last", line->last);
	db_int(&query, ":turns", line->turns);
	return db_run(&query);
}

enum err_code
store_turn_behind(struct store *store, const char *channel, struct turn_place *place)
{
	struct query query = db_query(store, SQL_TURN_BEHIND);
	db_text(&query, ":channel", channel);
	db_int(&query, ":place", place->place);
	db_int(&query, ":user_id", place->user_id);
	bool found = db_step(&query);
	if (found)
		*place = (struct turn_place){.user_id = db_column_int(&query, 0),
		                             .place = db_column_int(&query, 1)};
	return db_end_found(&query, found);
}

/* ---- how many are ahead ---- */

/* Counts the user's own tasks at the channel that are due before this one. */
static enum err_code
count_own(struct store *store, const struct stand *stand, const struct task *task, int64_t most,
          int64_t *ret_count)
{
	struct query query = query_of(store, SQL_TURN_OWN, stand);
	db_int(&query, ":due_at", task->due_at);
	db_int(&query, ":id", task->id);
	db_int(&query, ":most", most);
	return db_end_number(&query, 0, ret_count);
}

/* Reads where the user stands in both lines; `single`: 0 = not in that. */
static enum err_code
read_places(struct store *store, const struct stand *stand, int64_t *ret_place, int64_t *ret_single)
{
	struct query query = query_of(store, SQL_TURN_PLACE, stand);
	*ret_place = *ret_single = 0;
	if (db_step(&query)) {
		*ret_place = db_column_int(&query, 0);
		*ret_single = db_column_int(&query, 1);
	}
	return db_end(&query);
}

/* Counts who stands before the place in one of the channel's lines. */
static enum err_code
count_before(struct store *store, enum sql_query line, const char *channel, int64_t place, int64_t most,
             int64_t *ret_count)
{
	struct query query = db_query(store, line);
	db_text(&query, ":channel", channel);
	db_int(&query, ":place", place);
	db_int(&query, ":most", most);
	return db_end_number(&query, 0, ret_count);
}

/* Counts the channel's READY tasks. */
static enum err_code
count_waiting(struct store *store, const char *channel, int64_t most, int64_t *ret_count)
{
	struct query query = db_query(store, SQL_CHANNEL_WAITING);
	db_text(&query, ":name", channel);
	db_int(&query, ":most", most);
	return db_end_number(&query, 0, ret_count);
}

static void
lower(int64_t bound, int64_t *count)
{
	*count = bound < *count ? bound : *count;
}

/* Before the user's task number `own`, counted from 0, each of the others gets as many turns, and one more
 * who stands before; but no more than wait. */
static enum err_code
count_turns(struct store *store, const struct stand *stand, int64_t place, int64_t own, int64_t *count)
{
	int64_t before = 0, all = 0;
	const int64_t most = *count;
	enum err_code err = count_before(store, SQL_TURN_BEFORE, stand->channel, place, most, &before);
	if (err == ERR_OK && own > 0) /* more of them lead beyond `most` in any case */
		err = count_before(store, SQL_TURN_BEFORE, stand->channel, INT64_MAX, most / own + 2, &all);
	if (err == ERR_OK)
		lower(own + before + own * (all > 0 ? all - 1 : 0), count); /* it stands among all itself */
	/* Users without a task stand in line, too, until they are looked at. */
	if (err == ERR_OK)
		err = count_waiting(store, stand->channel, *count + 1, &all);
	if (err == ERR_OK)
		lower(all > 0 ? all - 1 : 0, count);
	return err;
}

/* A single task also gets its turn by the line of those, in which each takes at most three. */
static enum err_code
count_singles(struct store *store, const struct stand *stand, int64_t single, int64_t *count)
{
	int64_t before = 0;
	enum err_code err = count_before(store, SQL_TURN_SINGLES, stand->channel, single, *count, &before);
	if (err == ERR_OK)
		lower(before * (TURNS_MOST + 1) + TURNS_MOST, count);
	return err;
}

enum err_code
store_turn_ahead(struct store *store, const struct task *task, int64_t most, int64_t *ret_count)
{
	const struct stand stand = {task->channel, task->user_id};
	int64_t place = 0, single = 0, own = 0, count = most;
	enum err_code err = count_own(store, &stand, task, most, &own);
	if (err == ERR_OK)
		err = read_places(store, &stand, &place, &single);
	if (err == ERR_OK && own < most)
		err = count_turns(store, &stand, place, own, &count);
	if (err == ERR_OK && single > 0)
		err = count_singles(store, &stand, single, &count);
	if (err == ERR_OK)
		*ret_count = count;
	return err;
}
