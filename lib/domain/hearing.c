/* Webhooks of upstreams: see hearing.h. */
#include "domain/hearing.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/log.h"
#include "domain/channel.h"
#include "domain/signature.h"
#include "model/webhook.h"
#include "store/inbound.h"
#include "store/store.h"

enum { ID_MAX = 256, TIMESTAMP_DIGITS = 15 };

/* What is signed, from the headers. False where one is missing or is none. */
static bool
read_message(const struct heard *heard, struct signed_message *ret_message)
{
	const char *timestamp = heard->timestamp;
	if (heard->id == NULL || timestamp == NULL || heard->signature == NULL || heard->id[0] == '\0' ||
	    strlen(heard->id) > ID_MAX || timestamp[0] == '\0' || strlen(timestamp) > TIMESTAMP_DIGITS ||
	    strspn(timestamp, "0123456789") != strlen(timestamp))
		return false;
	*ret_message =
	    (struct signed_message){heard->id, strtoll(timestamp, NULL, 10), heard->body, heard->len};
	return true;
}

static bool
genuine(struct channels *channels, struct arena *arena, const struct heard *heard,
        const struct signed_message *message)
{
	const char *secret = NULL;
	if (channels_webhook_secret(channels, arena, heard->channel, &secret) != ERR_OK)
		secret = NULL;
	/* Both are always looked at. */
	bool matches = signature_matches(secret, message, heard->signature);
	return signature_fresh(message, clock_wall_ms()) && matches;
}

/* The upstream's id of what the event is about; NULL where it is none that we know. */
static enum err_code
read_event(struct arena *arena, const struct heard *heard, const char **ret_external_id)
{
	const struct json *root;
	enum err_code err = json_parse(arena, heard->body, heard->len, &root);
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
hearing_take(struct store *store, struct channels *channels, struct arena *arena, const struct heard *heard)
{
	struct signed_message message;
	const char *external_id;
	if (!read_message(heard, &message) || !genuine(channels, arena, heard, &message))
		return ERR_BAD_SIGNATURE;
	enum err_code err = read_event(arena, heard, &external_id);
	if (err != ERR_OK || external_id == NULL)
		return err;
	const struct inbound hearing = {
	    .id = arena_printf(arena, "%s %s", heard->channel, heard->id),
	    .expires_at = (message.timestamp + SIGNATURE_TOLERANCE_S + 1) * 1000,
	    .channel = heard->channel,
	    .external_id = external_id,
	    .now = clock_wall_ms(),
	};
	if (hearing.id == NULL)
		return ERR_NO_MEMORY;
	err = store_begin(store, STORE_RELAXED);
	if (err == ERR_OK)
		err = store_inbound_add(store, &hearing);
	err = store_end(store, err);
	if (err == ERR_OK)
		log_debug("an upstream has news: channel=%s external=%s", heard->channel, external_id);
	return err == ERR_CONFLICT ? ERR_OK : err;
}
