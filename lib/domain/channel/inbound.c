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
#include "model/webhook.h"
#include "store/inbound.h"
#include "store/store.h"

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

enum err_code
inbound_take(struct store *store, struct channels *channels, struct arena *arena,
             const struct inbound_webhook *webhook)
{
	struct signed_message message;
	const char *external_id;
	if (!read_message(webhook, &message) || !is_genuine(channels, arena, webhook, &message))
		return ERR_BAD_SIGNATURE;
	enum err_code err = read_event(arena, webhook, &external_id);
	if (err != ERR_OK || external_id == NULL)
		return err;
	const struct inbound inbound = {
	    .id = arena_printf(arena, "%s %s", webhook->channel, webhook->id),
	    .expires_at = (message.timestamp + SIGNATURE_TOLERANCE_S + 1) * 1000,
	    .channel = webhook->channel,
	    .external_id = external_id,
	    .now = clock_wall_ms(),
	};
	if (inbound.id == NULL)
		return ERR_NO_MEMORY;
	err = store_begin(store, STORE_RELAXED);
	if (err == ERR_OK)
		err = store_inbound_add(store, &inbound);
	err = store_end(store, err);
	if (err == ERR_OK)
		log_debug("an upstream has news: channel=%s external=%s", webhook->channel, external_id);
	return err == ERR_CONFLICT ? ERR_OK : err;
}
