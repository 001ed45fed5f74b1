/* Charges: see charge.h. */
#include "store/charge.h"

#include <string.h>

#include "base/arena.h"
#include "store/account.h"
#include "store/clock.h"
#include "store/db.h"

#define OURS "longreel" /* the actor of what follows from a move */

static void
read_charge(struct query *query, struct arena *arena, void *ret_charge)
{
	const char *cancel = db_column_text(query, 13), *state = db_column_text(query, 20);
	const char *linger_to = db_column_text(query, 24);
	if (cancel == NULL || state == NULL)
		return;
	*(struct charge *)ret_charge = (struct charge){
	    .id = db_column_int(query, 0),
	    .task_id = db_column_int(query, 1),
	    .attempt = db_column_int(query, 2),
	    .user_id = db_column_int(query, 3),
	    .api_key = db_column_int(query, 4),
	    .group_id = db_column_int(query, 5),
	    .model = db_column_copy(query, arena, 6),
	    .channel = db_column_copy(query, arena, 7),
	    .job = db_column_copy(query, arena, 8),
	    .size = db_column_copy(query, arena, 9),
	    .seconds = db_column_int(query, 10),
	    .tariff_id = db_column_int(query, 11),
	    .multiplier_ppm = db_column_int(query, 12),
	    .cancel_charged = strcmp(cancel, "sent") == 0,
	    .late_hold = db_column_int(query, 14),
	    .reserved = db_column_int(query, 15),
	    .charged = db_column_int(query, 16),
	    .refunded = db_column_int(query, 17),
	    .cost = db_column_null(query, 18) ? -1 : db_column_int(query, 18),
	    .cost_from = db_column_copy(query, arena, 19),
	    .state = charge_state_of(state),
	    .reason = db_column_copy(query, arena, 21),
	    .outcome = db_column_copy(query, arena, 22),
	    .linger_until = db_column_int(query, 23),
	    .linger_settles = linger_to != NULL && strcmp(linger_to, "settled") == 0,
	    .day = db_column_int(query, 25),
	    .created_at = db_column_int(query, 26),
	    .ended_at = db_column_int(query, 27),
	};
}

/* ---- sums ---- */

static struct query
of_user(struct store *store, enum sql_query name, const struct charge *charge, int64_t amount)
{
	struct query query = db_query(store, name);
	db_int(&query, ":amount", amount);
	db_int(&query, ":user_id", charge->user_id);
	db_int(&query, ":day", charge->day);
	db_int(&query, ":api_key", charge->api_key);
	return query;
}

static struct query
of_channel(struct store *store, enum sql_query name, const struct charge *charge, int64_t amount)
{
	struct query query = db_query(store, name);
	db_int(&query, ":amount", amount);
	db_text(&query, ":channel", charge->channel);
	db_int(&query, ":day", charge->day);
	return query;
}

/* Adds to the sum of the charge's channel, or takes from it. */
static enum err_code
spend_channel(struct store *store, const struct charge *charge, int64_t amount)
{
	struct query query = of_channel(store, SQL_CHARGE_SPEND_CHANNEL, charge, amount);
	enum err_code err = db_run(&query);
	if (err != ERR_OK || db_changes(store) > 0)
		return err;
	query = of_channel(store, SQL_CHARGE_SPEND_CHANNEL_FIRST, charge, amount);
	return db_run(&query);
}

/* The same of its user and key, too. */
static enum err_code
spend(struct store *store, const struct charge *charge, int64_t amount)
{
	struct query query = of_user(store, SQL_CHARGE_SPEND, charge, amount);
	enum err_code err = db_run(&query);
	if (err == ERR_OK && db_changes(store) == 0) {
		query = of_user(store, SQL_CHARGE_SPEND_FIRST, charge, amount);
		err = db_run(&query);
	}
	return err == ERR_OK ? spend_channel(store, charge, amount) : err;
}

/* Counts the charge by how it has ended. */
static enum err_code
tally(struct store *store, const struct charge *charge, int by)
{
	static const enum sql_query names[] = {SQL_CHARGE_TALLY, SQL_CHARGE_TALLY_FIRST};
	enum err_code err = ERR_OK;
	for (size_t i = 0; i < 2 && err == ERR_OK && (i == 0 || db_changes(store) == 0); i++) {
		struct query query = db_query(store, names[i]);
		db_text(&query, ":state", charge_state_word(charge->state));
		db_text(&query, ":reason", charge->reason);
		db_int(&query, ":n", by);
		db_int(&query, ":charged", by * charge->charged);
		err = db_run(&query);
	}
	return err;
}

