/* DELETE /api/video/tasks/:videoId
 *
 * {videoId, deleted:true}: hidden from all at once; its remixes stay. Errors: task_not_found. Writes through
 * domain/task/change. */
#include "api/call.h"
#include "api/envelope.h"
#include "domain/task/change.h"
#include "domain/env.h"
#include "handlers.h"

struct err
tasks_delete(struct call *call)
{
	struct domain_env env = {.config = call->config, .store = call->store};
	struct change_target target = {call_scope(call), call->request->params[0]};
	enum err_code err = change_delete(&env, call->arena, &target);
	if (err != ERR_OK)
		return err_of(err);
	call_log(call, "deleted", target.video_id);

	struct jsonw w;
	envelope_begin(&w, call->reply);
	jsonw_object(&w, "data");
	jsonw_string(&w, "videoId", target.video_id);
	jsonw_bool(&w, "deleted", true);
	jsonw_object_end(&w);
	envelope_end(&w, call->request, call->reply, 200);
	return err_of(ERR_OK);
}
