/* Tasks one by one: adds, finds, moves, retries and deletes them. */
#include "store/task.h"

#include "store/channel.h"
#include "store/channel_hour.h"
#include "store/db.h"
#include "store/effect.h"
#include "store/row.h"
#include "store/turn.h"

/* Makes sure that the channel has a row, for the task to refer to. */
enum err_code
store_task_add(struct store *store, const struct task *task, int64_t *ret_id, int64_t *ret_rev)
{
	enum err_code err = store_channel_know(store, task->channel);
	if (err != ERR_OK)
		return err;
	struct query query = db_query(store, SQL_TASK_ADD);
	row_bind(&query, task);
	db_int(&query, ":priced", task->charge.state != CHARGE_NONE); /* it is to have a charge */
	db_revise(&query);
	int64_t rev = 0;
	err = db_end_revised(&query, ERR_INTERNAL, &rev);
	int64_t id = db_inserted(store);
	if (err == ERR_OK)
		err = effect_added(store, id, task->state);
	if (err != ERR_OK)
		return err;
	*ret_id = id;
	*ret_rev = rev;
	return ERR_OK;
}

static enum err_code
get_task(struct store *store, struct arena *arena, int64_t user_id, const char *video_id, bool deleted,
         struct task *ret_task)
{
	struct query query = db_query(store, SQL_TASK_GET);
	db_int(&query, ":user_id", user_id);
	db_text(&query, ":video_id", video_id);
	db_int(&query, ":deleted", deleted);
	return row_one(&query, arena, ret_task);
}

enum err_code
store_task_get(struct store *store, struct arena *arena, int64_t user_id, const char *video_id,
               struct task *ret_task)
{
	enum err_code err = get_task(store, arena, user_id, video_id, false, ret_task);
	return err == ERR_NOT_FOUND ? ERR_TASK_NOT_FOUND : err;
}

enum err_code
store_task_find(struct store *store, struct arena *arena, int64_t user_id, const char *video_id,
                struct task *ret_task)
{
	return get_task(store, arena, user_id, video_id, true, ret_task);
}

enum err_code
store_task_by_request(struct store *store, struct arena *arena, int64_t user_id,
                      const char *client_request_id, struct task *ret_task)
{
	struct query query = db_query(store, SQL_TASK_BY_REQUEST);
	db_int(&query, ":user_id", user_id);
	db_text(&query, ":client_request_id", client_request_id);
	return row_one(&query, arena, ret_task);
}

/* True where a client can see the move. */
static bool
visible(const struct task_move *move)
{
	return task_state_status(move->from) != task_state_status(move->to) || move->progress >= 0 ||
	       move->external_id != NULL || move->video_url != NULL || move->image_url != NULL ||
	       job_facts_any(&move->facts) || move->error_code != NULL || move->error_message != NULL;
}

/* Runs a statement that may change the model which the task shows. */
static enum err_code
rename_by(struct query *query, int64_t id)
{
	enum err_code err = effect_renamed(query->store, id, -1);
	if (err == ERR_OK)
		err = db_run(query);
	return err == ERR_OK ? effect_renamed(query->store, id, 1) : err;
}

/* Notes what the move has brought, if anything. */
static enum err_code
learn(struct store *store, const struct task_move *move)
{
	const struct job_facts *facts = &move->facts;
	if (move->job == NULL && !job_facts_any(facts))
		return ERR_OK;
	struct query query = db_query(store, SQL_TASK_LEARN);
	db_int(&query, ":id", move->id);
	db_text(&query, ":job", move->job);
	db_text(&query, ":upstream_model", facts->model);
	db_text(&query, ":upstream_size", facts->size);
	db_natural(&query, ":upstream_seconds", facts->seconds > 0 ? facts->seconds : -1);
	db_natural(&query, ":expires_at", facts->expires_at > 0 ? facts->expires_at : -1);
	return facts->model != NULL ? rename_by(&query, move->id) : db_run(&query);
}

