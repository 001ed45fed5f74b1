/* The settings of channels, and their load. Each change of a setting raises the generation, by which running
 * programs notice it. */
#include "store/channel.h"

#include <stdio.h>

#include "base/arena.h"
#include "store/charge.h"
#include "store/db.h"
#include "store/model_walk.h"
#include "store/row.h"
#include "store/turn.h"

enum {
	MINUTE_MS = 60 * 1000,
	LACKS_MS = 10 * MINUTE_MS /* for so long a model is thought to be missing */
};

enum err_code
store_channels_generation(struct store *store, int64_t *ret_generation)
{
	struct query query = db_query(store, SQL_CHANNEL_GENERATION);
	return db_end_number(&query, 0, ret_generation);
}

static enum err_code
note_change(struct store *store)
{
	struct query query = db_query(store, SQL_CHANNEL_CHANGED);
	return db_run(&query);
}

/* ---- reading ---- */

static void
read_name(struct query *query, struct arena *arena, void *ret_name)
{
	*(const char **)ret_name = db_column_copy(query, arena, 0);
}

static enum err_code
read_keys(struct store *store, struct arena *arena, struct channel_row *row)
{
	struct query query = db_query(store, SQL_CHANNEL_KEYS);
	db_text(&query, ":name", row->name);
	return db_end_list(&query, arena, read_name, sizeof(*row->keys), &row->keys, &row->key_count);
}

static void
read_row(struct query *query, struct arena *arena, void *ret_row)
{
	*(struct channel_row *)ret_row = (struct channel_row){
	    .name = db_column_copy(query, arena, 0),
	    .base = db_column_copy(query, arena, 1),
	    .dialect = db_column_copy(query, arena, 2),
	    .models = db_column_copy(query, arena, 3),
	    .priority = db_column_int(query, 4),
	    .weight = db_column_int(query, 5),
	    .concurrency = db_column_int(query, 6),
	    .rate = db_column_int(query, 7),
	    .idempotency = db_column_bool(query, 8),
	    .private = db_column_bool(query, 9),
	    .enabled = db_column_bool(query, 10),
	    .webhook = db_column_copy(query, arena, 11),
	    .extra_allow = db_column_copy(query, arena, 12),
	};
}

enum err_code
store_channels_all(struct store *store, struct arena *arena, struct channel_row **ret_rows, size_t *ret_count)
{
	struct channel_row *rows;
	size_t count = 0;
	struct query query = db_query(store, SQL_CHANNEL_ALL);
	enum err_code err = db_end_list(&query, arena, read_row, sizeof(*rows), &rows, &count);
	for (size_t i = 0; err == ERR_OK && i < count; i++)
		err = read_keys(store, arena, &rows[i]);
	if (err != ERR_OK)
		return err;
	*ret_rows = rows;
	*ret_count = count;
	return ERR_OK;
}

enum err_code
store_channels_stray(struct store *store, struct arena *arena, const char ***ret_names, size_t *ret_count)
{
	struct query query = db_query(store, SQL_CHANNEL_STRAYS);
	return db_end_list(&query, arena, read_name, sizeof(**ret_names), ret_names, ret_count);
}

enum err_code
store_channel_know(struct store *store, const char *name)
{
	struct query query = db_query(store, SQL_CHANNEL_KNOW);
	db_text(&query, ":name", name);
	return db_run(&query);
}

/* ---- models that it lacks ---- */

static enum err_code
forget_lacks(struct store *store, int64_t now, const char *channel)
{
	struct query query = db_query(store, SQL_CHANNEL_LACK_FORGET);
	db_int(&query, ":now", now);
	db_text(&query, ":name", channel);
	return db_run(&query);
}

enum err_code
store_channel_lacks(struct store *store, const char *channel, const char *model, int64_t now)
{
	enum err_code err = forget_lacks(store, now, NULL);
	if (err != ERR_OK)
		return err;
	struct query query = db_query(store, SQL_CHANNEL_LACK_NOTE);
	db_text(&query, ":name", channel);
	db_text(&query, ":model", model);
	db_int(&query, ":until", now + LACKS_MS);
	return db_run(&query);
}

