/* longreel task: tasks for the operator, with what clients do not see: state, lease, next poll. */
#include "base/clock.h"
#include "base/config.h"
#include "base/err.h"
#include "base/limits.h"
#include "cli.h"
#include "domain/settings.h"
#include "domain/task/schedule.h"
#include "domain/task/waiting.h"
#include "sheet.h"
#include "store/archive.h"
#include "store/list.h"
#include "store/store.h"
#include "store/task.h"
#include "store/user.h"

enum { LIST_LIMIT = 20, LIST_PROMPT = 40 };

static void
put_time(struct sheet *sheet, const char *title, const char *json, int64_t ms)
{
	const struct sheet_column column = {title, 0, 0, json, SHEET_TIME};
	sheet_member(sheet, &column, CELL_NUMBER(ms > 0 ? ms : 0));
}

static void
put_line(struct sheet *sheet, const char *title, const char *json, const char *text)
{
	const struct sheet_column column = {title, 0, 0, json, SHEET_TEXT};
	sheet_member(sheet, &column, CELL_TEXT(text));
}

static void
put_number(struct sheet *sheet, const char *title, const char *json, int64_t number)
{
	const struct sheet_column column = {title, 0, 0, json, SHEET_INT};
	sheet_member(sheet, &column, CELL_NUMBER(number));
}

/* The same, but for a line that would say that there is none. */
static void
put_time_if(struct sheet *sheet, const char *title, const char *json, int64_t ms)
{
	if (sheet->json != NULL || ms > 0)
		put_time(sheet, title, json, ms);
}

static void
put_number_if(struct sheet *sheet, const char *title, const char *json, int64_t number)
{
	if (sheet->json != NULL || number != SHEET_NONE)
		put_number(sheet, title, json, number);
}

/* When it is looked at next, or its lease ends. What is polled without news has no time in its row. */
static int64_t
next_at(const struct config *config, const struct task *task)
{
	int64_t now = clock_wall_ms();
	bool polled = task->state == TASK_STATE_RUNNING || task->state == TASK_STATE_FAILED;
	if (config == NULL || task->owner != NULL || !polled || task->due_at == 0 || task->due_at > now)
		return task->due_at;
	return task_looks_now(task->due_at) ? now : schedule_next(config, task, 0, now);
}

/* When its lease ends, or it is polled next. */
static void
show_next(struct sheet *sheet, const struct config *config, const struct task *task)
{
	int64_t at = next_at(config, task);
	bool leased = task->owner != NULL;
	put_line(sheet, "lease", "lease", task->owner);
	if (leased || sheet->json != NULL)
		put_time(sheet, "lease ends", "leaseEndsAt", leased ? at : 0);
	if (!leased && at <= 0 && sheet->json == NULL)
		put_line(sheet, "next poll", NULL, "never");
	else if (!leased || sheet->json != NULL)
		put_time(sheet, "next poll", "nextPollAt", leased ? 0 : at);
}

