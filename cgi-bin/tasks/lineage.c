/* GET /api/video/tasks/:videoId/lineage
 *
 * {root, tasks:[{videoId, parent, deleted?, status, progress, prompt, model, createdAt}], more}: the
 * ancestors up to the root and the whole tree below, in order of creation, as a flat list with parents.
 * Prompts are cut, since a tree of ten thousand tasks is one answer. Errors: task_not_found. Reads task_get,
 * lineage. */
#include <stdlib.h>
#include <string.h>

#include "api/call.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/utf8.h"
#include "handlers.h"
#include "store/lineage.h"
#include "store/task.h"

enum { NODES_MOST = 20000, PROMPT_MOST = 200 /* bytes */ };

static int
by_row(const void *key, const void *task)
{
	int64_t wanted = *(const int64_t *)key, id = ((const struct task *)task)->id;
	return (wanted > id) - (wanted < id);
}

/* Finds a parent by binary search: the tasks are in order of their rows. */
static const char *
video_id_of(int64_t row, const struct task *tasks, size_t count)
{
	const struct task *found = row != 0 ? bsearch(&row, tasks, count, sizeof(*tasks), by_row) : NULL;
	return found != NULL ? found->video_id : NULL;
}

/* Drops the tasks that the caller may not see: an administrator's remix of another user's video is the
 * administrator's own. Returns the number of those left, in the same order; scope 0 = all. */
static size_t
keep_own(struct task *tasks, size_t count, int64_t scope)
{
	size_t kept = 0;
	for (size_t i = 0; i < count; i++)
		if (scope == 0 || tasks[i].user_id == scope)
			tasks[kept++] = tasks[i];
	return kept;
}

static void
write_node(struct jsonw *w, struct arena *arena, const struct task *task, const char *parent)
{
	char created[CLOCK_TEXT_SIZE];
	clock_text(task->created_at, created);
	jsonw_object(w, NULL);
	jsonw_string(w, "videoId", task->video_id);
	jsonw_string(w, "parent", parent);
	if (task->deleted) {
		jsonw_bool(w, "deleted", true);
	} else {
		size_t len = strlen(task->prompt);
		len = len > PROMPT_MOST ? utf8_cut(task->prompt, PROMPT_MOST) : len;
		jsonw_string(w, "status", task_status_word(task_state_status(task->state)));
		jsonw_int(w, "progress", task->progress);
		jsonw_string(w, "prompt", arena_strndup(arena, task->prompt, len));
		jsonw_string(w, "model", task_shown_model(task));
	}
	jsonw_string(w, "createdAt", created);
	jsonw_object_end(w);
}

struct err
tasks_lineage(struct call *call)
{
	struct task task, *tasks;
	size_t count;
	enum err_code err =
	    store_task_get(call->store, call->arena, call_scope(call), call->request->params[0], &task);
	if (err == ERR_OK)
		err = store_task_lineage(call->store, call->arena, task.id, NODES_MOST + 1, &tasks, &count);
	if (err != ERR_OK)
		return err_of(err);
	bool more = count > NODES_MOST;
	count = keep_own(tasks, more ? NODES_MOST : count, call_scope(call));

	struct jsonw w = call_answer_begin(call);
	jsonw_string(&w, "root", video_id_of(task.root_id != 0 ? task.root_id : task.id, tasks, count));
	jsonw_array(&w, "tasks");
	for (size_t i = 0; i < count; i++)
		write_node(&w, call->arena, &tasks[i], video_id_of(tasks[i].parent_id, tasks, count));
	jsonw_array_end(&w);
	jsonw_bool(&w, "more", more);
	return call_answer_end(call, &w, 200);
}
