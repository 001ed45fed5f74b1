/* DELETE /api/video/tasks/:videoId · DELETE /v1/videos/:videoId
 *
 * {videoId, deleted:true}, and OpenAI's {id, object:"video.deleted", deleted:true}: hidden from all at once;
 * its remixes stay. Errors: task_not_found. Writes through domain/task/change. */
#include "api/call.h"
#include "api/envelope.h"
#include "domain/task/change.h"
#include "domain/env.h"
#include "handlers.h"

static enum err_code
delete_task(const struct call *call, const char *video_id)
{
	struct domain_env env = {.config = call->config, .store = call->store};
	struct change_target target = {
	    .user_id = call_scope(call), .video_id = video_id, .asker = call->user->id};
	enum err_code err = change_delete(&env, call->arena, &target);
	if (err == ERR_OK)
		call_log(call, "deleted", video_id);
	return err;
}

struct err
tasks_delete(struct call *call)
{
	const char *video_id = call->request->params[0];
	enum err_code err = delete_task(call, video_id);
	if (err != ERR_OK)
		return err_of(err);

	struct jsonw w = call_answer_begin(call);
	jsonw_string(&w, "videoId", video_id);
	jsonw_bool(&w, "deleted", true);
	return call_answer_end(call, &w, 200);
}

struct err
tasks_v1_delete(struct call *call)
{
	const char *video_id = call->request->params[0];
	enum err_code err = delete_task(call, video_id);
	if (err != ERR_OK)
		return err_of(err);

	struct jsonw w = openai_begin(call->reply);
	jsonw_string(&w, "id", video_id);
	jsonw_string(&w, "object", "video.deleted");
	jsonw_bool(&w, "deleted", true);
	openai_end(&w, call->request, call->reply);
	return err_of(ERR_OK);
}
