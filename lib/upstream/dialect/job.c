/* What later calls about a job need: see job.h. */
#include "upstream/dialect/job.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/limits.h"
#include "model/task.h"
#include "upstream/dialect/body.h"
#include "upstream/dialect/fact.h"
#include "upstream/dialect/profile.h"

#define COST "cost"

/* What the job was sent with. */
static const struct {
	const char *name;
	unsigned bit;
} inputs[] = {{"image", INPUT_IMAGE}, {"last", INPUT_LAST}, {"references", INPUT_REFERENCES}};

enum { INPUTS = sizeof(inputs) / sizeof(inputs[0]) };

static const char *const links[JOB_LINK__MAX] = {
    [JOB_LINK_POLL] = "poll_url", [JOB_LINK_RESULT] = "result_url", [JOB_LINK_CANCEL] = "cancel_url"};

/* Returns the object that the task has, or NULL. */
static const struct json *
object_of(const struct task *task, struct arena *arena)
{
	const struct json *root;
	if (task->job == NULL || json_parse(arena, task->job, strlen(task->job), &root) != ERR_OK)
		return NULL;
	return root;
}

const char *
job_of_submission(const struct dialect *dialect, const struct task *task, const struct json *root,
                  struct arena *arena)
{
	const struct dialect_ask *const asks[JOB_LINK__MAX] = {
	    [JOB_LINK_POLL] = &dialect->poll,
	    [JOB_LINK_RESULT] = &dialect->result,
	    [JOB_LINK_CANCEL] = &dialect->cancel,
	};
	struct buf *text = buf_in_arena(arena, LIMIT_JSON_BODY);
	struct jsonw w;
	size_t empty = strlen("{}");
	if (text == NULL)
		return NULL;
	jsonw_init(&w, text);
	jsonw_object(&w, NULL);
	const struct dialect_paths *paths = &dialect->poll.paths;
	bool matters = paths->with_image || paths->with_last || paths->with_references;
	unsigned have = task != NULL && matters ? body_inputs(task, arena) : 0;
	for (int i = 0; i < INPUTS; i++)
		if (have & inputs[i].bit)
			jsonw_bool(&w, inputs[i].name, true);
	for (int i = 0; i < JOB_LINK__MAX; i++) {
		const char *url = fact_url(arena, fact_at(root, asks[i]->url));
		if (url != NULL)
			jsonw_string(&w, links[i], url);
	}
	jsonw_object_end(&w);
	return !text->failed && text->len > empty ? text->data : NULL;
}

unsigned
job_inputs(const struct task *task, struct arena *arena)
{
	unsigned have = body_inputs(task, arena); /* a task that is deleted has none any more */
	const struct json *job = object_of(task, arena);
	for (int i = 0; i < INPUTS; i++) {
		bool sent = false;
		if (json_bool(json_get(job, inputs[i].name), &sent) && sent)
			have |= inputs[i].bit;
	}
	return have;
}

const char *
job_link(const struct task *task, enum job_link which, struct arena *arena)
{
	return json_string(json_get(object_of(task, arena), links[which]));
}

const char *
job_with_cost(const struct task *task, const char *cost, struct arena *arena)
{
	struct buf *text = buf_in_arena(arena, LIMIT_JSON_BODY);
	struct jsonw w;
	if (text == NULL)
		return NULL;
	jsonw_init(&w, text);
	jsonw_object(&w, NULL);
	for (const struct json *v = json_first(object_of(task, arena)); v; v = json_next(v))
		if (strcmp(json_name(v), COST) != 0)
			jsonw_raw(&w, json_name(v), json_text(arena, v));
	jsonw_raw(&w, COST, cost);
	jsonw_object_end(&w);
	return text->failed ? NULL : text->data;
}
