/* The dialect "openai": /simulator/v1/videos with OpenAI's video object, errors and content path. The
 * key is a Bearer token. */
#include "openai.h"

#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/json.h"
#include "call.h"
#include "content.h"
#include "handlers.h"
#include "job.h"
#include "submission.h"

enum { LINK_LIFE_S = 24 * 3600 };

static void
write_error(struct jsonw *w, enum job_end end)
{
	jsonw_object(w, "error");
	jsonw_string(w, "code", end == END_FAILED ? "simulated_failure" : "cancelled");
	jsonw_string(w, "message",
	             end == END_FAILED ? "The simulator was told to fail this video."
	                               : "The video was cancelled.");
	jsonw_object_end(w);
}

void
openai_write_video(struct call *call, struct jsonw *w, const struct job *job)
{
	struct job_state state = job_state(job, clock_wall_ms());

	jsonw_object(w, NULL);
	jsonw_string(w, "id", job->id);
	jsonw_string(w, "object", "video");
	jsonw_int(w, "created_at", job->received_at / 1000);
	if (state.completed) {
		jsonw_int(w, "completed_at", state.ended_at / 1000);
		jsonw_int(w, "expires_at", state.ended_at / 1000 + LINK_LIFE_S);
	} else {
		jsonw_null(w, "completed_at");
		jsonw_null(w, "expires_at");
	}
	jsonw_string(w, "status", state.word);
	jsonw_int(w, "progress", state.progress);
	jsonw_string(w, "model", job->model);
	jsonw_string(w, "prompt", job->prompt);
	jsonw_string(w, "size", job->size);
	jsonw_string(w, "seconds", arena_printf(call->arena, "%lld", (long long)job->seconds));
	jsonw_string(w, "remixed_from_video_id", job->remixed_from);
	if (state.ended_at != 0 && !state.completed)
		write_error(w, job->switches.end);
	else
		jsonw_null(w, "error");
	jsonw_object_end(w);
}

static struct err
show(struct call *call, const struct job *job)
{
	struct jsonw w;

	reply_header(call->reply, "Content-Type", "application/json");
	jsonw_init(&w, &call->reply->body);
	openai_write_video(call, &w, job);
	return err_of(ERR_OK);
}

static struct err
submit(struct call *call, const struct job *source)
{
	struct job job;

	struct err err = submission_accept(call, "openai", source, &job);
	return err.code == ERR_OK && job.id ? show(call, &job) : err;
}

struct err
openai_create(struct call *call)
{
	return submit(call, NULL);
}

struct err
openai_remix(struct call *call)
{
	struct job source;

	struct err err = submission_find_source(call, "openai", &source);
	return err.code == ERR_OK ? submit(call, &source) : err;
}

struct err
openai_get(struct call *call)
{
	struct job job;

	struct err err = submission_poll(call, "openai", &job);
	return err.code == ERR_OK ? show(call, &job) : err;
}

struct err
openai_delete(struct call *call)
{
	struct job job;
	struct jsonw w;

	struct err err = submission_find(call, "openai", &job);
	if (err.code == ERR_OK)
		err = err_of(job_delete(call->arena, call->dir, &job));
	if (err.code != ERR_OK)
		return err;
	reply_header(call->reply, "Content-Type", "application/json");
	jsonw_init(&w, &call->reply->body);
	jsonw_object(&w, NULL);
	jsonw_string(&w, "id", job.id);
	jsonw_string(&w, "object", "video.deleted");
	jsonw_bool(&w, "deleted", true);
	jsonw_object_end(&w);
	return err;
}

/* ERR_NOT_FOUND while there is no video yet, as OpenAI answers. */
struct err
openai_content(struct call *call)
{
	struct job job;

	struct err err = submission_find(call, "openai", &job);
	if (err.code == ERR_OK && !job_state(&job, clock_wall_ms()).completed)
		return err_say(ERR_NOT_FOUND, NULL, "The video is not ready yet.");
	if (err.code == ERR_OK && strstr(call->request->query, "variant=") &&
	    !strstr(call->request->query, "variant=video"))
		return err_say(ERR_NOT_FOUND, "variant", "The simulator has the variant video only.");
	return err.code == ERR_OK ? content_send(call, &job) : err;
}
