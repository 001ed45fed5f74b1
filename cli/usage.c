/* longreel usage: what was made and charged, in sums. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/amount.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/config.h"
#include "base/csv.h"
#include "base/window.h"
#include "cli.h"
#include "domain/settings.h"
#include "sheet.h"
#include "store/report.h"
#include "store/store.h"
#include "store/user.h"
#include "when.h"

enum { CSV_MOST = 64 * 1024 * 1024 };

static int
fail_with(enum err_code err)
{
	return cli_fail("%s", err_text(err, "en"));
}

static const struct sheet_column columns[] = {
    {"OF", 20, 0, "group", SHEET_TEXT},
    {"COMPLETED", 9, 0, "completed", SHEET_INT},
    {"FAILED", 6, 0, "failed", SHEET_INT},
    {"CANCELLED", 9, 0, "cancelled", SHEET_INT},
    {"SECONDS", 8, 0, "seconds", SHEET_INT},
    {"CHARGED", 12, 0, "chargedMicro", SHEET_AMOUNT},
    {"COST", 12, 0, "costMicro", SHEET_AMOUNT},
    {"COST UNKNOWN", 12, 0, "costUnknown", SHEET_INT},
    {0},
};

/* Reads the options. On failure says why and returns false. */
static bool
read_span(const struct cli_call *call, struct store *store, struct arena *arena, struct report_span *span)
{
	struct user user = {0};
	struct window month;
	int64_t ms;

	window_at(WINDOW_MONTH, false, clock_wall_ms(), &month);
	*span = (struct report_span){.first_day = month.first_day, .last_day = month.last_day};
	if (call->from != NULL && !when_read(call->from, false, &ms))
		return cli_fail("--from must be a day such as 2026-11-30.") == CLI_DONE;
	if (call->from != NULL)
		span->first_day = window_day(ms);
	if (call->to != NULL && !when_read(call->to, true, &ms))
		return cli_fail("--to must be a day such as 2026-11-30.") == CLI_DONE;
	if (call->to != NULL)
		span->last_day = window_day(ms - 1);
	while (call->by != NULL && span->by < REPORT_BY__MAX &&
	       strcmp(report_by_word(span->by), call->by) != 0)
		span->by++;
	if (span->by == REPORT_BY__MAX)
		return cli_fail("--by must be user, model, channel, key or day.") == CLI_DONE;
	enum err_code err = call->user != NULL ? store_user_by_name(store, arena, call->user, &user) : ERR_OK;
	if (err == ERR_NOT_FOUND)
		return cli_fail("there is no user %s.", call->user) == CLI_DONE;
	if (err != ERR_OK)
		return fail_with(err) == CLI_DONE;
	span->user_id = user.id;
	return true;
}

/* What a row is of, for people. */
static enum err_code
name_part(struct store *store, struct arena *arena, enum report_by by, const char *part,
          const char **ret_name)
{
	char day[WINDOW_DAY_SIZE];
	struct user user;
	enum err_code err = ERR_OK;
	*ret_name = part;
	if (by == REPORT_BY_USER) {
		err = store_user_by_id(store, arena, strtoll(part, NULL, 10), &user);
		*ret_name = err == ERR_OK ? user.username : part;
	} else if (by == REPORT_BY_DAY) {
		window_day_text(strtoll(part, NULL, 10), day);
		*ret_name = arena_strdup(arena, day);
	} else if (*part == '\0') {
		*ret_name = NULL;
	}
	return err;
}

static void
csv_number(struct buf *out, int64_t number, bool last)
{
	char text[24];
	snprintf(text, sizeof(text), "%" PRId64, number);
	csv_cell(out, text, last);
}

static void
csv_row(struct buf *out, const char *name, const struct report_usage *usage)
{
	char charged[AMOUNT_SIZE], cost[AMOUNT_SIZE];
	amount_text(usage->charged, charged);
	amount_text(usage->cost, cost);
	csv_cell(out, name, false);
	csv_number(out, usage->completed, false);
	csv_number(out, usage->failed, false);
	csv_number(out, usage->cancelled, false);
	csv_number(out, usage->seconds, false);
	csv_cell(out, charged, false);
	csv_cell(out, cost, false);
	csv_number(out, usage->unknown, true);
}

/* Writes a row, into the CSV where there is one. */
static void
put(struct sheet *sheet, struct buf *csv, const char *name, const struct report_usage *usage)
{
	if (csv != NULL) {
		csv_row(csv, name, usage);
		return;
	}
	sheet_row(sheet, (const struct cell[]){CELL_TEXT(name), CELL_NUMBER(usage->completed),
	                                       CELL_NUMBER(usage->failed), CELL_NUMBER(usage->cancelled),
	                                       CELL_NUMBER(usage->seconds), CELL_NUMBER(usage->charged),
	                                       CELL_NUMBER(usage->cost), CELL_NUMBER(usage->unknown)});
}

static int
finish(struct sheet *sheet, const struct buf *csv)
{
	if (csv == NULL)
		return sheet_end(sheet);
	if (csv->failed)
		return fail_with(ERR_NO_MEMORY);
	fwrite(csv->data, 1, csv->len, stdout);
	return cli_finish();
}

static int
show(const struct cli_call *call, struct store *store, struct arena *arena, const struct report_span *span)
{
	struct report_sums sums;
	struct sheet sheet = {0};
	struct buf *csv = call->csv ? buf_in_arena(arena, CSV_MOST) : NULL;

	if (call->csv && csv == NULL)
		return fail_with(ERR_NO_MEMORY);
	enum err_code err = store_report_usage(store, arena, span, &sums);
	if (err != ERR_OK)
		return fail_with(err);
	if (csv != NULL)
		buf_addf(csv, "%s,completed,failed,cancelled,seconds,charged,cost,cost_unknown\r\n",
		         report_by_word(span->by));
	else if (!sheet_begin(&sheet, call, arena, columns, "rows"))
		return CLI_FAILED;
	for (size_t i = 0; i < sums.count; i++) {
		const char *name;
		err = name_part(store, arena, span->by, sums.items[i].part, &name);
		if (err != ERR_OK)
			return fail_with(err);
		put(&sheet, csv, name, &sums.items[i]);
	}
	return finish(&sheet, csv);
}

static int
usage(const struct cli_call *call, struct store *store, struct arena *arena)
{
	struct report_span span;
	char why[512];

	if (call->csv && call->json)
		return cli_fail("--csv and --json are two forms of the same: give one of them.");
	struct config *config = settings_load(call->data, NULL, why, sizeof(why));
	if (config == NULL)
		return cli_fail("%s", why);
	config_free(config); /* it was for its time zone */
	return read_span(call, store, arena, &span) ? show(call, store, arena, &span) : CLI_FAILED;
}

int
cli_usage(const struct cli_call *call)
{
	return cli_with_store(call, STORE_READ, usage);
}
