/* longreel charge: what attempts of tasks cost. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/config.h"
#include "cli.h"
#include "domain/env.h"
#include "domain/money/credit.h"
#include "domain/settings.h"
#include "domain/task/lapse.h"
#include "limits.h"
#include "sheet.h"
#include "store/report.h"
#include "store/store.h"
#include "store/user.h"
#include "when.h"

enum { PIECE = 500, PRESET = 20, ID_DIGITS = 18 };

static int
fail_with(enum err_code err)
{
	return cli_fail("%s", err_text(err, "en"));
}

static const struct sheet_column columns[] = {
    {"ID", 6, 0, "id", SHEET_INT},
    {"AT", CLI_TIME_WIDTH, 0, "at", SHEET_TIME},
    {"USER", 12, 0, "user", SHEET_TEXT},
    {"KEY", 4, 0, "key", SHEET_INT},
    {"GROUP", 10, 0, "group", SHEET_TEXT},
    {"VIDEO", 32, 0, "videoId", SHEET_TEXT},
    {"ATTEMPT", 7, 0, "attempt", SHEET_INT},
    {"MODEL", 16, 0, "model", SHEET_TEXT},
    {"CHANNEL", 12, 0, "channel", SHEET_TEXT},
    {"JOB", 6, 0, "job", SHEET_TEXT},
    {"SIZE", 9, 0, "size", SHEET_TEXT},
    {"SECONDS", 7, 0, "seconds", SHEET_INT},
    {"STATE", 8, 0, "state", SHEET_TEXT},
    {"REASON", 12, 0, "reason", SHEET_TEXT},
    {"RESERVED", 9, 0, "reservedMicro", SHEET_AMOUNT},
    {"CHARGED", 9, 0, "chargedMicro", SHEET_AMOUNT},
    {"REFUNDED", 9, 0, "refundedMicro", SHEET_AMOUNT},
    {"COST", 9, 0, "costMicro", SHEET_AMOUNT},
    {"COST FROM", 9, 0, "costFrom", SHEET_TEXT},
    {0},
};

static const char *
or_none(const char *text)
{
	return text != NULL && text[0] != '\0' ? text : NULL;
}

static void
put(struct sheet *sheet, const struct report_charge *row)
{
	const struct charge *charge = &row->charge;
	int64_t key = charge->api_key != 0 ? charge->api_key : SHEET_NONE;

	sheet_row(
	    sheet,
	    (const struct cell[]){
	        CELL_NUMBER(charge->id), CELL_NUMBER(charge->created_at), CELL_TEXT(row->username),
	        CELL_NUMBER(key), CELL_TEXT(row->group), CELL_TEXT(row->video_id),
	        CELL_NUMBER(charge->attempt), CELL_TEXT(or_none(charge->model)), CELL_TEXT(charge->channel),
	        CELL_TEXT(charge->job), CELL_TEXT(or_none(charge->size)), CELL_NUMBER(charge->seconds),
	        CELL_TEXT(charge_state_word(charge->state)), CELL_TEXT(charge->reason),
	        CELL_NUMBER(charge->reserved), CELL_NUMBER(charge->charged), CELL_NUMBER(charge->refunded),
	        CELL_NUMBER(charge->cost >= 0 ? charge->cost : SHEET_NONE), CELL_TEXT(charge->cost_from)});
}

/* ---- lists ---- */

struct filter {
	int64_t user_id; /* 0 = any, as the others are where they were not given */
	int64_t from, until;
	const char *model;
	enum charge_state state;
};

static bool
fits(const struct filter *filter, const struct charge *charge)
{
	return charge->created_at >= filter->from && charge->created_at < filter->until &&
	       (filter->model == NULL || strcmp(filter->model, charge->model) == 0) &&
	       (filter->state == CHARGE_NONE || filter->state == charge->state);
}

/* Reads the options. On failure says why and returns false. */
static bool
read_filter(const struct cli_call *call, struct store *store, struct arena *arena, struct filter *filter)
{
	struct user user = {0};
	char why[512];

	*filter = (struct filter){.until = INT64_MAX, .model = call->model};
	struct config *config = settings_load(call->data, NULL, why, sizeof(why));
	if (config == NULL)
		return cli_fail("%s", why) == CLI_DONE;
	config_free(config); /* it was for its time zone */
	if (call->from != NULL && !when_read(call->from, false, &filter->from))
		return cli_fail("--from must be a time such as 2026-11-30.") == CLI_DONE;
	if (call->to != NULL && !when_read(call->to, true, &filter->until))
		return cli_fail("--to must be a time such as 2026-11-30.") == CLI_DONE;
	if (call->status != NULL)
		filter->state = charge_state_of(call->status);
	if (call->status != NULL && filter->state == CHARGE_NONE)
		return cli_fail("--status must be held, settled or released.") == CLI_DONE;
	enum err_code err = call->user != NULL ? store_user_by_name(store, arena, call->user, &user) : ERR_OK;
	if (err == ERR_NOT_FOUND)
		return cli_fail("there is no user %s.", call->user) == CLI_DONE;
	if (err != ERR_OK)
		return fail_with(err) == CLI_DONE;
	filter->user_id = user.id;
	return true;
}

