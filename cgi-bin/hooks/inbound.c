/* POST /api/video/webhook/:channel, /api/video/webhook/:channel/:token
 *
 * {type: video.completed or video.failed, data: {id}}, as OpenAI sends it, signed with the channel's webhook
 * secret (headers webhook-id, webhook-timestamp, webhook-signature): {}. The task is polled now instead of at
 * its next time. With a token, as `longreel channel webhook` shows it, whatever the upstream sends, unsigned;
 * the job's id is where the channel's profile says. A challenge is sent back. Errors: bad_signature,
 * bad_json, too_large, busy. Writes through domain/channel/inbound.h.
 */
#include "api/call.h"
#include "api/envelope.h"
#include "base/buf.h"
#include "domain/channel/channels.h"
#include "domain/channel/inbound.h"
#include "handlers.h"

static struct err
answer_challenge(struct call *call, const char *challenge)
{
	struct jsonw w = envelope_begin(call->reply);
	jsonw_raw(&w, "challenge", challenge);
	envelope_end(&w, call->request, call->reply, 200);
	return err_of(ERR_OK);
}

struct err
hooks_inbound(struct call *call)
{
	struct inbound_webhook webhook = {
	    .channel = call->request->params[0],
	    .id = request_header(call->request, "webhook-id"),
	    .timestamp = request_header(call->request, "webhook-timestamp"),
	    .token = call->request->params[1],
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
	if (err.code != ERR_OK)
		return err;
	const char *challenge = webhook.token != NULL ? inbound_challenge(call->arena, &webhook) : NULL;
	return challenge != NULL ? answer_challenge(call, challenge) : call_answer_empty(call);
}
