/* POST /api/video/tasks/recover {clientRequestIds:[…]}
 *
 * {tasks, matched, requested, missing}: the caller's tasks with these request ids, in the order of the ids,
 * each once. Errors: bad_field, too_large (the answer). Reads list_requested. */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "api/call.h"
#include "api/task_view.h"
#include "base/clock.h"
#include "base/arena.h"
#include "base/limits.h"
#include "domain/task/waiting.h"
#include "handlers.h"
#include "store/list.h"
#include "web/field.h"

enum { ANSWER_MOST = LIMIT_REPLY / 4 }; /* bytes of what users write, which JSON may write twice as long */

struct body {
	struct field_lines ids;
};

static const struct field fields[] = {
    {"clientRequestIds", FIELD_LINES, offsetof(struct body, ids), .required = true, .min = 1,
     .max = LIMIT_RECOVER_IDS},
};

struct wanted {
	const char *id;
	size_t place;  /* in the request */
	bool repeated; /* the same id stands earlier */
	bool found;
	struct task task;
};

static int
by_id(const void *a, const void *b)
{
	const struct wanted *x = *(struct wanted *const *)a, *y = *(struct wanted *const *)b;
	int order = strcmp(x->id, y->id);
	return order != 0 ? order : (x->place > y->place) - (x->place < y->place);
}

/* Marks repeated ids. Sorts them: comparing each of a thousand with all others would be slow. */
static bool
mark_repeated(struct arena *arena, struct wanted *found, size_t count)
{
	struct wanted **sorted = arena_alloc(arena, count * sizeof(struct wanted *));
	if (sorted == NULL)
		return false;
	for (size_t i = 0; i < count; i++)
		sorted[i] = &found[i];
	qsort(sorted, count, sizeof(struct wanted *), by_id);
	for (size_t i = 1; i < count; i++)
		sorted[i]->repeated = strcmp(sorted[i]->id, sorted[i - 1]->id) == 0;
	return true;
}

/* Finds the tasks. ERR_TOO_LARGE: a thousand tasks with the longest prompts are more than an answer holds. */
static struct err
find_tasks(struct call *call, struct wanted *found, size_t count)
{
	size_t bytes = 0;
	for (size_t i = 0; i < count; i++) {
		if (found[i].repeated)
			continue;
		enum err_code err = store_task_requested(call->store, call->arena, call->user->id,
		                                         found[i].id, &found[i].task);
		if (err != ERR_OK && err != ERR_NOT_FOUND)
			return err_of(err);
		found[i].found = err == ERR_OK && !found[i].task.deleted;
		if (err == ERR_OK)
			bytes += strlen(found[i].task.prompt) + strlen(found[i].task.options) +
			         strlen(found[i].task.metadata);
		if (bytes > ANSWER_MOST)
			return err_say(
			    ERR_TOO_LARGE, "clientRequestIds",
			    "These tasks are too large for one answer; please ask for fewer at a time.");
	}
	return err_of(ERR_OK);
}

static struct err
write_answer(struct call *call, const struct wanted *found, size_t count)
{
	size_t matched = 0;
	struct waiting_look look = {.store = call->store, .now = clock_wall_ms()};
	struct jsonw w = call_answer_begin(call);
	jsonw_array(&w, "tasks");
	for (size_t i = 0; i < count; i++) {
		if (found[i].found)
			task_view(&w, NULL, &found[i].task, call->links, &look);
		matched += found[i].found;
	}
	jsonw_array_end(&w);
	jsonw_int(&w, "matched", (int64_t)matched);
	jsonw_int(&w, "requested", (int64_t)count);
	jsonw_array(&w, "missing");
	for (size_t i = 0; i < count; i++)
		if (!found[i].found && !found[i].repeated)
			jsonw_string(&w, NULL, found[i].id);
	jsonw_array_end(&w);
	return call_answer_end(call, &w, 200);
}

struct err
tasks_recover(struct call *call)
{
	struct body body = {0};
	struct err bad = field_read_json_body(fields, 1, call->request, LIMIT_JSON_BODY, &body);
	if (bad.code != ERR_OK)
		return bad;
	size_t count = body.ids.count;
	struct wanted *found = arena_alloc(call->arena, count * sizeof(*found));
	if (found == NULL)
		return err_of(ERR_NO_MEMORY);
	for (size_t i = 0; i < count; i++)
		found[i] = (struct wanted){.id = body.ids.items[i], .place = i};
	if (!mark_repeated(call->arena, found, count))
		return err_of(ERR_NO_MEMORY);
	bad = find_tasks(call, found, count);
	return bad.code == ERR_OK ? write_answer(call, found, count) : bad;
}