static void
show_task(struct sheet *sheet, const struct config *config, const struct task *task)
{
	int64_t seconds = task_shown_seconds(task);
	put_line(sheet, "videoId", "videoId", task->video_id);
	put_line(sheet, "externalTaskId", "externalTaskId", task->external_id);
	put_line(sheet, "clientRequestId", "clientRequestId", task->client_request_id);
	put_number(sheet, "user", "user", task->user_id);
	put_line(sheet, "channel", "channel", task->channel);
	put_line(sheet, "key id", "keyId", task->key_id);
	put_line(sheet, "status", "status", task_status_word(task_state_status(task->state)));
	put_line(sheet, "state", "state", task_state_word(task->state));
	put_number(sheet, "progress", "progress", task->progress);
	put_line(sheet, "prompt", "prompt", task->prompt);
	put_line(sheet, "model", "model", task->model);
	put_line(sheet, "upstream's model", "upstreamModel", task->facts.model);
	put_line(sheet, "size", "size", task_shown_size(task));
	put_number(sheet, "seconds", "seconds", seconds > 0 ? seconds : SHEET_NONE);
	put_line(sheet, "aspectRatio", "aspectRatio", task->aspect_ratio);
	put_line(sheet, "options", "options", task->options);
	put_line(sheet, "metadata", "metadata", task->metadata);
	put_line(sheet, "input file", "inputFile", task->input_file);
	put_line(sheet, "further images", "images", task->images);
	put_line(sheet, "job", "job", task->job);
	put_line(sheet, "videoUrl", "videoUrl", task->video_url);
	put_line(sheet, "imageUrl", "imageUrl", task->image_url);
	put_line(sheet, "errorCode", "errorCode", task->error_code);
	put_line(sheet, "errorMessage", "errorMessage", task->error_message);
	put_line(sheet, "cancelled by", "cancelledBy", task->cancelled_by);
	put_number(sheet, "attempt", "attempt", task->attempt);
	put_time(sheet, "created", "createdAt", task->created_at);
	put_time(sheet, "updated", "updatedAt", task->updated_at);
	put_time(sheet, "taken", "acceptedAt", task->accepted_at);
	put_time(sheet, "ended", "completedAt", task->completed_at);
	put_time(sheet, "expires", "expiresAt", task->facts.expires_at);
	put_time(sheet, "deadline", "deadlineAt", task->deadline_at);
	show_next(sheet, config, task);
	put_number(sheet, "tries", "tries", task->tries);
	put_number(sheet, "404 in a row", "notFoundCount", task->not_found_count);
	put_line(sheet, "turned away by", "turnedAwayBy", task->turned_away);
	put_number(sheet, "revision", "revision", task->rev);
}

/* What a task waits for that has not ended. */
static enum err_code
show_wait(struct sheet *sheet, struct store *store, const struct task *task)
{
	struct waiting_look look = {.store = store, .now = clock_wall_ms()};
	struct waiting waiting = {.reason = WAITING__MAX, .ahead = -1};
	bool open = !task_state_terminal(task->state);
	enum err_code err = open ? waiting_find(&look, task, true, &waiting) : ERR_OK;
	if (err != ERR_OK)
		return err;
	bool queued = waiting.reason != WAITING__MAX;
	if (open || sheet->json != NULL)
		put_line(sheet, "waits for", "waitsFor",
		         queued ? waiting_text(waiting.reason)
		         : open ? "the provider, which makes it"
		                : NULL);
	put_time_if(sheet, "next try", "nextTryAt", waiting.next_try_at);
	put_number_if(sheet, "ahead of it", "ahead", waiting.ahead >= 0 ? waiting.ahead : SHEET_NONE);
	put_time_if(sheet, "done, likely", "doneAt", waiting.done_at);
	return ERR_OK;
}

/* Its video in the archive; NULL = it is not there. */
static void
show_archived(struct sheet *sheet, const struct archive_entry *file)
{
	const struct archive_entry none = {0}, *entry = file != NULL ? file : &none;
	if (file != NULL || sheet->json != NULL)
		put_line(sheet, "archive", "archive", entry->state);
	put_time_if(sheet, "next fetch", "nextFetchAt", entry->due_at);
	put_number_if(sheet, "failed fetches", "failedFetches", entry->tries > 0 ? entry->tries : SHEET_NONE);
	put_time_if(sheet, "kept since", "keptAt", entry->kept_at);
	put_number_if(sheet, "bytes", "bytes", entry->kept_at > 0 ? entry->size : SHEET_NONE);
}

static const struct sheet_column columns[] = {
    {"CREATED", CLI_TIME_WIDTH, 0, "createdAt", SHEET_TIME},
    {"ID", 36, 0, "videoId", SHEET_TEXT},
    {"STATUS", 10, 0, "status", SHEET_TEXT},
    {"PROGRESS", 8, 0, "progress", SHEET_PERCENT},
    {"MODEL", 20, 0, "model", SHEET_TEXT},
    {"PROMPT", 0, LIST_PROMPT, "prompt", SHEET_TEXT},
    {0},
};