enum err_code
store_channel_is_lacking(struct store *store, const char *channel, const char *model, int64_t now,
                         bool *ret_lacking)
{
	struct query query = db_query(store, SQL_CHANNEL_LACK_KNOWN);
	db_text(&query, ":name", channel);
	db_text(&query, ":model", model);
	db_int(&query, ":now", now);
	db_int(&query, ":latest", now + LACKS_MS);
	return db_end_known(&query, ret_lacking);
}

/* ---- writing ---- */

enum err_code
store_channel_put(struct store *store, const struct channel_row *row)
{
	struct query query = db_query(store, SQL_CHANNEL_PUT);
#define TEXT(name)   db_text(&query, ":" #name, row->name)
#define NUMBER(name) db_int(&query, ":" #name, row->name)
	TEXT(name);
	TEXT(base);
	TEXT(dialect);
	TEXT(models);
	NUMBER(priority);
	NUMBER(weight);
	NUMBER(concurrency);
	NUMBER(rate);
	NUMBER(idempotency);
	NUMBER(private);
	NUMBER(enabled);
	TEXT(webhook);
	TEXT(extra_allow);
#undef TEXT
#undef NUMBER
	enum err_code err = db_run(&query);
	if (err == ERR_OK) /* the operator may have seen to it */
		err = forget_lacks(store, 0, row->name);
	return err == ERR_OK ? note_change(store) : err;
}

enum err_code
store_channel_drop_key(struct store *store, const char *channel, const char *source)
{
	struct query query = db_query(store, SQL_CHANNEL_KEY_DROP);
	db_text(&query, ":name", channel);
	db_text(&query, ":source", source);
	enum err_code err = db_run(&query);
	return err == ERR_OK ? note_change(store) : err;
}

enum err_code
store_channel_add_key(struct store *store, const char *channel, const char *source)
{
	enum err_code err = store_channel_drop_key(store, channel, source);
	if (err != ERR_OK)
		return err;
	struct query query = db_query(store, SQL_CHANNEL_KEY_ADD);
	db_text(&query, ":name", channel);
	db_text(&query, ":source", source);
	err = db_run(&query);
	if (err != ERR_OK)
		return err;
	query = db_query(store, SQL_CHANNEL_MODEL_FORGET);
	db_text(&query, ":name", channel);
	return db_run(&query);
}

/* ---- health ---- */

/* Copies a text of the row; one that is too long is cut. */
static void
copy_text(struct query *query, int column, char *to, size_t size)
{
	const char *text = db_column_text(query, column);
	snprintf(to, size, "%s", text != NULL ? text : "");
}

enum err_code
store_channel_health(struct store *store, const char *channel, struct channel_health *ret_health)
{
	struct channel_health health = {0};
	struct query query = db_query(store, SQL_CHANNEL_GET);
	db_text(&query, ":name", channel);
	if (db_step(&query)) {
		health.failures = db_column_int(&query, 0);
		health.cooldown_until = db_column_int(&query, 1);
		health.account_failures = db_column_int(&query, 2);
		health.account_until = db_column_int(&query, 3);
		health.account_probe = db_column_int(&query, 4);
		health.accepted_at = db_column_int(&query, 5);
		health.lost = db_column_int(&query, 6);
		health.poll_failures = db_column_int(&query, 7);
		health.poll_until = db_column_int(&query, 8);
		health.lost_task = db_column_int(&query, 10);
		health.of_models = db_column_bool(&query, 11);
		health.account_asked_until = db_column_int(&query, 12);
		health.account_failed_at = db_column_int(&query, 13);
		copy_text(&query, 9, health.account_key, sizeof(health.account_key));
	}
	enum err_code err = db_end(&query);
	if (err == ERR_OK)
		*ret_health = health;
	return err;
}