/* Binds what a move of plain news does not change. */
static void
bind_rest(struct query *query, const struct task_move *move)
{
	db_text(query, ":from", task_state_word(move->from));
	if (move->from != move->to) {
		db_text(query, ":to", task_state_word(move->to));
		db_int(query, ":now", move->now);
		db_natural(query, ":accepted_at", move->accepted_at > 0 ? move->accepted_at : -1);
		db_text(query, ":error_code", move->error_code);
		db_text(query, ":error_message", move->error_message);
		db_text(query, ":cancelled_by", move->cancelled_by);
	}
	db_text(query, ":owner", move->owner);
	db_text(query, ":new_owner", move->new_owner);
	db_int(query, ":due_at", move->due_at);
	db_text(query, ":external_id", move->external_id);
	db_text(query, ":video_url", move->video_url);
	db_text(query, ":image_url", move->image_url);
	db_int(query, ":completed_at", move->completed_at);
	db_natural(query, ":polls", move->tries);
	db_natural(query, ":misses", move->not_found_count);
}

enum err_code
store_task_move(struct store *store, const struct task_move *move, int64_t *ret_rev)
{
	bool seen = visible(move);
	bool stays = move->from == move->to;
	struct query query = db_query(store, move->plain ? SQL_TASK_PROGRESS
	                                     : stays     ? SQL_TASK_STAY
	                                                 : SQL_TASK_MOVE);
	db_int(&query, ":id", move->id);
	db_int(&query, ":attempt", move->attempt);
	if (!move->plain)
		bind_rest(&query, move);
	db_natural(&query, ":progress", move->progress);
	db_natural(&query, ":updated_at", seen ? move->now : -1);
	enum err_code err;
	int64_t rev = 0;
	if (seen) {
		db_revise(&query);
		err = db_end_revised(&query, ERR_CONFLICT, &rev);
	} else {
		db_natural(&query, ":rev", -1);
		err = db_run_one(&query, ERR_CONFLICT);
		/* Pollers listen for moves that no client sees, too. */
		store->moved = store->moved || err == ERR_OK;
	}
	if (err == ERR_OK && !stays)
		err = effect_moved(store, move->id, move->from, move->to);
	if (err == ERR_OK && !stays && move->channel != NULL)
		err = store_channel_count(store, move->channel, move->from, move->to, move->now);
	if (err == ERR_OK)
		err = learn(store, move);
	if (err == ERR_OK && seen)
		*ret_rev = rev;
	return err;
}

enum err_code
store_lease_return(struct store *store, const struct task_return *rest)
{
	struct query query = db_query(store, SQL_TASK_RETURN);
	db_int(&query, ":id", rest->id);
	db_int(&query, ":attempt", rest->attempt);
	db_text(&query, ":state", task_state_word(rest->state));
	db_text(&query, ":owner", rest->owner);
	db_int(&query, ":due_at", rest->due_at);
	db_int(&query, ":polls", rest->tries);
	db_int(&query, ":misses", rest->not_found_count);
	enum err_code err = db_run_one(&query, ERR_CONFLICT);
	return err == ERR_OK && rest->state == TASK_STATE_READY ? turn_enter(store, rest->id) : err;
}

enum err_code
store_task_set_key(struct store *store, int64_t id, bool sent_with_key, const char *key_id)
{
	struct query query = db_query(store, SQL_TASK_SET_KEY);
	db_int(&query, ":id", id);
	db_int(&query, ":keyed", sent_with_key);
	db_text(&query, ":key_id", key_id);
	db_text(&query, ":key_place", row_key_place(key_id));
	return db_run(&query);
}

enum err_code
store_task_sent_at(struct store *store, int64_t id, int64_t *ret_sent_at)
{
	struct query query = db_query(store, SQL_TASK_SENT_AT);
	db_int(&query, ":id", id);
	return db_end_number(&query, 0, ret_sent_at);
}

enum err_code
store_task_set_unsent(struct store *store, int64_t id)
{
	return db_run_id(store, SQL_TASK_SET_UNSENT, id);
}

enum err_code
store_task_set_said(struct store *store, int64_t id, const char *said)
{
	struct query query = db_query(store, SQL_TASK_SET_SAID);
	db_int(&query, ":id", id);
	db_text(&query, ":said", said);
	return db_run(&query);
}