static void
list_task(struct sheet *sheet, const struct task *task)
{
	sheet_row(sheet, (const struct cell[]){CELL_NUMBER(task->created_at), CELL_TEXT(task->video_id),
	                                       CELL_TEXT(task_status_word(task_state_status(task->state))),
	                                       CELL_NUMBER(task->progress), CELL_TEXT(task->model),
	                                       CELL_TEXT(task->prompt)});
}

/* Writes the filter of the command line. On failure says why and returns false. */
static bool
read_filter(const struct cli_call *call, struct store *store, struct arena *arena,
            struct task_filter *ret_filter)
{
	struct task_filter filter = {.status = TASK_STATUS__MAX};
	struct user user;

	if (call->status) {
		filter.status = task_status_of(call->status);
		if (filter.status == TASK_STATUS__MAX) {
			cli_fail("--status must be QUEUED, PROCESSING, COMPLETED, FAILED or CANCELLED.");
			return false;
		}
	}
	if (call->user) {
		enum err_code err = store_user_by_name(store, arena, call->user, &user);

		if (err != ERR_OK) {
			cli_fail("--user %s: %s", call->user,
			         err == ERR_NOT_FOUND ? "there is no such user." : err_text(err, "en"));
			return false;
		}
		filter.user_id = user.id;
	}
	*ret_filter = filter;
	return true;
}

static enum err_code
list_page(struct store *store, struct arena *arena, const struct task_filter *filter,
          const struct task_page *page, struct task_found *ret_found)
{
	enum err_code err = store_snapshot(store);
	if (err == ERR_OK)
		err = store_task_list(store, arena, filter, page, ret_found);
	store_snapshot_end(store);
	return err;
}

static int
list(const struct cli_call *call, struct store *store, struct arena *arena)
{
	int64_t left = call->limit > 0 ? call->limit : LIST_LIMIT, after = 0;
	struct task_filter filter;
	struct sheet sheet;
	bool more = true;

	if (!read_filter(call, store, arena, &filter) || !sheet_begin(&sheet, call, arena, columns, "tasks"))
		return CLI_FAILED;
	while (more && left > 0) {
		const struct task_page page = {.limit = left < LIMIT_PAGE_SIZE ? left : LIMIT_PAGE_SIZE,
		                               .after = after};
		struct task_found found;
		enum err_code err = list_page(store, arena, &filter, &page, &found);
		if (err != ERR_OK)
			return cli_fail("%s", err_text(err, "en"));
		for (size_t i = 0; i < found.count; i++)
			list_task(&sheet, &found.tasks[i]);
		left -= (int64_t)found.count;
		more = found.stopped != 0 || (int64_t)found.count == page.limit;
		after = found.stopped != 0 ? found.stopped : more ? found.tasks[found.count - 1].id : 0;
	}
	return sheet_end(&sheet);
}

static int
show(const struct cli_call *call, struct store *store, struct arena *arena)
{
	struct task task;
	struct archive_entry file;
	struct sheet sheet;
	char why[512];

	enum err_code err = store_task_get(store, arena, 0, call->operands[0], &task);
	if (err == ERR_TASK_NOT_FOUND)
		return cli_fail("there is no task %s.", call->operands[0]);
	if (err != ERR_OK)
		return cli_fail("%s", err_text(err, "en"));
	if (!sheet_begin_tall(&sheet, call, arena))
		return CLI_FAILED;
	struct config *config = settings_load(call->data, NULL, why, sizeof(why));
	show_task(&sheet, config, &task);
	config_free(config);
	err = show_wait(&sheet, store, &task);
	if (err != ERR_OK)
		return cli_fail("%s", err_text(err, "en"));
	err = store_archive_look(store, arena, task.id, &file);
	if (err != ERR_OK && err != ERR_NOT_FOUND)
		return cli_fail("%s", err_text(err, "en"));
	show_archived(&sheet, err == ERR_OK ? &file : NULL);
	return sheet_end(&sheet);
}

int
cli_task_list(const struct cli_call *call)
{
	return cli_with_store(call, STORE_READ, list);
}

int
cli_task_show(const struct cli_call *call)
{
	return cli_with_store(call, STORE_READ, show);
}