/* Writes the charges from the latest on, until there are `most` or no more. */
static enum err_code
put_all(struct sheet *sheet, struct store *store, const struct filter *filter, int most)
{
	struct report_page page = {.count = PIECE};
	int64_t before = INT64_MAX;
	enum err_code err = ERR_OK;
	struct arena *arena = arena_new();
	if (arena == NULL)
		return ERR_NO_MEMORY;
	while (err == ERR_OK && page.count == PIECE && most > 0) {
		arena_reset(arena);
		err = store_report_charges(store, arena, filter->user_id, before, PIECE, &page);
		for (size_t i = 0; err == ERR_OK && i < page.count && most > 0; i++) {
			before = page.items[i].charge.id;
			if (!fits(filter, &page.items[i].charge))
				continue;
			put(sheet, &page.items[i]);
			most--;
		}
	}
	arena_free(arena);
	return err;
}

static int
list(const struct cli_call *call, struct store *store, struct arena *arena)
{
	struct filter filter;
	struct sheet sheet;

	if (!read_filter(call, store, arena, &filter) ||
	    !sheet_begin(&sheet, call, arena, columns, "charges"))
		return CLI_FAILED;
	enum err_code err = put_all(&sheet, store, &filter, call->limit > 0 ? call->limit : PRESET);
	return err == ERR_OK ? sheet_end(&sheet) : fail_with(err);
}

/* ---- one of them ---- */

/* Reads the number. On failure says why and returns false. */
static bool
read_id(const struct cli_call *call, int64_t *ret_id)
{
	const char *text = call->operands[0];
	if (strlen(text) > ID_DIGITS || strspn(text, "0123456789") != strlen(text)) {
		cli_fail("the id of a charge is a number; `longreel charge list` shows it.");
		return false;
	}
	*ret_id = strtoll(text, NULL, 10);
	return true;
}

static int
show(const struct cli_call *call, struct store *store, struct arena *arena)
{
	struct report_page page;
	struct sheet sheet;
	int64_t id;

	if (!read_id(call, &id))
		return CLI_FAILED;
	enum err_code err = store_report_charges(store, arena, 0, id + 1, 1, &page);
	if (err != ERR_OK)
		return fail_with(err);
	if (page.count == 0 || page.items[0].charge.id != id)
		return cli_fail("there is no charge %s.", call->operands[0]);
	if (!sheet_begin(&sheet, call, arena, columns, NULL))
		return CLI_FAILED;
	put(&sheet, &page.items[0]);
	return sheet_end(&sheet);
}

/* Says what became of the charge; with --json shows it. */
static int
end(const struct cli_call *call, struct store *store, struct arena *arena, enum err_code err,
    const char *done)
{
	if (err == ERR_NOT_FOUND)
		return cli_fail("there is no charge %s.", call->operands[0]);
	if (err == ERR_BAD_FIELD)
		return cli_fail("the user would have more credit than an account can hold.");
	if (err != ERR_OK)
		return fail_with(err);
	if (call->json)
		return show(call, store, arena);
	printf("charge %s %s\n", call->operands[0], done);
	return cli_finish();
}

static int
refund(const struct cli_call *call, struct store *store, struct arena *arena)
{
	const struct credit words = {.note = call->note, .actor = "cli", .now = clock_wall_ms()};
	int64_t id;

	if (!read_id(call, &id) || (call->note != NULL && !limits_note(call->note)))
		return CLI_FAILED;
	enum err_code err = store_begin(store, STORE_DURABLE);
	if (err == ERR_OK)
		err = credit_refund(store, arena, id, &words);
	if (err == ERR_OK)
		err = limits_audit(store, call, "charge.refund", call->operands[0]);
	return end(call, store, arena, store_end(store, err), "refunded");
}

static int
release(const struct cli_call *call, struct store *store, struct arena *arena)
{
	const struct domain_env env = {.store = store};
	int64_t id;

	if (!read_id(call, &id))
		return CLI_FAILED;
	enum err_code err = lapse_order(&env, arena, id);
	if (err == ERR_OK && !limits_audit_done(store, call, "charge.release", call->operands[0]))
		return CLI_FAILED;
	return end(call, store, arena, err, "released");
}

int
cli_charge_list(const struct cli_call *call)
{
	return cli_with_store(call, STORE_READ, list);
}

int
cli_charge_show(const struct cli_call *call)
{
	return cli_with_store(call, STORE_READ, show);
}

int
cli_charge_refund(const struct cli_call *call)
{
	return cli_with_store(call, STORE_WRITE, refund);
}

int
cli_charge_release(const struct cli_call *call)
{
	return cli_with_store(call, STORE_WRITE, release);
}