enum err_code
store_task_set_turned_away(struct store *store, int64_t id, const char *turned_away)
{
	struct query query = db_query(store, SQL_TASK_SET_TURNED_AWAY);
	db_int(&query, ":id", id);
	db_text(&query, ":turned_away", turned_away);
	return db_run(&query);
}

enum err_code
store_task_say(struct store *store, int64_t id)
{
	struct query query = db_query(store, SQL_TASK_SAY);
	db_int(&query, ":id", id);
	return db_run(&query);
}

enum err_code
store_lease_extend(struct store *store, int64_t id, int64_t attempt, const char *owner, int64_t due_at)
{
	struct query query = db_query(store, SQL_TASK_EXTEND);
	db_int(&query, ":id", id);
	db_int(&query, ":attempt", attempt);
	db_text(&query, ":owner", owner);
	db_int(&query, ":due_at", due_at);
	return db_run_one(&query, ERR_CONFLICT);
}

enum err_code
store_attempt_learn(struct store *store, int64_t id, int64_t attempt, const char *external_id)
{
	struct query query = db_query(store, SQL_TASK_ATTEMPT_LEARN);
	db_int(&query, ":id", id);
	db_int(&query, ":attempt", attempt);
	db_text(&query, ":external_id", external_id);
	return db_run_one(&query, ERR_CONFLICT);
}

enum err_code
store_task_set_shape(struct store *store, const struct task *task)
{
	struct query query = db_query(store, SQL_TASK_SET_SHAPE);
	db_int(&query, ":id", task->id);
	db_text(&query, ":size", task->size);
	db_int(&query, ":seconds", task->seconds);
	return db_run(&query);
}

enum err_code
store_task_revise(struct store *store, int64_t id, int64_t now, int64_t *ret_rev)
{
	struct query query = db_query(store, SQL_TASK_REVISE);
	db_int(&query, ":id", id);
	db_int(&query, ":now", now);
	db_revise(&query);
	return db_end_revised(&query, ERR_NOT_FOUND, ret_rev);
}

static enum err_code
forget(struct store *store, int64_t id)
{
	struct query query = db_query(store, SQL_TASK_FORGET);
	db_int(&query, ":id", id);
	return rename_by(&query, id);
}

enum err_code
store_task_retry(struct store *store, const struct task_retry *again, int64_t *ret_rev)
{
	struct query query = db_query(store, SQL_TASK_KEEP_ATTEMPT);
	db_int(&query, ":id", again->id);
	db_text(&query, ":from", task_state_word(again->from));
	enum err_code err = db_run(&query);
	if (err != ERR_OK)
		return err;
	query = db_query(store, SQL_TASK_RETRY);
	db_int(&query, ":id", again->id);
	db_text(&query, ":from", task_state_word(again->from));
	db_text(&query, ":to", task_state_word(again->to));
	db_text(&query, ":owner", again->owner);
	db_int(&query, ":due_at", again->due_at);
	db_int(&query, ":deadline_at", again->deadline_at);
	db_int(&query, ":api_key", again->api_key);
	db_int(&query, ":now", again->now);
	db_revise(&query);
	int64_t rev = 0;
	err = db_end_revised(&query, ERR_CONFLICT, &rev);
	if (err == ERR_OK)
		err = effect_moved(store, again->id, again->from, again->to);
	if (err == ERR_OK)
		err = forget(store, again->id);
	if (err == ERR_OK)
		*ret_rev = rev;
	return err;
}

enum err_code
store_task_delete(struct store *store, int64_t id, int64_t now, int64_t *ret_rev)
{
	struct query query = db_query(store, SQL_TASK_DELETE);
	db_int(&query, ":id", id);
	db_int(&query, ":now", now);
	db_revise(&query);
	int64_t rev = 0;
	enum err_code err = db_end_revised(&query, ERR_NOT_FOUND, &rev);
	if (err == ERR_OK)
		err = effect_deleted(store, id);
	if (err == ERR_OK)
		*ret_rev = rev;
	return err;
}
