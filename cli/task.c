/* longreel task: tasks for the operator, with what clients do not see: state, lease, next poll. */
#include <inttypes.h>
#include <stdio.h>

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

enum { LIST_LIMIT = 20, LIST_PROMPT = 40, WHOLE = LIMIT_PROMPT };

static void
put_time(const char *name, int64_t ms, const char *if_none)
{
	char when[CLOCK_TEXT_SIZE];

	clock_text(ms, when);
	printf("%-18s %s\n", name, ms > 0 ? when : if_none);
}

static void
put_line(const char *name, const char *text)
{
	printf("%-18s ", name);
	cli_put_text(stdout, text, WHOLE);
	putchar('\n');
}

static void
put_number(const char *name, int64_t number)
{
	printf("%-18s %" PRId64 "\n", name, number);
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

static void
show_task(const struct config *config, const struct task *task)
{
	put_line("videoId", task->video_id);
	put_line("externalTaskId", task->external_id);
	put_line("clientRequestId", task->client_request_id);
	put_number("user", task->user_id);
	put_line("channel", task->channel);
	put_line("key id", task->key_id);
	put_line("status", task_status_word(task_state_status(task->state)));
	put_line("state", task_state_word(task->state));
	put_number("progress", task->progress);
	put_line("prompt", task->prompt);
	put_line("model", task->model);
	put_line("upstream's model", task->facts.model);
	put_line("size", task_shown_size(task));
	if (task_shown_seconds(task) > 0)
		put_number("seconds", task_shown_seconds(task));
	else
		put_line("seconds", NULL);
	put_line("aspectRatio", task->aspect_ratio);
	put_line("options", task->options);
	put_line("metadata", task->metadata);
	put_line("input file", task->input_file);
	put_line("further images", task->images);
	put_line("job", task->job);
	put_line("videoUrl", task->video_url);
	put_line("imageUrl", task->image_url);
	put_line("errorCode", task->error_code);
	put_line("errorMessage", task->error_message);
	put_line("cancelled by", task->cancelled_by);
	put_number("attempt", task->attempt);
	put_time("created", task->created_at, "-");
	put_time("updated", task->updated_at, "-");
	put_time("taken", task->accepted_at, "-");
	put_time("ended", task->completed_at, "-");
	put_time("expires", task->facts.expires_at, "-");
	put_time("deadline", task->deadline_at, "-");
	put_line("lease", task->owner);
	put_time(task->owner ? "lease ends" : "next poll", next_at(config, task), "never");
	put_number("tries", task->tries);
	put_number("404 in a row", task->not_found_count);
	put_line("turned away by", task->turned_away);
	put_number("revision", task->rev);
}

/* What a task waits for that has not ended. */
static enum err_code
show_wait(struct store *store, const struct task *task)
{
	struct waiting_look look = {.store = store, .now = clock_wall_ms()};
	struct waiting waiting;
	enum err_code err = waiting_find(&look, task, true, &waiting);
	if (err != ERR_OK || task_state_terminal(task->state))
		return err;
	bool queued = waiting.reason != WAITING__MAX;
	put_line("waits for", queued ? waiting_text(waiting.reason) : "the provider, which makes it");
	if (waiting.next_try_at > 0)
		put_time("next try", waiting.next_try_at, "-");
	if (waiting.ahead >= 0)
		put_number("ahead of it", waiting.ahead);
	if (waiting.done_at > 0)
		put_time("done, likely", waiting.done_at, "-");
	return ERR_OK;
}

/* Its video in the archive. */
static void
show_archived(const struct archive_entry *file)
{
	put_line("archive", file->state);
	if (file->due_at > 0)
		put_time("next fetch", file->due_at, "-");
	if (file->tries > 0)
		put_number("failed fetches", file->tries);
	if (file->kept_at > 0) {
		put_time("kept since", file->kept_at, "-");
		put_number("bytes", file->size);
	}
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
	char why[512];

	enum err_code err = store_task_get(store, arena, 0, call->operands[0], &task);
	if (err == ERR_TASK_NOT_FOUND)
		return cli_fail("there is no task %s.", call->operands[0]);
	if (err != ERR_OK)
		return cli_fail("%s", err_text(err, "en"));
	struct config *config = settings_load(call->data, NULL, why, sizeof(why));
	show_task(config, &task);
	config_free(config);
	err = show_wait(store, &task);
	if (err != ERR_OK)
		return cli_fail("%s", err_text(err, "en"));
	err = store_archive_look(store, arena, task.id, &file);
	if (err == ERR_OK)
		show_archived(&file);
	else if (err != ERR_NOT_FOUND)
		cli_fail("%s", err_text(err, "en"));
	return err == ERR_OK || err == ERR_NOT_FOUND ? cli_finish() : CLI_FAILED;
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
