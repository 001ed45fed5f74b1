/* POST /api/video/webhook/:channel
 *
 * {type: video.completed or video.failed, data: {id}}, as OpenAI sends it, signed with the channel's webhook
 * secret (headers webhook-id, webhook-timestamp, webhook-signature): {}. The task is polled now instead of at
 * its next time. Errors: bad_signature, bad_json, too_large, busy. Writes through domain/channel/inbound.h.
 */
#include "api/call.h"
#include "base/buf.h"
#include "domain/channel/channels.h"
#include "domain/channel/inbound.h"
#include "handlers.h"

struct err
hooks_inbound(struct call *call)
{
	struct inbound_webhook webhook = {
	    .channel = call->request->params[0],
	    .id = request_header(call->request, "webhook-id"),
	    .timestamp = request_header(call->request, "webhook-timestamp"),
	    .signature = request_header(call->request, "webhook-signature"),
	};
	struct buf *body;
	struct err err = request_body(call->request, INBOUND_BODY, &body);
	if (err.code != ERR_OK)
		return err;
	webhook.body = buf_str(body); /* as it came: these bytes are signed */
	webhook.len = body->len;
	channels_refresh(call->program, call->store);
	err.code = inbound_take(call->store, call->program, call->arena, &webhook);
	return err.code == ERR_OK ? call_answer_empty(call) : err;
}
