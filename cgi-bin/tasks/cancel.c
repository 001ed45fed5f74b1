/* POST /api/video/tasks/:videoId/cancel
 *
 * The task, CANCELLED at once; only a retry opens it again. Errors: task_not_found, not_open.
 * Writes through domain/task/change. */
#include "api/call.h"
#include "api/task_view.h"
#include "domain/task/change.h"
#include "domain/env.h"
#include "handlers.h"

struct err
tasks_cancel(struct call *call)
{
	struct task task;
	struct domain_env env = {.config = call->config, .store = call->store};
	struct change_target target = {
	    .user_id = call_scope(call), .video_id = call->request->params[0], .asker = call->user->id};
	enum err_code err = change_cancel(&env, call->arena, &target, &task);
	if (err != ERR_OK)
		return err_of(err);
	call_log(call, "cancelled", target.video_id);
	return task_answer(call, &task);
}
