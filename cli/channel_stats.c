/* longreel channel stats: what became of tasks at channels, each in a sum, or one hour by hour. */
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/config.h"
#include "base/err.h"
#include "cli.h"
#include "domain/settings.h"
#include "sheet.h"
#include "store/channel_hour.h"
#include "store/store.h"
#include "when.h"

enum { HOUR_MS = 60 * 60 * 1000, DAY_HOURS = 24 };

static const struct sheet_column columns[] = {
    {"CHANNEL", 12, 0, "channel", SHEET_TEXT},
    {"HOUR", CLI_TIME_WIDTH, 0, "hour", SHEET_TIME},
    {"ACCEPTED", 8, 0, "accepted", SHEET_INT},
    {"REFUSED", 7, 0, "refused", SHEET_INT},
    {"POSTPONED", 9, 0, "postponed", SHEET_INT},
    {"UNKNOWN", 7, 0, "unknown", SHEET_INT},
    {"COMPLETED", 9, 0, "completed", SHEET_INT},
    {"FAILED", 6, 0, "failed", SHEET_INT},
    {0},
};

static int
stats(const struct cli_call *call, struct store *store, struct arena *arena)
{
	struct channel_hour *hours = NULL;
	struct sheet sheet;
	char why[512];
	size_t count = 0;
	int64_t to = clock_wall_ms(), from = to - (int64_t)(DAY_HOURS - 1) * HOUR_MS;

	struct config *config = settings_load(call->data, NULL, why, sizeof(why));
	if (config == NULL)
		return cli_fail("%s", why);
	config_free(config); /* it was for its time zone */
	if (call->from != NULL && !when_read(call->from, false, &from))
		return cli_fail("--from must be a time such as 2026-11-30 or 2026-11-30T12:00:00Z.");
	if (call->to != NULL && !when_read(call->to, true, &to))
		return cli_fail("--to must be a time such as 2026-11-30 or 2026-11-30T12:00:00Z.");
	enum err_code err = store_channel_hours(
	    store, arena, call->operands[0], (struct channel_hour_span){from / HOUR_MS, (to - 1) / HOUR_MS},
	    &hours, &count);
	if (err != ERR_OK)
		return cli_fail("%s", err_text(err, "en"));
	if (!sheet_begin(&sheet, call, arena, columns, "rows"))
		return CLI_FAILED;
	for (size_t i = 0; i < count; i++)
		sheet_row(&sheet, (const struct cell[]){
		                      CELL_TEXT(hours[i].channel), CELL_NUMBER(hours[i].hour * HOUR_MS),
		                      CELL_NUMBER(hours[i].accepted), CELL_NUMBER(hours[i].refused),
		                      CELL_NUMBER(hours[i].postponed), CELL_NUMBER(hours[i].unknown),
		                      CELL_NUMBER(hours[i].completed), CELL_NUMBER(hours[i].failed)});
	return sheet_end(&sheet);
}

int
cli_channel_stats(const struct cli_call *call)
{
	return cli_with_store(call, STORE_READ, stats);
}
