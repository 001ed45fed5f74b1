/* POST /api/relay/sora/videos
 *
 * multipart/form-data or JSON, see api/create_input.h. 200 {videoId, externalTaskId, clientRequestId,
 * status:"processing", progress, message} once the upstream has taken the task; 202 status:"queued" where it
 * cannot be reached and the task is kept for later; 200 with Idempotent-Replayed: true where (user,
 * clientRequestId) exists with the same content. Errors: bad_field, bad_form, bad_json, bad_image, too_large,
 * unsupported_content_type, client_request_id_reused, rate_limited, no_channel, upstream_rejected,
 * submission_unknown. Writes through domain/create and domain/submit. */
#include "answer.h"
#include "api/call.h"
#include "api/create_input.h"
#include "domain/create.h"
#include "domain/env.h"
#include "driver.h"
#include "handlers.h"

struct err
relay_create(struct call *call)
{
	struct driver *driver = call->program;
	struct create_input input = {0};
	struct err bad = create_input_read(call, &input);
	if (bad.code != ERR_OK)
		return bad;

	struct create_result result;
	struct domain_env env = driver_env(driver, call->store);
	enum err_code err = create_task(&env, call->arena, &input, &result);
	if (result.replayed ||
	    (err != ERR_OK && err != ERR_UNCERTAIN)) /* uncertain: the row may be there, and need it */
		create_input_drop(call, &input);
	if (err != ERR_OK) {
		struct err failed = err_of(err);
		failed.retry_after_ms = result.wait_ms;
		return failed;
	}
	if (result.replayed || result.task.state != TASK_STATE_SENDING) {
		answer_task(call->request, call->reply, &result.task, result.replayed, call->lang);
		return err_of(ERR_OK);
	}
	if (!driver_take(driver, call, &result.task))
		return err_of(ERR_NO_MEMORY);
	return err_of(ERR_OK);
}