enum err_code
store_channel_set_health(struct store *store, const char *channel, const struct channel_health *health)
{
	struct query query = db_query(store, SQL_CHANNEL_SET);
	db_text(&query, ":name", channel);
	db_int(&query, ":failures", health->failures);
	db_int(&query, ":cooldown_until", health->cooldown_until);
	db_int(&query, ":account_failures", health->account_failures);
	db_int(&query, ":account_until", health->account_until);
	db_int(&query, ":account_probe", health->account_probe);
	db_int(&query, ":accepted_at", health->accepted_at);
	db_int(&query, ":lost", health->lost);
	db_int(&query, ":lost_task", health->lost_task);
	db_int(&query, ":poll_failures", health->poll_failures);
	db_int(&query, ":poll_until", health->poll_until);
	db_text(&query, ":account_key", health->account_key);
	db_int(&query, ":account_asked_until", health->account_asked_until);
	db_int(&query, ":account_failed_at", health->account_failed_at);
	store->moved = true; /* other processes are to keep to it, too */
	return db_run(&query);
}

/* ---- load ---- */

static enum err_code
count_of(struct store *store, enum sql_query name, const char *channel, int64_t *ret_count)
{
	struct query query = db_query(store, name);
	db_text(&query, ":name", channel);
	return db_end_number(&query, 0, ret_count);
}

enum err_code
store_channel_settings(struct store *store, const char *channel, struct channel_settings *ret_settings)
{
	struct channel_settings settings = {0};
	struct query query = db_query(store, SQL_CHANNEL_SETTINGS);
	db_text(&query, ":name", channel);
	if (db_step(&query)) {
		settings.enabled = db_column_bool(&query, 0);
		settings.limits.concurrency = db_column_int(&query, 1);
		settings.limits.rate = db_column_int(&query, 2);
	}
	enum err_code err = db_end(&query);
	if (err == ERR_OK)
		*ret_settings = settings;
	return err;
}

/* Finds whether a task of the model is due beside those of the user, for whom alone the model cools down. */
static enum err_code
due_beside(struct store *store, const char *channel, const char *model, int64_t user_id, int64_t now,
           bool *ret_due)
{
	struct query query = db_query(store, SQL_CHANNEL_DUE_BESIDE);
	db_text(&query, ":name", channel);
	db_text(&query, ":model", model);
	db_int(&query, ":user_id", user_id);
	db_int(&query, ":now", now);
	return db_end_known(&query, ret_due);
}

enum err_code
store_channel_due(struct store *store, const char *channel, int64_t now, bool *ret_due)
{
	struct model_walk walk = {0};
	enum err_code err = ERR_OK;
	bool due = false;
	for (bool found = true; found && !due && err == ERR_OK;) {
		struct query query = model_walk_query(store, SQL_CHANNEL_DUE, &walk);
		db_text(&query, ":name", channel);
		db_int(&query, ":now", now);
		found = model_walk_step(&walk, &query, 1);
		int64_t due_at = found ? db_column_int(&query, 0) : INT64_MAX;
		bool cools = found && db_column_int(&query, 2) > 0;
		int64_t alone = cools ? db_column_int(&query, 3) : 0;
		bool its = alone != 0 && db_column_int(&query, 4) == alone;
		err = db_end(&query);
		due = due_at <= now && (!cools || (alone != 0 && !its));
		if (err == ERR_OK && due_at <= now && its)
			err = due_beside(store, channel, walk.model, alone, now, &due);
	}
	if (err == ERR_OK)
		*ret_due = due;
	return err;
}

enum err_code
store_channel_waiting(struct store *store, const char *channel, int64_t most, int64_t *ret_count)
{
	struct query query = db_query(store, SQL_CHANNEL_WAITING);
	db_text(&query, ":name", channel);
	db_int(&query, ":most", most);
	return db_end_number(&query, 0, ret_count);
}

enum err_code
store_channel_load(struct store *store, const char *channel, struct channel_load *ret_load)
{
	struct channel_load load;
	enum err_code err = count_of(store, SQL_CHANNEL_LOAD, channel, &load.under_way);
	if (err == ERR_OK)
		err = store_channel_waiting(store, channel, INT64_MAX, &load.waiting);
	if (err == ERR_OK)
		*ret_load = load;
	return err;
}

