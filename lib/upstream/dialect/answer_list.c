/* Reads the upstream's lists of its jobs and its models, its webhooks, and the answer to a cancellation. */
#include <stdint.h>
#include <stddef.h>
#include <string.h>

#include "base/arena.h"
#include "base/json.h"
#include "base/limits.h"
#include "model/channel.h"
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

/* The array at one of the places in a good answer; NULL with the reason where there is none. */
static const struct json *
find_items(const struct http_response *response, bool accepted, const char *const *places,
           struct arena *arena, const char **ret_why)
{
	const struct json *items = NULL;
	if (response->end != HTTP_ANSWERED)
		*ret_why = arena_strdup(arena, response->why);
	else if (!accepted)
		*ret_why = arena_printf(arena, "The upstream answered %d", response->status);
	else
		items = fact_at(fact_root(response, arena), places);
	if (json_type(items) == JSON_ARRAY)
		return items;
	if (*ret_why == NULL)
		*ret_why = "The answer holds no list";
	return NULL;
}

void
answer_list(const struct dialect *dialect, const struct http_response *response, struct arena *arena,
            struct list_answer *ret_answer)
{
	struct list_answer answer = {.why = NULL};
	const struct json *items =
	    find_items(response, dialect_accepts(&dialect->list.call, response->status), dialect->list.items,
	               arena, &answer.why);

	if (items)
		answer.jobs = arena_alloc(arena, (json_size(items) + 1) * sizeof(*answer.jobs));
	if (!answer.jobs && !answer.why)
		answer.why = "The answer holds no list";
	for (const struct json *v = answer.jobs ? json_first(items) : NULL; v; v = json_next(v))
		answer.count += read_job(dialect, v, arena, &answer.jobs[answer.count]);
	*ret_answer = answer;
}

/* The name of a model; NULL where it is none that can be asked for. */
static const char *
read_name(const struct channel *channel, const struct json *item, struct arena *arena)
{
	const struct dialect_models *models = &channel->dialect->models;
	const char *name = json_string(fact_at(item, models->name));
	size_t skip = models->prefix ? strlen(models->prefix) : 0;
	if (name && skip > 0 && strncmp(name, models->prefix, skip) == 0)
		name += skip;
	name = answer_without_key(channel, name);
	return name ? fact_clean(arena, name, LIMIT_WORD) : NULL;
}

void
answer_models(const struct channel *channel, const struct http_response *response, struct arena *arena,
              struct models_answer *ret_answer)
{
	struct models_answer answer = {.why = NULL};
	const struct json *items = find_items(response, response->status == HTTP_OK,
	                                      channel->dialect->models.items, arena, &answer.why);
	const char **names = items ? arena_alloc(arena, (json_size(items) + 1) * sizeof(*names)) : NULL;

	for (const struct json *v = names ? json_first(items) : NULL; v; v = json_next(v)) {
		const char *name = read_name(channel, v, arena);
		if (name)
			names[answer.count++] = name;
	}
	answer.names = names;
	if (!names && !answer.why)
		answer.why = "The answer holds no list";
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
