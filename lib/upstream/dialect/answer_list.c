/* Reads the upstream's list of its jobs, its webhooks, and the answer to a cancellation. */
#include <stdint.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/json.h"
#include "upstream/dialect/answer.h"
#include "upstream/dialect/fact.h"
#include "upstream/dialect/profile.h"
#include "upstream/http/message.h"

/* Reads one job of the list. False where it lacks what it is recognised by. */
static bool
read_job(const struct dialect *dialect, const struct json *item, struct arena *arena, struct listed_job *job)
{
	const char *prompt = json_string(fact_at(item, dialect->list.prompt));
	job->created_at = fact_time(fact_at(item, dialect->list.created_at));
	job->external_id = fact_find(dialect, FACT_ID, item, arena);
	job->prompt = prompt ? arena_strdup(arena, prompt) : NULL;
	job->source_external_id = fact_id(arena, fact_at(item, dialect->list.source));
	return job->external_id && job->prompt && job->created_at > 0;
}

void
answer_list(const struct dialect *dialect, const struct http_response *response, struct arena *arena,
            struct list_answer *ret_answer)
{
	struct list_answer answer = {.why = NULL};
	const struct json *items = NULL;

	if (response->end != HTTP_ANSWERED)
		answer.why = arena_strdup(arena, response->why);
	else if (!dialect_accepts(&dialect->list.call, response->status))
		answer.why = arena_printf(arena, "The upstream answered %d", response->status);
	else
		items = fact_at(fact_root(response, arena), dialect->list.items);
	if (json_type(items) == JSON_ARRAY)
		answer.jobs = arena_alloc(arena, (json_size(items) + 1) * sizeof(*answer.jobs));
	if (!answer.jobs && !answer.why)
		answer.why = "The answer holds no list";
	for (const struct json *v = answer.jobs ? json_first(items) : NULL; v; v = json_next(v))
		answer.count += read_job(dialect, v, arena, &answer.jobs[answer.count]);
	*ret_answer = answer;
}

bool
answer_cancel(const struct http_response *response)
{
	return response->end == HTTP_ANSWERED && response->status < 500 &&
	       response->status != HTTP_REQUEST_TIMEOUT && response->status != HTTP_TOO_EARLY &&
	       response->status != HTTP_TOO_MANY;
}

const char *
answer_webhook(const struct dialect *dialect, const char *bytes, size_t len, struct arena *arena)
{
	const struct http_response said = {.body = bytes, .body_len = len};
	const char *const *places = dialect->webhook_id ? dialect->webhook_id : dialect->facts[FACT_ID];
	const struct json *root = fact_root(&said, arena);
	const char *id = NULL;
	for (; places && *places && id == NULL; places++)
		id = fact_id(arena, json_pointer(root, *places));
	return id;
}