static enum err_code
count_sent(struct store *store, const char *channel, int64_t now, int64_t *ret_count)
{
	struct query query = db_query(store, SQL_CHANNEL_SENT);
	db_text(&query, ":name", channel);
	db_int(&query, ":since", now - MINUTE_MS);
	db_int(&query, ":until",
	       now + MINUTE_MS); /* another process may have read the clock a little later */
	return db_end_number(&query, 0, ret_count);
}

enum err_code
store_channel_room(struct store *store, const char *channel, const struct channel_limits *limits, int64_t now,
                   int64_t *ret_room)
{
	int64_t room = INT64_MAX, used;
	enum err_code err = ERR_OK;
	if (limits->concurrency > 0) {
		err = count_of(store, SQL_CHANNEL_LOAD, channel, &used);
		if (err != ERR_OK)
			return err;
		room = used < limits->concurrency ? limits->concurrency - used : 0;
	}
	if (limits->rate > 0) {
		err = count_sent(store, channel, now, &used);
		if (err != ERR_OK)
			return err;
		int64_t left = used < limits->rate ? limits->rate - used : 0;
		room = left < room ? left : room;
	}
	*ret_room = room;
	return ERR_OK;
}

enum err_code
store_channel_note(struct store *store, const char *channel, int64_t task_id, int64_t now)
{
	struct query query = db_query(store, SQL_CHANNEL_FORGET);
	db_text(&query, ":name", channel);
	db_int(&query, ":since", now - MINUTE_MS);
	db_int(&query, ":now", now);
	enum err_code err = db_run(&query);
	if (err != ERR_OK)
		return err;
	query = db_query(store, SQL_CHANNEL_NOTE);
	db_text(&query, ":name", channel);
	db_int(&query, ":now", now);
	db_int(&query, ":id", task_id);
	return db_run(&query);
}

enum err_code
store_channel_backlog(struct store *store, struct arena *arena, const char *channel,
                      const struct channel_piece *piece, struct task **ret_tasks, size_t *ret_count)
{
	struct query query = db_query(store, SQL_CHANNEL_BACKLOG);
	db_text(&query, ":name", channel);
	db_int(&query, ":due_at", piece->due_at);
	db_int(&query, ":id", piece->id);
	db_int(&query, ":most", piece->most);
	return row_list(&query, arena, ret_tasks, ret_count);
}

enum err_code
store_channel_head(struct store *store, struct arena *arena, const char *channel, int64_t user_id,
                   struct task *ret_task)
{
	struct query query = db_query(store, SQL_CHANNEL_HEAD);
	db_text(&query, ":name", channel);
	db_int(&query, ":user_id", user_id);
	return row_one(&query, arena, ret_task);
}

enum err_code
store_channel_head_of(struct store *store, struct arena *arena, const char *channel, int64_t user_id,
                      const char *after, struct task *ret_task)
{
	const unsigned shape = CHANNEL_HEAD_MODEL + (after != NULL ? CHANNEL_HEAD_AFTER : 0);
	struct query query = db_query(store, SQL_CHANNEL_HEAD + shape);
	db_text(&query, ":name", channel);
	db_int(&query, ":user_id", user_id);
	if (after != NULL)
		db_text(&query, ":model", after);
	return row_one(&query, arena, ret_task);
}

enum err_code
store_channel_reassign(struct store *store, const struct task *task, const char *channel)
{
	enum err_code err = store_channel_know(store, channel);
	if (err != ERR_OK)
		return err;
	struct query query = db_query(store, SQL_CHANNEL_REASSIGN);
	db_text(&query, ":name", channel);
	db_int(&query, ":id", task->id);
	db_int(&query, ":attempt", task->attempt);
	db_text(&query, ":owner", task->owner);
	err = db_run_one(&query, ERR_CONFLICT);
	if (err == ERR_OK)
		err = store_charge_move(store, task->id, task->attempt, channel);
	if (err == ERR_OK)
		err = turn_enter(store, task->id);
	return err == ERR_OK ? turn_leave(store, task->id, task->channel) : err;
}
