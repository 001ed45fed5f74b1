/* The dialect "sora": POST /simulator/sora/v1/videos, GET …/:id, POST …/:id/remix. The key is the
 * whole of Authorization; the answer has the video's link and a flat error, as relays of this dialect do. */
#include "base/arena.h"
#include "base/clock.h"
#include "base/json.h"
#include "call.h"
#include "content.h"
#include "handlers.h"
#include "job.h"
#include "submission.h"

static struct err
show(struct call *call, const struct job *job)
{
	struct job_state state = job_state(job, clock_wall_ms());
	bool failed = state.ended_at != 0 && job->switches.end == END_FAILED;
	struct jsonw w;

	reply_header(call->reply, "Content-Type", "application/json");
	jsonw_init(&w, &call->reply->body);
	jsonw_object(&w, NULL);
	jsonw_string(&w, "id", job->id);
	jsonw_string(&w, "object", "video");
	jsonw_string(&w, "model", job->model);
	jsonw_string(&w, "status", state.word);
	jsonw_int(&w, "progress", state.progress);
	jsonw_int(&w, "created_at", job->received_at / 1000);
	jsonw_string(&w, "size", job->size);
	jsonw_string(&w, "seconds", arena_printf(call->arena, "%lld", (long long)job->seconds));
	jsonw_string(&w, "video_url",
	             state.completed && !job->switches.no_url ? content_url(call, job) : NULL);
	jsonw_null(&w, "image_url");
	jsonw_string(&w, "error", failed ? "The simulator was told to fail this video." : NULL);
	jsonw_string(&w, "error_code", failed ? "simulated_failure" : NULL);
	jsonw_object_end(&w);
	return err_of(ERR_OK);
}

static struct err
submit(struct call *call, const struct job *source)
{
	struct job job;

	struct err err = submission_accept(call, "sora", source, &job);
	return err.code == ERR_OK && job.id ? show(call, &job) : err;
}

struct err
sora_create(struct call *call)
{
	return submit(call, NULL);
}

struct err
sora_remix(struct call *call)
{
	struct job source;

	struct err err = submission_find_source(call, "sora", &source);
	return err.code == ERR_OK ? submit(call, &source) : err;
}

struct err
sora_get(struct call *call)
{
	struct job job;

	struct err err = submission_poll(call, "sora", &job);
	return err.code == ERR_OK ? show(call, &job) : err;
}
