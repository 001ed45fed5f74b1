/* GET /simulator/v1/videos: OpenAI's list, in pages (after, limit, order), newest first by default, without
 * deleted videos. */
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "base/json.h"
#include "base/limits.h"
#include "call.h"
#include "handlers.h"
#include "job.h"
#include "openai.h"
#include "web/field.h"

enum { PAGE = 20, PAGE_MAX = 100 };

struct list_query {
	const char *after, *order;
	struct field_int limit;
};

static const char *const orders[] = {"asc", "desc", NULL};
static const struct field fields[] = {
    {"after", FIELD_LINE, offsetof(struct list_query, after), .max = LIMIT_WORD},
    {"limit", FIELD_INT, offsetof(struct list_query, limit), .min = 1, .max = PAGE_MAX},
    {"order", FIELD_WORD, offsetof(struct list_query, order), .words = orders},
};

static void
reverse(const char **ids, size_t count)
{
	for (size_t i = 0; i < count / 2; i++) {
		const char *id = ids[i];

		ids[i] = ids[count - 1 - i];
		ids[count - 1 - i] = id;
	}
}

/* Finds the index behind `after`; 0 without one. False where there is no such id. */
static bool
find_start(const char *const *ids, size_t count, const char *after, size_t *ret_start)
{
	size_t start = 0;

	if (after) {
		while (start < count && strcmp(ids[start], after) != 0)
			start++;
		if (start++ == count)
			return false;
	}
	*ret_start = start;
	return true;
}

struct err
openai_list(struct call *call)
{
	struct list_query query = {.after = NULL};
	const char *first = NULL, *last = NULL;
	size_t count, at, shown = 0;
	const char **ids;
	struct jsonw w;
	struct job job;

	struct err err = field_read_query(fields, sizeof(fields) / sizeof(fields[0]), call->request, &query);
	if (err.code != ERR_OK)
		return err;
	enum err_code code = job_ids(call->arena, call->dir, "openai", &ids, &count);
	if (code != ERR_OK)
		return err_of(code);
	if (!query.order || strcmp(query.order, "desc") == 0)
		reverse(ids, count);
	if (!find_start((const char *const *)ids, count, query.after, &at))
		return err_say(ERR_BAD_FIELD, "after", "There is no such video.");
	size_t limit = query.limit.set ? (size_t)query.limit.value : PAGE;

	reply_header(call->reply, "Content-Type", "application/json");
	jsonw_init(&w, &call->reply->body);
	jsonw_object(&w, NULL);
	jsonw_string(&w, "object", "list");
	jsonw_array(&w, "data");
	for (; at < count; at++) {
		if (job_load(call->arena, call->dir, ids[at], &job) != ERR_OK ||
		    job_deleted_at(call->arena, call->dir, &job) != 0)
			continue;
		if (shown++ == limit)
			break;
		openai_write_video(call, &w, &job);
		first = first ? first : job.id;
		last = job.id;
	}
	jsonw_array_end(&w);
	jsonw_string(&w, "first_id", first);
	jsonw_string(&w, "last_id", last);
	jsonw_bool(&w, "has_more", shown > limit);
	jsonw_object_end(&w);
	return err;
}
