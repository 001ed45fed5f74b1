/* The record of all jobs, for tests: GET /simulator/jobs (in order of acceptance) and GET
 * /simulator/jobs/:id. Each record is the job's file and its present state. */
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/limits.h"
#include "call.h"
#include "handlers.h"
#include "job.h"

/* Appends the job: the members of its file, then those that change. */
static void
write_record(struct call *call, struct arena *arena, struct buf *out, const struct job *job)
{
	struct job_state state = job_state(job, clock_wall_ms());
	int64_t deleted_at = job_deleted_at(arena, call->dir, job);
	struct jsonw w = {.out = out, .comma = true};

	buf_add(out, job->text, strlen(job->text) - 1);
	jsonw_string(&w, "status", state.word);
	jsonw_int(&w, "progress", state.progress);
	jsonw_int(&w, "polls", job_polls(arena, call->dir, job));
	if (deleted_at != 0)
		jsonw_int(&w, "deleted_at", deleted_at);
	else
		jsonw_null(&w, "deleted_at");
	jsonw_object_end(&w);
}

struct err
job_list_one(struct call *call)
{
	struct job job;

	enum err_code code = job_load(call->arena, call->dir, call->request->params[0], &job);
	if (code != ERR_OK)
		return err_of(code);
	reply_header(call->reply, "Content-Type", "application/json");
	write_record(call, call->arena, &call->reply->body, &job);
	return err_of(ERR_OK);
}

/* Sends the records one by one, so that neither their number nor their size is limited. False where the
 * client is gone or memory is short; the text then breaks off. */
static bool
send_records(struct call *call, struct arena *arena, const char *const *ids, size_t count)
{
	const char *comma = "";
	struct job job;
	struct buf out;
	bool good = true;

	buf_init(&out, LIMIT_REPLY);
	for (size_t i = 0; good && i < count; i++) {
		arena_reset(arena);
		enum err_code code = job_load(arena, call->dir, ids[i], &job);
		if (code == ERR_NOT_FOUND)
			continue;
		if (code == ERR_OK) {
			buf_clear(&out);
			buf_adds(&out, comma);
			write_record(call, arena, &out, &job);
			comma = ",\n";
		}
		good = code == ERR_OK && !out.failed &&
		       reply_stream(call->reply, call->request, buf_str(&out), out.len);
	}
	buf_free(&out);
	return good;
}

struct err
job_list_all(struct call *call)
{
	static const char head[] = "{\"jobs\":[", tail[] = "]}";
	const char **ids;
	size_t count;

	enum err_code code = job_ids(call->arena, call->dir, NULL, &ids, &count);
	if (code != ERR_OK)
		return err_of(code);
	struct arena *arena = arena_new();
	if (arena == NULL)
		return err_of(ERR_NO_MEMORY);
	reply_header(call->reply, "Content-Type", "application/json");
	if (reply_stream_begin(call->reply, call->request) &&
	    reply_stream(call->reply, call->request, head, sizeof(head) - 1) &&
	    send_records(call, arena, (const char *const *)ids, count))
		reply_stream(call->reply, call->request, tail, sizeof(tail) - 1);
	arena_free(arena);
	return err_of(ERR_OK);
}
