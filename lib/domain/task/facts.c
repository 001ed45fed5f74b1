/* Facts of jobs: see facts.h. */
#include "domain/task/facts.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "model/channel.h"
#include "upstream/dialect/answer.h"

enum { STEADY_MS = 60 * 1000 /* some upstreams count from now, with each answer */ };

void
facts_translate(const struct channel *channel, const struct task *task, struct arena *arena,
                struct job_facts *facts)
{
	const char *model = answer_without_key(channel, facts->model);
	facts->model =
	    model != NULL ? arena_strdup(arena, channel_our_model(channel, task->model, model)) : NULL;
}

/* True where the task's seconds are those of a part, and an upstream says those of the whole. */
static bool
is_part(const struct task *task)
{
	const char *options = task->options != NULL ? task->options : "";
	return strstr(options, "\"job\":\"extend\"") != NULL || strstr(options, "\"whole_seconds\"") != NULL;
}

/* Returns the word where it is said and another than is shown; else NULL. */
static const char *
news(const char *said, const char *shown)
{
	return said != NULL && (shown == NULL || strcmp(said, shown) != 0) ? said : NULL;
}

struct job_facts
facts_news(const struct task *task, const struct job_facts *said)
{
	struct job_facts facts = {
	    .model = news(said->model, task_shown_model(task)),
	    .size = news(said->size, task_shown_size(task)),
	    .cost = said->cost,
	};
	if (said->seconds != task_shown_seconds(task) && !is_part(task))
		facts.seconds = said->seconds;
	if (llabs(said->expires_at - task->facts.expires_at) > STEADY_MS)
		facts.expires_at = said->expires_at;
	return facts;
}
