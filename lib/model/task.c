/* The words of statuses and states, from the one table (state.def), and copies of tasks. */
#include "model/task.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

#include "base/arena.h"

static const char *const status_words[] = {
    [TASK_QUEUED] = "QUEUED", [TASK_PROCESSING] = "PROCESSING", [TASK_COMPLETED] = "COMPLETED",
    [TASK_FAILED] = "FAILED", [TASK_CANCELLED] = "CANCELLED",
};
static_assert(sizeof(status_words) / sizeof(status_words[0]) == TASK_STATUS__MAX, "a word for each status");

static const struct {
	const char *word;
	enum task_status status;
	bool terminal;
} states[] = {
#define STATE(name, word, status, terminal) [TASK_STATE_##name] = {word, TASK_##status, terminal},
#include "model/state.def"
#undef STATE
};

const char *
task_status_word(enum task_status status)
{
	return status_words[status];
}

enum task_status
task_status_of(const char *word)
{
	int i = 0;
	while (i < TASK_STATUS__MAX && strcmp(status_words[i], word) != 0)
		i++;
	return (enum task_status)i;
}

const char *
task_state_word(enum task_state state)
{
	return states[state].word;
}

enum task_state
task_state_of(const char *word)
{
	int i = 0;
	while (i < TASK_STATE__MAX && strcmp(states[i].word, word) != 0)
		i++;
	return (enum task_state)i;
}

enum task_status
task_state_status(enum task_state state)
{
	return states[state].status;
}

bool
task_state_terminal(enum task_state state)
{
	return states[state].terminal;
}

bool
job_facts_any(const struct job_facts *facts)
{
	return facts->model != NULL || facts->size != NULL || facts->seconds > 0 || facts->expires_at > 0;
}

const char *
task_shown_model(const struct task *task)
{
	return task->facts.model != NULL ? task->facts.model : task->model;
}

const char *
task_shown_size(const struct task *task)
{
	return task->facts.size != NULL ? task->facts.size : task->size;
}

int64_t
task_shown_seconds(const struct task *task)
{
	return task->facts.seconds > 0 ? task->facts.seconds : task->seconds;
}

bool
task_copy(struct arena *arena, const struct task *task, struct task *ret_task)
{
	struct task copy = *task;
	const char **const strings[] = {
	    &copy.video_id,      &copy.external_id,  &copy.client_request_id,
	    &copy.channel,       &copy.prompt,       &copy.model,
	    &copy.size,          &copy.aspect_ratio, &copy.media_type,
	    &copy.options,       &copy.input_file,   &copy.input_type,
	    &copy.video_url,     &copy.image_url,    &copy.error_code,
	    &copy.error_message, &copy.metadata,     &copy.source_external_id,
	    &copy.owner,         &copy.key_id,       &copy.images,
	    &copy.job,           &copy.facts.model,  &copy.facts.size,
	    &copy.turned_away,   &copy.cancelled_by,
	};
	for (size_t i = 0; i < sizeof(strings) / sizeof(strings[0]); i++) {
		if (*strings[i] == NULL)
			continue;
		*strings[i] = arena_strdup(arena, *strings[i]);
		if (*strings[i] == NULL)
			return false;
	}
	*ret_task = copy;
	return true;
}
