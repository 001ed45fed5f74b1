/* POST /api/video/webhook/:channel
 *
 * {type: video.completed or video.failed, data: {id}}, as OpenAI sends it, signed with the channel's webhook
 * secret (headers webhook-id, webhook-timestamp, webhook-signature): {}. The task is looked at now instead of
 * at its next poll. Errors: bad_signature, bad_json, too_large, busy. Writes through domain/hearing. */
#include "api/call.h"
#include "base/arena.h"
#include "base/buf.h"
#include "domain/channel/channels.h"
#include "domain/channel/inbound.h"
#include "handlers.h"
#include "view.h"

static void
free_buf(void *cookie)
{
	buf_free(cookie);
}

/* The bytes as they came: it is they that are signed. */
static struct err
read_body(struct call *call, struct inbound_webhook *webhook)
{
	char piece[4096];
	ssize_t got;
	struct buf *body = arena_alloc(call->arena, sizeof(*body));
	if (body == NULL)
		return err_of(ERR_NO_MEMORY);
	buf_init(body, INBOUND_BODY);
	if (!arena_defer(call->arena, free_buf, body))
		return err_of(ERR_NO_MEMORY);
	if (call->request->content_length > INBOUND_BODY)
		return err_of(ERR_TOO_LARGE);
	while ((got = request_read(call->request, piece, sizeof(piece))) > 0)
		if (!buf_add(body, piece, (size_t)got))
			return err_of(body->full ? ERR_TOO_LARGE : ERR_NO_MEMORY);
	if (got < 0)
		return err_say(ERR_BAD_REQUEST, NULL, "The body ended too early.");
	webhook->body = buf_str(body);
	webhook->len = body->len;
	return err_of(ERR_OK);
}

struct err
hooks_inbound(struct call *call)
{
	struct inbound_webhook webhook = {
	    .channel = call->request->params[0],
	    .id = request_header(call->request, "webhook-id"),
	    .timestamp = request_header(call->request, "webhook-timestamp"),
	    .signature = request_header(call->request, "webhook-signature"),
	};
	struct err err = read_body(call, &webhook);
	if (err.code != ERR_OK)
		return err;
	channels_refresh(call->program, call->store);
	err.code = inbound_take(call->store, call->program, call->arena, &webhook);
	return err.code == ERR_OK ? view_nothing(call) : err;
}
