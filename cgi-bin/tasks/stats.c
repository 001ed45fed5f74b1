/* GET /api/video/stats?from=&to=
 *
 * {from, to, counts: {QUEUED, PROCESSING, COMPLETED, FAILED, CANCELLED}, total, successRate, medianMs, p95Ms,
 * truncated}: the user's tasks that ended within the range (ms since the epoch, `to` not included; by default
 * the last 30 days), and those that are open now. successRate is COMPLETED of COMPLETED and FAILED, null
 * where there is neither; the times are from creation to completion, null where there is none. At most the
 * latest 50 000 tasks are read, and `truncated` says that there are more: so a call takes some 10 ms at most.
 * Errors: bad_field. Reads stats and task_count. */
#include <stddef.h>

#include "api/call.h"
#include "api/task_view.h"
#include "base/clock.h"
#include "handlers.h"
#include "store/list.h"
#include "store/stats.h"
#include "web/field.h"

#define TIME_MOST INT64_C(253402300799999) /* the end of the year 9999 */
#define DAY_MS    INT64_C(86400000)

enum { PRESET_DAYS = 30, TASKS_MOST = 50000 };

struct query {
	struct field_int from, to;
};

static const struct field fields[] = {
    {"from", FIELD_INT, offsetof(struct query, from), .min = 0, .max = TIME_MOST},
    {"to", FIELD_INT, offsetof(struct query, to), .min = 0, .max = TIME_MOST},
};

static struct err
read_range(struct call *call, struct stats_range *ret_range)
{
	struct query query = {0};
	struct err err = field_read_query(fields, sizeof(fields) / sizeof(fields[0]), call->request, &query);
	if (err.code != ERR_OK)
		return err;
	/* `to` is not included: a task that ends in this millisecond is. */
	int64_t to = query.to.set ? query.to.value : clock_wall_ms() + 1;
	int64_t from = query.from.set ? query.from.value : to - PRESET_DAYS * DAY_MS;
	if (from > to)
		return err_say(ERR_BAD_FIELD, "from", "from must not be after to.");
	*ret_range = (struct stats_range){call->user->id, from, to, TASKS_MOST};
	return err;
}

/* Counts the open tasks. */
static enum err_code
count_open(struct call *call, struct stats *stats)
{
	static const enum task_status open[] = {TASK_QUEUED, TASK_PROCESSING};
	enum err_code err = ERR_OK;
	for (size_t i = 0; i < sizeof(open) / sizeof(open[0]) && err == ERR_OK; i++) {
		const struct task_filter filter = {.user_id = call->user->id, .status = open[i]};
		err = store_task_count(call->store, &filter, &stats->counts[open[i]]);
	}
	return err;
}

static void
write_time(struct jsonw *w, const char *name, int64_t ms)
{
	if (ms < 0)
		jsonw_null(w, name);
	else
		jsonw_int(w, name, ms);
}

struct err
tasks_stats(struct call *call)
{
	struct stats_range range;
	struct stats stats;
	int64_t total = 0;
	struct err err = read_range(call, &range);
	if (err.code == ERR_OK)
		err.code = store_stats(call->store, call->arena, &range, &stats);
	if (err.code == ERR_OK)
		err.code = count_open(call, &stats);
	if (err.code != ERR_OK)
		return err;
	struct jsonw w = call_answer_begin(call);
	view_time(&w, "from", range.since);
	view_time(&w, "to", range.until);
	jsonw_object(&w, "counts");
	for (int status = 0; status < TASK_STATUS__MAX; status++) {
		jsonw_int(&w, task_status_word(status), stats.counts[status]);
		total += stats.counts[status];
	}
	jsonw_object_end(&w);
	jsonw_int(&w, "total", total);
	int64_t judged = stats.counts[TASK_COMPLETED] + stats.counts[TASK_FAILED];
	if (judged > 0)
		jsonw_real(&w, "successRate", (double)stats.counts[TASK_COMPLETED] / (double)judged);
	else
		jsonw_null(&w, "successRate");
	write_time(&w, "medianMs", stats.median_ms);
	write_time(&w, "p95Ms", stats.p95_ms);
	jsonw_bool(&w, "truncated", stats.truncated);
	return call_answer_end(call, &w, 200);
}
