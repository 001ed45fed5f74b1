/* GET /api/account/usage?from=&to=&groupBy=day|model|key
 *
 * {rows: [{group, name, completed, failed, cancelled, seconds, chargedMicro}], total}: what the caller's
 * attempts that have ended came to, by the day that they were made; `total` has the same members without
 * group and name. from, to: whole days, of the configured time zone (or ms, of which the day counts); by
 * default the present month. group: the day (2026-11-30), the model (null where none was named), or the id of
 * the API key as text, "0" for logins; name: that of the key, else null. seconds: of what was completed.
 * Errors: bad_field. Reads usage_day, which has a row for a day, however many charges there are. */
#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "api/call.h"
#include "base/limits.h"
#include "base/window.h"
#include "handlers.h"
#include "period.h"
#include "store/key.h"
#include "store/report.h"
#include "web/field.h"

struct query {
	const char *from, *to, *by;
};

static const char *const groups[] = {"day", "model", "key", NULL}; /* in the order of enum report_by */

static const struct field fields[] = {
    {"from", FIELD_LINE, offsetof(struct query, from), .min = 1, .max = LIMIT_WORD},
    {"to", FIELD_LINE, offsetof(struct query, to), .min = 1, .max = LIMIT_WORD},
    {"groupBy", FIELD_WORD, offsetof(struct query, by), .words = groups},
};

static void
write_sums(struct jsonw *w, const struct report_usage *usage)
{
	jsonw_int(w, "completed", usage->completed);
	jsonw_int(w, "failed", usage->failed);
	jsonw_int(w, "cancelled", usage->cancelled);
	jsonw_int(w, "seconds", usage->seconds);
	jsonw_int(w, "chargedMicro", usage->charged);
}

/* Writes what the row is about. */
static enum err_code
write_group(struct call *call, struct jsonw *w, enum report_by by, const char *part)
{
	char day[WINDOW_DAY_SIZE];
	struct key key = {0};
	int64_t number = by != REPORT_BY_MODEL ? strtoll(part, NULL, 10) : 0;
	enum err_code err = ERR_OK;
	if (by == REPORT_BY_KEY && number != 0)
		err = store_key_get(call->store, call->arena, call->user->id, number, &key);
	if (by == REPORT_BY_DAY)
		window_day_text(number, day);
	jsonw_string(w, "group",
	             by == REPORT_BY_DAY                      ? day
	             : by == REPORT_BY_MODEL && *part == '\0' ? NULL
	                                                      : part);
	jsonw_string(w, "name", key.name);
	return err == ERR_NOT_FOUND ? ERR_OK : err;
}

static void
add(struct report_usage *total, const struct report_usage *usage)
{
	total->completed += usage->completed;
	total->failed += usage->failed;
	total->cancelled += usage->cancelled;
	total->seconds += usage->seconds;
	total->charged += usage->charged;
}

static struct err
read_query(struct call *call, struct report_span *ret_span)
{
	struct query query = {0};
	struct period period;
	struct err err = field_read_query(fields, sizeof(fields) / sizeof(fields[0]), call->request, &query);
	if (err.code == ERR_OK)
		err = period_read(query.from, query.to, &period);
	if (err.code != ERR_OK)
		return err;
	int by = 0;
	while (query.by != NULL && strcmp(groups[by], query.by) != 0)
		by++;
	*ret_span = (struct report_span){.user_id = call->user->id,
	                                 .first_day = period.first_day,
	                                 .last_day = period.last_day,
	                                 .by = (enum report_by)by};
	return err;
}

struct err
tasks_usage(struct call *call)
{
	struct report_span span;
	struct report_sums sums;
	struct report_usage total = {0};
	struct err err = read_query(call, &span);
	if (err.code == ERR_OK)
		err.code = store_report_usage(call->store, call->arena, &span, &sums);
	if (err.code != ERR_OK)
		return err;
	struct jsonw w = call_answer_begin(call);
	jsonw_array(&w, "rows");
	for (size_t i = 0; i < sums.count && err.code == ERR_OK; i++) {
		jsonw_object(&w, NULL);
		err.code = write_group(call, &w, span.by, sums.items[i].part);
		write_sums(&w, &sums.items[i]);
		jsonw_object_end(&w);
		add(&total, &sums.items[i]);
	}
	jsonw_array_end(&w);
	jsonw_object(&w, "total");
	write_sums(&w, &total);
	jsonw_object_end(&w);
	return err.code == ERR_OK ? call_answer_end(call, &w, 200) : err;
}
