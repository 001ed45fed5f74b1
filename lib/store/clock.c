/* Repairs times after the clock was set. Wall clock time minus the time since the machine's start is
 * constant, but for corrections by a time server; where it has changed, all times in the database are wrong
 * by the same step. As the difference is noted in the database, exactly one process repairs them, once, even
 * where none ran while the clock was set. */
#include "store/clock.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/file.h"
#include "store/db.h"
#include "store/turn.h"

enum { ID_MAX = 64 };
#define UNKNOWN INT64_MIN

static const char boot_id[] = "/proc/sys/kernel/random/boot_id"; /* random(4): drawn at each start */

/* Reads the offset that was noted since the machine's start; UNKNOWN where none was, or where the system does
 * not tell one start from another. */
static enum err_code
read_offset(struct store *store, int64_t *ret_offset)
{
	struct buf boot;
	enum err_code err = ERR_OK;
	buf_init(&boot, ID_MAX);
	*ret_offset = UNKNOWN;
	if (file_read(boot_id, &boot) == ERR_OK && buf_str(&boot)[0] != '\0') {
		struct query query = db_query(store, SQL_CLOCK_GET);
		db_text(&query, ":boot", buf_str(&boot));
		err = db_end_number(&query, UNKNOWN, ret_offset);
	}
	buf_free(&boot);
	return err;
}

enum err_code
store_clock_step(struct store *store, int64_t *ret_step)
{
	int64_t before, offset = clock_wall_ms() - clock_boot_ms();
	enum err_code err = read_offset(store, &before);
	if (err == ERR_OK)
		*ret_step = before != UNKNOWN ? offset - before : 0;
	return err;
}

enum err_code
store_clock_owed(struct store *store, int64_t *ret_step)
{
	int64_t step = 0;
	enum err_code err = store_clock_step(store, &step);
	if (err == ERR_OK)
		*ret_step = step > -CLOCK_STEP_MS && step < CLOCK_STEP_MS ? 0 : step;
	return err;
}

enum err_code
store_clock_known(struct store *store, bool *ret_known)
{
	int64_t before;
	enum err_code err = read_offset(store, &before);
	if (err == ERR_OK)
		*ret_known = before != UNKNOWN;
	return err;
}

enum err_code
store_clock_deadline(struct store *store, int64_t task_id, int64_t *ret_deadline)
{
	int64_t step = 0, deadline = 0;
	/* In this order: what is moved in between is late rather than early. */
	enum err_code err = store_clock_owed(store, &step);
	if (err != ERR_OK)
		return err;
	struct query query = db_query(store, SQL_CLOCK_DEADLINE);
	db_int(&query, ":id", task_id);
	bool found = db_step(&query);
	if (found)
		deadline = db_column_int(&query, 0);
	err = db_end_found(&query, found);
	if (err == ERR_OK)
		*ret_deadline = deadline + step;
	return err;
}

static enum err_code
shift_times(struct store *store, enum sql_query verb, int64_t step)
{
	struct query query = db_query(store, verb);
	db_int(&query, ":step", step);
	return db_run(&query);
}

enum err_code
store_clock_shift(struct store *store, int64_t step)
{
	static const enum sql_query verbs[] = {
	    SQL_CLOCK_SHIFT_SENT,     SQL_CLOCK_SHIFT_READY,
	    SQL_CLOCK_SHIFT_TOKENS,   SQL_CLOCK_SHIFT_ARCHIVE,
	    SQL_CLOCK_SHIFT_WEBHOOKS, SQL_CLOCK_SHIFT_PLACES,
	    SQL_CLOCK_SHIFT_CHARGES,  SQL_CLOCK_SHIFT_DELIVERIES,
	    SQL_CLOCK_SHIFT_CHANNELS, SQL_CLOCK_SHIFT_MODELS,
	    SQL_CLOCK_SHIFT_LACKS,    SQL_CLOCK_SHIFT_RUNNING,
	    SQL_CLOCK_SHIFT_LATE,     SQL_SHARE_SHIFT,
	    SQL_SHARE_POLLER_SHIFT,
	};
	struct query query;
	struct buf boot;
	enum err_code err = ERR_OK;
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]) && err == ERR_OK && step != 0; i++)
		err = shift_times(store, verbs[i], step);
	if (err != ERR_OK)
		return err;
	buf_init(&boot, ID_MAX);
	if (file_read(boot_id, &boot) == ERR_OK) {
		query = db_query(store, SQL_CLOCK_SET);
		db_text(&query, ":boot", buf_str(&boot));
		db_int(&query, ":offset", clock_wall_ms() - clock_boot_ms());
		err = db_run(&query);
	}
	buf_free(&boot);
	return err;
}

static enum err_code
hurry_rows(struct store *store, enum sql_query verb, int64_t now, int64_t lease)
{
	struct query query = db_query(store, verb);
	db_int(&query, ":now", now);
	if (lease > 0)
		db_int(&query, ":lease", lease);
	return db_run(&query);
}

enum err_code
store_clock_back_again(struct store *store, int64_t now, int64_t lease)
{
	static const enum sql_query verbs[] = {SQL_CLAIM_HURRY_RUNNING, SQL_CLAIM_HURRY_LATE,
	                                       SQL_SHARE_HURRY};
	enum err_code err = hurry_rows(store, SQL_CLAIM_HURRY_SENT, now, lease);
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]) && err == ERR_OK; i++)
		err = hurry_rows(store, verbs[i], now, 0);
	if (err != ERR_OK)
		return err;
	struct query query = db_query(store, SQL_SHARE_POLLER_HURRY);
	db_int(&query, ":lease", lease);
	return db_run(&query);
}

enum err_code
store_clock_back(struct store *store, int64_t now, int64_t lease, int64_t fetch_lease, bool moved)
{
	enum err_code err = store_clock_back_again(store, now, lease);
	if (err == ERR_OK && !moved)
		err = hurry_rows(store, SQL_CLAIM_HURRY_READY, now, 0);
	if (err == ERR_OK)
		err = turn_hurry(store, now);
	if (err == ERR_OK)
		err = hurry_rows(store, SQL_DELIVERY_HURRY, now, lease);
	if (err == ERR_OK)
		err = hurry_rows(store, SQL_ARCHIVE_HURRY, now, fetch_lease);
	if (err == ERR_OK && !moved)
		err = hurry_rows(store, SQL_CHANNEL_HURRY, now, 0);
	return err == ERR_OK && !moved ? hurry_rows(store, SQL_CHANNEL_MODEL_HURRY, now, 0) : err;
}