/* Counts the charge as it stands, also in its row; -1 = no longer. */
static enum err_code
count(struct store *store, const struct charge *charge, int by)
{
	struct query query = db_query(store, SQL_CHARGE_COUNT);
	db_int(&query, ":id", charge->id);
	db_int(&query, ":by", by);
	enum err_code err = db_run(&query);
	return err == ERR_OK ? tally(store, charge, by) : err;
}

/* ---- transfers ---- */

static enum err_code
transfer(struct store *store, const struct charge *charge, enum transfer_kind kind, int64_t amount,
         int64_t now)
{
	const struct transfer row = {.at = now,
	                             .kind = kind,
	                             .user_id = charge->user_id,
	                             .amount = amount,
	                             .charge_id = charge->id,
	                             .actor = OURS};
	return amount > 0 ? store_transfer(store, &row, NULL) : ERR_OK;
}

/* ---- charges ---- */

static enum err_code
note_task(struct store *store, int64_t task_id)
{
	struct query query = db_query(store, SQL_CHARGE_TASK);
	db_int(&query, ":task_id", task_id);
	return db_run(&query);
}

enum err_code
store_charge_add(struct store *store, const struct charge *charge, int64_t *ret_id)
{
	struct query query = db_query(store, SQL_CHARGE_ADD);
	db_int(&query, ":task_id", charge->task_id);
	db_int(&query, ":attempt", charge->attempt);
	db_int(&query, ":user_id", charge->user_id);
	db_int(&query, ":api_key", charge->api_key);
	db_int(&query, ":group_id", charge->group_id);
	db_text(&query, ":model", charge->model);
	db_text(&query, ":channel", charge->channel);
	db_text(&query, ":job", charge->job);
	db_text(&query, ":size", charge->size);
	db_int(&query, ":seconds", charge->seconds);
	db_int(&query, ":tariff_id", charge->tariff_id);
	db_int(&query, ":multiplier_ppm", charge->multiplier_ppm);
	db_text(&query, ":cancel", charge->cancel_charged ? "sent" : "never");
	db_int(&query, ":late_hold", charge->late_hold);
	db_int(&query, ":reserved", charge->reserved);
	db_int(&query, ":day", charge->day);
	db_int(&query, ":sunday", charge->sunday);
	db_int(&query, ":created_at", charge->created_at);
	enum err_code err = db_run(&query);
	struct charge added = *charge;
	added.id = db_inserted(store);
	if (err == ERR_OK && charge->attempt > 1) /* the row of a new task says so itself */
		err = note_task(store, charge->task_id);
	if (err == ERR_OK)
		err = transfer(store, &added, TRANSFER_RESERVE, added.reserved, added.created_at);
	if (err == ERR_OK && added.reserved > 0)
		err = spend(store, &added, added.reserved);
	if (err == ERR_OK)
		*ret_id = added.id;
	return err;
}

enum err_code
store_charge_get(struct store *store, struct arena *arena, int64_t task_id, int64_t attempt,
                 struct charge *ret_charge)
{
	struct query query = db_query(store, SQL_CHARGE_GET);
	db_int(&query, ":task_id", task_id);
	db_int(&query, ":attempt", attempt);
	return db_end_one(&query, arena, read_charge, sizeof(*ret_charge), ret_charge);
}

enum err_code
store_charge_by_id(struct store *store, struct arena *arena, int64_t id, struct charge *ret_charge)
{
	struct query query = db_query(store, SQL_CHARGE_BY_ID);
	db_int(&query, ":id", id);
	return db_end_one(&query, arena, read_charge, sizeof(*ret_charge), ret_charge);
}

static void
bind_cost(struct query *query, const struct charge_end *end)
{
	db_natural(query, ":cost", end->cost);
	db_text(query, ":cost_from", end->cost < 0 ? NULL : end->cost_reported ? "upstream" : "tariff");
}

