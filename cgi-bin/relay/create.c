/* POST /api/relay/sora/videos · POST /v1/videos
 *
 * multipart/form-data or JSON, see api/create_input.h. 200 {videoId, externalTaskId, clientRequestId,
 * status:"processing", progress, message} once the upstream has taken the task; 202 status:"queued" where it
 * cannot be reached and the task is kept for later; 200 with Idempotent-Replayed: true where (user,
 * clientRequestId) exists with the same content. Under /v1 OpenAI's object Video, always with 200. Errors:
 * bad_field, bad_form, bad_json, bad_image, too_large, unsupported_content_type, client_request_id_reused,
 * task_deleted, rate_limited, no_channel, channel_unavailable, model_not_found, upstream_rejected,
 * submission_unknown. Writes through domain/task/create and domain/task/submit. */
#include "api/call.h"
#include "api/create_input.h"
#include "domain/task/create.h"
#include "handlers.h"
#include "handoff.h"

struct err
relay_create(struct call *call)
{
	struct create_input input = {0};
	struct err bad = create_input_read(call, &input);
	return bad.code != ERR_OK ? bad : handoff_input(call, &input);
}
