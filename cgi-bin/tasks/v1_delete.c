/* DELETE /v1/videos/:videoId
 *
 * {id, object:"video.deleted", deleted:true}: hidden from all at once. Errors: task_not_found. Writes through
 * domain/task/change. */
#include "api/call.h"
#include "api/openai_envelope.h"
#include "domain/task/change.h"
#include "domain/env.h"
#include "handlers.h"

struct err
tasks_v1_delete(struct call *call)
{
	struct domain_env env = {.config = call->config, .store = call->store};
	struct change_target target = {call_scope(call), call->request->params[0]};
	enum err_code err = change_delete(&env, call->arena, &target);
	if (err != ERR_OK)
		return err_of(err);
	call_log(call, "deleted", target.video_id);

	struct jsonw w;
	openai_begin(&w, call->reply);
	jsonw_string(&w, "id", target.video_id);
	jsonw_string(&w, "object", "video.deleted");
	jsonw_bool(&w, "deleted", true);
	openai_end(&w, call->request, call->reply);
	return err_of(ERR_OK);
}
