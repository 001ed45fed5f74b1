/* Statistics: each from an index or a table that is kept for it, never from the tasks themselves. */
#include "store/stats.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/limits.h"
#include "store/db.h"

struct durations {
	int64_t *ms;
	size_t count;
};

static int
ascending(const void *left, const void *right)
{
	const int64_t *a = left, *b = right;
	return (*a > *b) - (*a < *b);
}

/* Returns the smallest duration that at least `percent` per cent do not exceed (nearest rank); -1 of none. */
static int64_t
percentile(const struct durations *sorted, size_t percent)
{
	return sorted->count > 0 ? sorted->ms[(sorted->count * percent + 99) / 100 - 1] : -1;
}

/* Returns the status of a state by its word; TASK_STATUS__MAX for none. */
static enum task_status
status_of(const char *word)
{
	for (int state = 0; word != NULL && state < TASK_STATE__MAX; state++)
		if (strcmp(task_state_word(state), word) == 0)
			return task_state_status(state);
	return TASK_STATUS__MAX;
}

/* Counts the row that the query stands on. */
static void
count_row(struct query *query, struct stats *stats, struct durations *durations)
{
	enum task_status status = status_of(db_column_text(query, 0));
	int64_t took = db_column_int(query, 1);
	if (status == TASK_STATUS__MAX)
		return;
	stats->counts[status]++;
	if (status == TASK_COMPLETED) /* a clock that was set back makes no negative time */
		durations->ms[durations->count++] = took > 0 ? took : 0;
}

enum err_code
store_stats(struct store *store, struct arena *arena, const struct stats_range *range,
            struct stats *ret_stats)
{
	struct stats stats = {0};
	struct durations durations = {0};
	int64_t seen = 0;
	durations.ms = arena_alloc(arena, (size_t)range->most * sizeof(*durations.ms) + 1);
	if (durations.ms == NULL)
		return ERR_NO_MEMORY;
	struct query query = db_query(store, SQL_STATS_ENDED);
	db_int(&query, ":user_id", range->user_id);
	db_int(&query, ":since", range->since);
	db_int(&query, ":until", range->until);
	db_int(&query, ":most", range->most + 1);
	while (db_step(&query)) {
		stats.truncated = ++seen > range->most;
		if (!stats.truncated)
			count_row(&query, &stats, &durations);
	}
	enum err_code err = db_end(&query);
	if (err != ERR_OK)
		return err;
	qsort(durations.ms, durations.count, sizeof(*durations.ms), ascending);
	stats.median_ms = percentile(&durations, 50);
	stats.p95_ms = percentile(&durations, 95);
	*ret_stats = stats;
	return ERR_OK;
}

enum err_code
store_stats_median(struct store *store, const char *model, int64_t *ret_median_ms)
{
	int64_t ms[STATS_MADE_MOST];
	struct durations durations = {.ms = ms};
	struct query query = db_query(store, SQL_STATS_MADE);
	db_text(&query, ":model", model);
	db_int(&query, ":most", STATS_MADE_MOST);
	while (durations.count < STATS_MADE_MOST && db_step(&query)) {
		int64_t took = db_column_int(&query, 0); /* negative where a clock was set back */
		ms[durations.count++] = took > 0 ? took : 0;
	}
	enum err_code err = db_end(&query);
	if (err != ERR_OK)
		return err;
	qsort(ms, durations.count, sizeof(*ms), ascending);
	*ret_median_ms = durations.count >= STATS_MADE_LEAST ? percentile(&durations, 50) : -1;
	return ERR_OK;
}

enum { LATELY_MS = 60 * 1000, REMEMBERED = 16 };

/* Medians that were found lately; a model has one place. */
struct medians {
	struct {
		char model[LIMIT_WORD]; /* "" = none was asked for */
		int64_t until;          /* of the monotonic clock; 0 = nothing is here */
		int64_t ms;
	} places[REMEMBERED];
};

static size_t
place_of(const char *model)
{
	size_t sum = 0;
	for (; *model != '\0'; model++)
		sum = sum * 31 + (unsigned char)*model;
	return sum % REMEMBERED;
}

enum err_code
store_stats_median_lately(struct store *store, const char *model, int64_t *ret_median_ms)
{
	const char *name = model != NULL ? model : "";
	size_t place = place_of(name);
	int64_t now = clock_mono_ms(), ms;
	if (store->medians == NULL)
		store->medians = calloc(1, sizeof(*store->medians));
	struct medians *medians = strlen(name) < LIMIT_WORD ? store->medians : NULL;
	if (medians != NULL && now < medians->places[place].until &&
	    strcmp(medians->places[place].model, name) == 0) {
		*ret_median_ms = medians->places[place].ms;
		return ERR_OK;
	}
	enum err_code err = store_stats_median(store, model, &ms);
	if (err != ERR_OK)
		return err;
	if (medians != NULL) {
		memcpy(medians->places[place].model, name, strlen(name) + 1);
		medians->places[place].until = now + LATELY_MS;
		medians->places[place].ms = ms;
	}
	*ret_median_ms = ms;
	return ERR_OK;
}

enum err_code
store_stats_tally(struct store *store, int64_t ret_counts[TASK_STATUS__MAX])
{
	int64_t counts[TASK_STATUS__MAX] = {0};
	struct query query = db_query(store, SQL_STATS_TALLY);
	while (db_step(&query)) {
		const char *word = db_column_text(&query, 0);
		enum task_status status = word != NULL ? task_status_of(word) : TASK_STATUS__MAX;
		if (status != TASK_STATUS__MAX)
			counts[status] = db_column_int(&query, 1);
	}
	enum err_code err = db_end(&query);
	if (err == ERR_OK)
		memcpy(ret_counts, counts, sizeof(counts));
	return err;
}

static void
read_channel(struct query *query, struct arena *arena, void *ret_channel)
{
	*(struct channel_doing *)ret_channel = (struct channel_doing){
	    .name = db_column_copy(query, arena, 0),
	    .health = {.failures = db_column_int(query, 1),
	               .cooldown_until = db_column_int(query, 2),
	               .account_failures = db_column_int(query, 3),
	               .account_until = db_column_int(query, 4),
	               .poll_until = db_column_int(query, 5)},
	};
}

enum err_code
store_stats_channels(struct store *store, struct arena *arena, struct channel_doing **ret_channels,
                     size_t *ret_count)
{
	struct query query = db_query(store, SQL_STATS_CHANNELS);
	return db_end_list(&query, arena, read_channel, sizeof(**ret_channels), ret_channels, ret_count);
}
