/* What a remix, an edit or an extension takes from its source. The lineage is kept twice: in columns, for the
 * tree, and in metadata, for the clients that know it from there. */
#include "domain/task/remix.h"

#include <stddef.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/limits.h"
#include "domain/channel/channels.h"
#include "upstream/dialect/dialect.h"

#define WHOLE "whole_seconds" /* among the options */

enum { LINEAGE_MOST = 2 * LIMIT_UPSTREAM_ID + 256 /* bytes of our three members; an id may be escaped */ };

enum err_code
remix_channel(struct channels *channels, const struct task *source, enum job_kind job,
              const struct channel **ret_channel)
{
	if (source->external_id == NULL)
		return ERR_NO_EXTERNAL_ID;
	if (source->state != TASK_STATE_COMPLETED)
		return ERR_NOT_COMPLETED;
	const struct channel *channel = channels_for_task(channels, source);
	if (channel == NULL)
		return channels_why_gone(channels, source);
	if (!dialect_can_make(channel->dialect, job)) {
		channel_release(channel);
		return ERR_UNSUPPORTED;
	}
	*ret_channel = channel;
	return ERR_OK;
}

/* Begins an object: our members, which the caller writes, and then those of `own` (see end_members()). */
static void
begin_members(struct jsonw *w, struct buf *text, const char *own)
{
	buf_init(text, LINEAGE_MOST + LIMIT_URL + strlen(own));
	jsonw_init(w, text);
	jsonw_object(w, NULL);
}

/* Ends it with the members of the object `own`, compact as we store it. NULL when memory is short. */
static const char *
end_members(struct jsonw *w, struct arena *arena, const char *own)
{
	if (strcmp(own, "{}") != 0)
		buf_addf(w->out, ",%.*s", (int)strlen(own) - 2, own + 1);
	jsonw_object_end(w);
	const char *copy = w->out->failed ? NULL : arena_strdup(arena, buf_str(w->out));
	buf_free(w->out);
	return copy;
}

static const char *
with_lineage(struct arena *arena, const struct task *source, const char *job, const char *metadata)
{
	struct buf text;
	struct jsonw w;
	begin_members(&w, &text, metadata);
	jsonw_string(&w, "type", job);
	jsonw_string(&w, "remix_from", source->video_id);
	jsonw_string(&w, "remix_from_external", source->external_id);
	return end_members(&w, arena, metadata);
}

/* The options with the job (but for a remix), and the seconds of the whole where the task asks for others. */
static const char *
with_job(struct arena *arena, enum job_kind job, int64_t whole, const struct task *task)
{
	struct buf text;
	struct jsonw w;
	if (job == DIALECT_REMIX && whole == task->seconds)
		return task->options;
	begin_members(&w, &text, task->options);
	if (job != DIALECT_REMIX)
		jsonw_string(&w, "job", job_kind_word(job));
	if (whole != task->seconds)
		jsonw_int(&w, WHOLE, whole);
	return end_members(&w, arena, task->options);
}

enum err_code
remix_add_link(struct arena *arena, const struct task *source, struct task *task)
{
	struct buf text;
	struct jsonw w;
	if (source->video_url == NULL)
		return ERR_OK;
	begin_members(&w, &text, task->options);
	jsonw_string(&w, "source_url", source->video_url);
	const char *options = end_members(&w, arena, task->options);
	if (options == NULL)
		return ERR_NO_MEMORY;
	task->options = options;
	return ERR_OK;
}

int64_t
remix_whole_seconds(struct arena *arena, const struct task *task)
{
	const struct json *options;
	int64_t whole = task_shown_seconds(task);
	if (task->parent_id != 0 &&
	    json_parse(arena, task->options, strlen(task->options), &options) == ERR_OK)
		json_integer(json_get(options, WHOLE), &whole);
	return whole;
}

/* The same of a task that `job` is to make. */
static int64_t
whole_after(struct arena *arena, const struct task *source, enum job_kind job, const struct task *task)
{
	int64_t before = remix_whole_seconds(arena, source);
	if (job != DIALECT_EXTEND)
		return before;
	return before > 0 && task->seconds > 0 ? before + task->seconds : 0;
}

enum err_code
remix_inherit(struct arena *arena, const struct task *source, enum job_kind job, struct task *task)
{
	const char *metadata = with_lineage(arena, source, job_kind_word(job), task->metadata);
	if (job != DIALECT_EXTEND || task->seconds == 0)
		task->seconds = task_shown_seconds(source);
	const char *options = with_job(arena, job, whole_after(arena, source, job, task), task);
	if (metadata == NULL || options == NULL)
		return ERR_NO_MEMORY;
	task->metadata = metadata;
	task->options = options;
	task->size = task_shown_size(source);
	task->aspect_ratio = source->aspect_ratio;
	/* Who repeats what the source shows means what that was asked by. */
	const char *shown = task_shown_model(source);
	if (task->model == NULL || (shown != NULL && strcmp(task->model, shown) == 0))
		task->model = source->model;
	task->parent_id = source->id;
	task->root_id = source->root_id != 0 ? source->root_id : source->id;
	task->source_external_id = source->external_id;
	return ERR_OK;
}
