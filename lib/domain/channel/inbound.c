/* Inbound webhooks: see inbound.h. */
#include "domain/channel/inbound.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/log.h"
#include "domain/channel/channels.h"
#include "domain/webhook/signature.h"
#include "model/channel.h"
#include "model/webhook.h"
#include "store/inbound.h"
#include "store/store.h"
#include "upstream/dialect/answer.h"

enum { ID_MAX = 256, TIMESTAMP_DIGITS = 15 };

/* Collects what is signed. False where a header is missing or malformed. */
static bool
read_message(const struct inbound_webhook *webhook, struct signed_message *ret_message)
{
	const char *timestamp = webhook->timestamp;
	if (webhook->id == NULL || timestamp == NULL || webhook->signature == NULL ||
	    webhook->id[0] == '\0' || strlen(webhook->id) > ID_MAX || timestamp[0] == '\0' ||
	    strlen(timestamp) > TIMESTAMP_DIGITS || strspn(timestamp, "0123456789") != strlen(timestamp))
		return false;
	*ret_message =
	    (struct signed_message){webhook->id, strtoll(timestamp, NULL, 10), webhook->body, webhook->len};
	return true;
}

static bool
is_genuine(struct channels *channels, struct arena *arena, const struct inbound_webhook *webhook,
           const struct signed_message *message)
{
	const char *secret = NULL;
	if (channels_webhook_secret(channels, arena, webhook->channel, &secret) != ERR_OK)
		secret = NULL;
	/* Both are always checked, so that the time tells nothing. */
	bool matches = signature_matches(secret, message, webhook->signature);
	return signature_fresh(message, clock_wall_ms()) && matches;
}

/* Reads the job's id at the upstream; NULL for an event that is not ours. */
static enum err_code
read_event(struct arena *arena, const struct inbound_webhook *webhook, const char **ret_external_id)
{
	const struct json *root;
	enum err_code err = json_parse(arena, webhook->body, webhook->len, &root);
	if (err != ERR_OK)
		return err;
	const char *type = json_string(json_get(root, "type"));
	const char *id = json_string(json_get(json_get(root, "data"), "id"));
	bool ours =
	    type != NULL && (strcmp(type, WEBHOOK_COMPLETED) == 0 || strcmp(type, WEBHOOK_FAILED) == 0);
	*ret_external_id = ours && id != NULL && strlen(id) <= LIMIT_UPSTREAM_ID ? id : NULL;
	return ERR_OK;
}

/* Reads the job's id in a webhook that bears the token of its address: in the words of the channel's profile.
 */
static enum err_code
read_unsigned(struct channels *channels, struct arena *arena, const struct inbound_webhook *webhook,
              const char **ret_external_id)
{
	const char *secret = NULL;
	if (channels_webhook_secret(channels, arena, webhook->channel, &secret) != ERR_OK)
		secret = NULL;
	if (!signature_token_good(secret, webhook->channel, webhook->token))
		return ERR_BAD_SIGNATURE;
	const struct channel *channel = channels_find(channels, webhook->channel);
	*ret_external_id = NULL;
	if (channel != NULL)
		*ret_external_id = answer_webhook(channel->dialect, webhook->body, webhook->len, arena);
	channel_release(channel);
	return ERR_OK;
}

/* Reads what a signed webhook is about. */
static enum err_code
read_signed(struct channels *channels, struct arena *arena, const struct inbound_webhook *webhook,
            struct inbound *inbound)
{
	struct signed_message message;
	if (!read_message(webhook, &message) || !is_genuine(channels, arena, webhook, &message))
		return ERR_BAD_SIGNATURE;
	inbound->expires_at = (message.timestamp + SIGNATURE_TOLERANCE_S + 1) * 1000;
	inbound->id = arena_printf(arena, "%s %s", webhook->channel, webhook->id);
	return inbound->id != NULL ? read_event(arena, webhook, &inbound->external_id) : ERR_NO_MEMORY;
}

enum err_code
inbound_take(struct store *store, struct channels *channels, struct arena *arena,
             const struct inbound_webhook *webhook)
{
	struct inbound inbound = {.channel = webhook->channel, .now = clock_wall_ms()};
	enum err_code err = webhook->token != NULL
	                        ? read_unsigned(channels, arena, webhook, &inbound.external_id)
	                        : read_signed(channels, arena, webhook, &inbound);
	if (err != ERR_OK || inbound.external_id == NULL)
		return err;
	err = store_begin(store, STORE_RELAXED);
	if (err == ERR_OK)
		err = store_inbound_add(store, &inbound);
	err = store_end(store, err);
	if (err == ERR_OK)
		log_debug("an upstream has news: channel=%s external=%s", webhook->channel,
		          inbound.external_id);
	return err == ERR_CONFLICT ? ERR_OK : err;
}

const char *
inbound_challenge(struct arena *arena, const struct inbound_webhook *webhook)
{
	const struct json *root;
	if (json_parse(arena, webhook->body, webhook->len, &root) != ERR_OK)
		return NULL;
	const struct json *challenge = json_get(root, "challenge");
	return json_string(challenge) != NULL ? json_text(arena, challenge) : NULL;
}
