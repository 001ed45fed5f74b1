/* POST /v1/videos/edits · POST /v1/videos/extensions
 *
 * {prompt, video:{id}, seconds}, JSON or multipart: a new video from a finished one, changed, or continued by
 * `seconds`, which only an extension must have. Answers OpenAI's object Video. Errors: as a creation, and
 * task_not_found, no_external_id, not_completed, unsupported where the channel's upstream has no such call.
 * Writes through domain/task/create and domain/task/submit. */
#include "api/call.h"
#include "api/create_input.h"
#include "base/config.h"
#include "domain/task/create.h"
#include "handlers.h"
#include "store/task.h"
#include "handoff.h"

static struct err
make(struct call *call, enum job_kind job)
{
	struct create_input input = {0};
	struct task source;
	const char *id;
	struct err bad = create_input_read_from(call, &input, &id);
	if (bad.code != ERR_OK)
		return bad;
	if (job == DIALECT_EXTEND && input.seconds == 0) {
		create_input_drop(call->config->data, &input);
		return err_say(ERR_BAD_FIELD, "seconds", "seconds is required.");
	}
	enum err_code err = store_task_get(call->store, call->arena, call_scope(call), id, &source);
	if (err != ERR_OK) {
		create_input_drop(call->config->data, &input);
		return err == ERR_TASK_NOT_FOUND ? err_say(err, "video", "There is no such video.")
		                                 : err_of(err);
	}
	input.source = &source;
	input.job = job;
	return handoff_input(call, &input);
}

struct err
relay_v1_edit(struct call *call)
{
	return make(call, DIALECT_EDIT);
}

struct err
relay_v1_extend(struct call *call)
{
	return make(call, DIALECT_EXTEND);
}
