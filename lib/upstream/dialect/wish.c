/* Wishes, each against the fields of the profile's form: see wish.h. */
#include "upstream/dialect/wish.h"

#include <string.h>

#include "base/arena.h"
#include "base/json.h"
#include "model/channel.h"
#include "model/task.h"
#include "upstream/dialect/body.h"
#include "upstream/dialect/format.h"
#include "upstream/dialect/profile.h"

struct look {
	const struct channel *channel;
	const struct dialect_form *form;
	const struct task *task;
	struct arena *arena;
	const struct json *options;
};

static bool
differs(const char *wished, const char *inherited)
{
	return wished != NULL && (inherited == NULL || strcmp(wished, inherited) != 0);
}

/* True where the form has the field, and sends it with such a task. */
static bool
says(const struct look *look, enum job_field which)
{
	return body_has_field(&look->form->fields[which], look->task->input_file != NULL);
}

/* Where an upstream is told no model at all, a channel that lists one means it by itself. */
static bool
says_model(const struct look *look)
{
	const struct channel *channel = look->channel;
	const struct dialect_form *create = &channel->dialect->forms[DIALECT_CREATE];
	if (create->fields[JOB_MODEL].name != NULL)
		return says(look, JOB_MODEL);
	return channel_model_in(channel->models, channel->model_count, look->task->model);
}

/* The shape stands in the aspect ratio where the size is said as a resolution. */
static bool
says_size(const struct look *look)
{
	return says(look, JOB_SIZE) || says(look, JOB_RESOLUTION);
}

static bool
says_aspect_ratio(const struct look *look)
{
	if (says(look, JOB_ASPECT_RATIO))
		return true;
	struct task bare = *look->task;
	bare.aspect_ratio = NULL;
	const char *of_size = format_aspect_ratio(look->arena, &bare, TYPE_FROM_SIZE);
	return of_size != NULL && strcmp(of_size, look->task->aspect_ratio) == 0 && says(look, JOB_SIZE);
}

static bool
wants(const struct look *look, const char *option)
{
	bool on = false;
	return json_bool(json_get(look->options, option), &on) && on;
}

const char *
wish_unsaid(const struct channel *channel, const struct task *task, const struct task *source,
            struct arena *arena)
{
	static const struct task nothing;
	struct look look = {.channel = channel, .task = task, .arena = arena};
	const struct task *before = source != NULL ? source : &nothing;
	bool whole = source != NULL || task->source_external_id == NULL;
	look.form = body_form(channel->dialect, task, arena, &look.options);
	if (task->input_file != NULL && !says(&look, JOB_INPUT_REFERENCE))
		return "input_reference";
	if (wants(&look, "hd") && !says(&look, JOB_HD))
		return "hd";
	if (wants(&look, "watermark") && !says(&look, JOB_WATERMARK))
		return "watermark";
	if (wants(&look, "private") && !says(&look, JOB_PRIVATE))
		return "private";
	if (!whole)
		return NULL;
	if (differs(task->model, before->model) && !says_model(&look))
		return "model";
	if (differs(task->size, task_shown_size(before)) && !says_size(&look))
		return "size";
	if (task->seconds > 0 && task->seconds != task_shown_seconds(before) && !says(&look, JOB_SECONDS))
		return "seconds";
	if (differs(task->aspect_ratio, before->aspect_ratio) && !says_aspect_ratio(&look))
		return "aspect_ratio";
	return NULL;
}