enum err_code
store_charge_end(struct store *store, const struct charge *charge, const struct charge_end *end)
{
	int64_t rest = charge->reserved - end->charged;
	struct query query = db_query(store, SQL_CHARGE_END);
	db_int(&query, ":id", charge->id);
	db_text(&query, ":state", charge_state_word(end->state));
	db_int(&query, ":charged", end->charged);
	bind_cost(&query, end);
	db_text(&query, ":reason", end->reason);
	db_text(&query, ":outcome", end->outcome);
	db_int(&query, ":now", end->now);
	enum err_code err = db_run_one(&query, ERR_CONFLICT);
	if (err == ERR_OK)
		err = transfer(store, charge, TRANSFER_SETTLE, end->charged, end->now);
	if (err == ERR_OK)
		err = transfer(store, charge, TRANSFER_RELEASE, rest, end->now);
	if (err == ERR_OK && rest > 0)
		err = spend(store, charge, -rest);
	struct charge ended = *charge;
	ended.state = end->state;
	ended.reason = end->reason;
	ended.charged = end->charged;
	return err == ERR_OK ? count(store, &ended, 1) : err;
}

enum err_code
store_charge_waive(struct store *store, const struct charge *charge, const struct charge_end *end)
{
	struct charge waived = *charge;
	enum err_code err = count(store, charge, -1);
	if (err != ERR_OK)
		return err;
	struct query query = db_query(store, SQL_CHARGE_WAIVE);
	db_int(&query, ":id", charge->id);
	bind_cost(&query, end);
	err = db_run_one(&query, ERR_CONFLICT);
	waived.reason = "waived";
	return err == ERR_OK ? count(store, &waived, 1) : err;
}

enum err_code
store_charge_linger(struct store *store, int64_t id, int64_t until, bool settles)
{
	int64_t step = 0;
	enum err_code err = until > 0 ? store_clock_owed(store, &step) : ERR_OK;
	if (err != ERR_OK)
		return err;
	struct query query = db_query(store, SQL_CHARGE_LINGER);
	db_int(&query, ":id", id);
	db_natural(&query, ":until", until > 0 ? until - step : -1);
	db_text(&query, ":to", until <= 0 ? NULL : settles ? "settled" : "released");
	return db_run(&query);
}

enum err_code
store_charge_lapsed(struct store *store, struct arena *arena, int64_t now, int64_t most,
                    struct charge **ret_charges, size_t *ret_count)
{
	struct query query = db_query(store, SQL_CHARGE_LAPSED);
	db_int(&query, ":now", now);
	db_int(&query, ":most", most);
	return db_end_list(&query, arena, read_charge, sizeof(**ret_charges), ret_charges, ret_count);
}

enum err_code
store_charge_move(struct store *store, int64_t task_id, int64_t attempt, const char *channel)
{
	struct charge charge;
	struct arena *arena = arena_new();
	enum err_code err =
	    arena != NULL ? store_charge_get(store, arena, task_id, attempt, &charge) : ERR_NO_MEMORY;
	if (err == ERR_OK && charge.state == CHARGE_HELD && strcmp(charge.channel, channel) != 0) {
		struct query query = db_query(store, SQL_CHARGE_CHANNEL);
		db_int(&query, ":id", charge.id);
		db_text(&query, ":channel", channel);
		err = db_run(&query);
		if (err == ERR_OK && charge.reserved > 0)
			err = spend_channel(store, &charge, -charge.reserved);
		charge.channel = channel;
		if (err == ERR_OK && charge.reserved > 0)
			err = spend_channel(store, &charge, charge.reserved);
	}
	arena_free(arena);
	return err == ERR_NOT_FOUND ? ERR_OK : err;
}

enum err_code
store_charge_refund(struct store *store, const struct charge *charge, int64_t amount, const char *note,
                    const char *actor, int64_t now)
{
	struct query query = db_query(store, SQL_CHARGE_REFUND);
	db_int(&query, ":id", charge->id);
	db_int(&query, ":amount", amount);
	enum err_code err = db_run_one(&query, ERR_CONFLICT);
	const struct transfer row = {.at = now,
	                             .kind = TRANSFER_REFUND,
	                             .user_id = charge->user_id,
	                             .amount = amount,
	                             .charge_id = charge->id,
	                             .note = note,
	                             .actor = actor};
	return err == ERR_OK ? store_transfer(store, &row, NULL) : err;
}

static void
read_kind(struct query *query, struct arena *arena, void *ret_kind)
{
	*(struct charge_kind *)ret_kind = (struct charge_kind){.state = db_column_copy(query, arena, 0),
	                                                       .reason = db_column_copy(query, arena, 1),
	                                                       .count = db_column_int(query, 2)};
}

enum err_code
store_charge_kinds(struct store *store, struct arena *arena, struct charge_kind **ret_kinds,
                   size_t *ret_count)
{
	struct query query = db_query(store, SQL_CHARGE_KINDS);
	return db_end_list(&query, arena, read_kind, sizeof(**ret_kinds), ret_kinds, ret_count);
}
