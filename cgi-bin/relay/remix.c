/* POST /api/video/tasks/:videoId/remix · POST /api/relay/sora/videos/:videoId/remix · POST
 * /v1/videos/:videoId/remix
 *
 * {prompt, model?, clientRequestId?} as JSON, or multipart with input_reference as well; what else a creation
 * may say is read and, where the source decides it, passed over. Answers as a creation does, and
 * remixed_from. Errors: as a creation, and task_not_found, no_external_id, not_completed, unsupported. Writes
 * through domain/task/create and domain/task/submit. */
#include "api/call.h"
#include "api/create_input.h"
#include "domain/task/create.h"
#include "handlers.h"
#include "store/task.h"
#include "handoff.h"

struct err
relay_remix(struct call *call)
{
	struct task source;
	enum err_code err =
	    store_task_get(call->store, call->arena, call_scope(call), call->request->params[0], &source);
	if (err != ERR_OK)
		return err_of(err);
	struct create_input input = {0};
	struct err bad = create_input_read(call, &input);
	if (bad.code != ERR_OK)
		return bad;
	input.source = &source;
	input.job = DIALECT_REMIX;
	return handoff_input(call, &input);
}
