/* Delivering webhooks: see deliver.h. */
#include "domain/webhook/deliver.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/config.h"
#include "base/crypto.h"
#include "base/kill_point.h"
#include "base/json.h"
#include "base/log.h"
#include "domain/env.h"
#include "domain/backoff.h"
#include "domain/webhook/deliver_rate.h"
#include "domain/webhook/signature.h"
#include "store/clock.h"
#include "store/delivery.h"
#include "store/store.h"
#include "store/webhook.h"
#include "upstream/http/client.h"

enum { GONE = 410, BODY_MAX = 1024, RETRY_SOON_MS = 5000 };

struct deliverer {
	struct domain_env env;
	struct http *http; /* its own: shares no connections with the clients of channels */
	void (*on_end)(void *cookie);
	void *cookie;
	size_t active;
	bool abandoned;
};

/* One delivery under way. */
struct run {
	struct deliverer *deliverer;
	struct arena *arena; /* owns what `delivery` points to */
	struct delivery delivery;
	int64_t started_at;
};

/* ---- when ---- */

int64_t
deliver_wait(int64_t failures, int64_t retry_after, double dice)
{
	enum { S = 1000, MIN = 60 * S, H = 60 * MIN };
	static const int64_t waits[] = {5 * S,  5 * MIN, 30 * MIN, 2 * H, 5 * H,
	                                10 * H, 14 * H,  20 * H,   24 * H};
	if (failures > (int64_t)(sizeof(waits) / sizeof(waits[0])))
		return -1;
	int64_t wait = backoff_jitter(waits[failures < 1 ? 0 : failures - 1], dice);
	int64_t asked = backoff_within(retry_after, 0, 24 * H);
	return wait < asked ? asked : wait;
}

/* ---- what is sent ---- */

void
deliver_event_id(const struct delivery *delivery, char ret_id[DELIVER_EVENT_SIZE])
{
	const char *name =
	    strncmp(delivery->video_id, "video_", 6) == 0 ? delivery->video_id + 6 : delivery->video_id;
	snprintf(ret_id, DELIVER_EVENT_SIZE, "evt_%s_%" PRId64 "_%s", name, delivery->attempt,
	         delivery->event + strlen("video."));
}

const char *
deliver_body(struct arena *arena, const struct delivery *delivery)
{
	char id[DELIVER_EVENT_SIZE];
	struct buf text;
	struct jsonw w;
	buf_init(&text, BODY_MAX);
	jsonw_init(&w, &text);
	deliver_event_id(delivery, id);
	jsonw_object(&w, NULL);
	jsonw_string(&w, "id", id);
	jsonw_string(&w, "object", "event");
	jsonw_int(&w, "created_at", delivery->created_at / 1000);
	jsonw_string(&w, "type", delivery->event);
	jsonw_object(&w, "data");
	jsonw_string(&w, "id", delivery->video_id);
	jsonw_string(&w, "clientRequestId", delivery->client_request_id);
	jsonw_int(&w, "attempt", delivery->attempt);
	jsonw_object_end(&w);
	jsonw_object_end(&w);
	const char *body = text.failed ? NULL : arena_strdup(arena, buf_str(&text));
	buf_free(&text);
	return body;
}

/* The header webhook-signature; signs with the old secret, too, while that is valid. NULL when memory is
 * short. */
static const char *
signatures(struct arena *arena, const struct delivery *delivery, const struct signed_message *message)
{
	char now[SIGNATURE_SIZE] = "", old[SIGNATURE_SIZE] = "";
	signature_make(delivery->secret, message, now);
	if (delivery->old_secret != NULL && delivery->old_until > message->timestamp * 1000)
		signature_make(delivery->old_secret, message, old);
	return arena_printf(arena, "webhook-signature: %s%s%s", now, old[0] != '\0' ? " " : "", old);
}

/* Composes the request, in the run's arena. False when memory is short. */
static bool
compose(const struct run *run, struct http_request *ret_request)
{
	const struct config *config = run->deliverer->env.config;
	const struct delivery *delivery = &run->delivery;
	char id[DELIVER_EVENT_SIZE];
	deliver_event_id(delivery, id);
	const char *body = deliver_body(run->arena, delivery);
	const char **headers = arena_alloc(run->arena, 5 * sizeof(*headers));
	if (body == NULL || headers == NULL)
		return false;
	const struct signed_message message = {id, clock_wall_ms() / 1000, body, strlen(body)};
	headers[0] = "Content-Type: application/json";
	headers[1] = arena_printf(run->arena, "webhook-id: %s", id);
	headers[2] = arena_printf(run->arena, "webhook-timestamp: %" PRId64, message.timestamp);
	headers[3] = signatures(run->arena, delivery, &message);
	*ret_request = (struct http_request){
	    .method = "POST",
	    .url = delivery->url,
	    .headers = headers,
	    .body = body,
	    .body_len = message.len,
	    .timeout_ms = config->webhook_timeout,
	    .foreign = true,
	    .private = config_on(config->webhook_private),
	};
	return !arena_failed(run->arena);
}

/* ---- the outcome ---- */

static const char no_answer[] = "The receiver could not be reached, or gave no answer.";

static void
run_free(struct run *run)
{
	if (run == NULL)
		return;
	arena_free(run->arena);
	free(run);
}

/* Sets what the response, received at `now`, means for the delivery. The endpoint's owner must not probe
 * ports with it: a port that is closed, silent or speaks another protocol has the same sentence, and the time
 * that took is not kept. */
static void
judge(struct delivery *delivery, const struct http_response *response, int64_t started_at, int64_t now)
{
	bool answered = response->end == HTTP_ANSWERED;
	bool taken = answered && response->status >= 200 && response->status < 300;
	now = answered ? now : started_at;
	delivery->tries++;
	delivery->tried_at = now;
	delivery->status = answered ? response->status : 0;
	delivery->error = answered ? NULL : no_answer;
	delivery->delivered_at = taken ? now : 0;
	int64_t wait = taken || delivery->status == GONE
	                   ? -1
	                   : deliver_wait(delivery->tries, response->retry_after_ms, crypto_dice());
	delivery->due_at = wait < 0 ? 0 : now + wait;
}

/* Notes what the outcome means for the endpoint; ret_note: why that is disabled, or NULL. */
static enum err_code
mark_endpoint(struct store *store, const struct delivery *delivery, const char **ret_note)
{
	int64_t since;
	*ret_note = NULL;
	if (delivery->delivered_at > 0)
		return store_webhook_works(store, delivery->webhook_id);
	enum err_code err = store_webhook_fails(store, delivery, &since);
	/* Not found: the address was changed meanwhile, and the failure was the old one's. */
	if (err != ERR_OK)
		return err == ERR_NOT_FOUND ? ERR_OK : err;
	if (delivery->status == GONE)
		*ret_note = "gone";
	else if (delivery->due_at == 0 && delivery->tried_at - since >= DELIVER_FAILING_MS)
		*ret_note = "failing";
	return *ret_note != NULL ? store_webhook_disable(store, delivery->webhook_id, *ret_note) : ERR_OK;
}

/* Writes the delivery back; `untried`: as if it had not been tried. */
static void
write_back(struct run *run, bool untried)
{
	struct deliverer *deliverer = run->deliverer;
	struct store *store = deliverer->env.store;
	const struct delivery *delivery = &run->delivery;
	const char *note = NULL;
	enum err_code err = store_begin(store, STORE_RELAXED);
	if (err == ERR_OK)
		err = untried ? store_delivery_return(store, delivery) : store_delivery_end(store, delivery);
	if (err == ERR_OK && !untried)
		err = mark_endpoint(store, delivery, &note);
	err = store_end(store, err);
	if (err == ERR_OK && note != NULL)
		log_warn("a webhook was disabled (%s): webhook=%" PRId64, note, delivery->webhook_id);
	if (err != ERR_OK && err != ERR_CONFLICT)
		log_error(
		    "the outcome of a delivery cannot be written, it will be sent again: delivery=%" PRId64
		    ": %s",
		    delivery->id, err_word(err));
	deliverer->active--;
	run_free(run);
	deliverer->on_end(deliverer->cookie);
}

static void
on_response(void *cookie, const struct http_response *response)
{
	struct run *run = cookie;
	int64_t now = clock_wall_ms();
	kill_point("deliver.answered");
	/* A request that we gave up ourselves says nothing of the receiver. */
	bool untried = run->deliverer->abandoned && response->end != HTTP_ANSWERED;
	if (untried)
		run->delivery.due_at = now;
	else
		judge(&run->delivery, response, run->started_at, now);
	const struct delivery *delivery = &run->delivery;
	/* The reason is for the operator only: see judge(). */
	log_line(delivery->delivered_at > 0 || untried ? LOG_LEVEL_DEBUG : LOG_LEVEL_INFO,
	         "webhook=%" PRId64 " delivery=%" PRId64 " task=%s status=%" PRId64 " try=%" PRId64
	         " reason=%s",
	         delivery->webhook_id, delivery->id, delivery->video_id, delivery->status, delivery->tries,
	         response->end == HTTP_ANSWERED ? NULL : response->why);
	write_back(run, untried);
}

static enum err_code
may_be_sent(void *cookie, const struct delivery *delivery, int64_t *ret_wait)
{
	const struct domain_env *env = &((const struct deliverer *)cookie)->env;
	return deliver_rate(env->config, env->store, delivery, clock_wall_ms(), ret_wait);
}

/* ---- starting ---- */

static bool
copy_delivery(struct arena *arena, const struct delivery *from, const char *owner, struct delivery *to)
{
	*to = *from;
	to->owner = owner;
	to->event = arena_strdup(arena, from->event);
	to->error = NULL;
	to->video_id = arena_strdup(arena, from->video_id);
	to->client_request_id = arena_strdup(arena, from->client_request_id);
	to->url = arena_strdup(arena, from->url);
	to->secret = arena_strdup(arena, from->secret);
	to->old_secret = arena_strdup(arena, from->old_secret);
	return !arena_failed(arena);
}

/* Starts a delivery that we have claimed. When memory is short it is left to its lease. */
static void
start_delivery(struct deliverer *deliverer, const struct delivery *delivery)
{
	struct http_request request;
	struct run *run = calloc(1, sizeof(*run));
	if (run == NULL)
		return;
	run->deliverer = deliverer;
	run->arena = arena_new();
	if (run->arena == NULL ||
	    !copy_delivery(run->arena, delivery, deliverer->env.owner, &run->delivery) ||
	    !compose(run, &request)) {
		run_free(run);
		return;
	}
	run->started_at = clock_wall_ms();
	deliverer->active++;
	if (http_start(deliverer->http, &request, on_response, run))
		return;
	run->delivery.due_at = clock_wall_ms() + RETRY_SOON_MS;
	write_back(run, true);
}

enum err_code
deliver_next_due(struct deliverer *deliverer, int64_t *ret_due_at)
{
	return store_delivery_next_due(deliverer->env.store, clock_wall_ms(), DELIVER_PER_ENDPOINT,
	                               ret_due_at);
}

enum err_code
deliver_pass(struct deliverer *deliverer, struct arena *arena, int64_t due_by, size_t *ret_claimed)
{
	struct store *store = deliverer->env.store;
	const struct config *config = deliverer->env.config;
	struct delivery *deliveries = NULL;
	size_t count = 0;
	int64_t next;
	*ret_claimed = 0;
	enum err_code err = deliver_next_due(deliverer, &next);
	if (err != ERR_OK || next > due_by || deliverer->active >= DELIVER_MOST)
		return err;
	const struct delivery_claim claim = {
	    .owner = deliverer->env.owner,
	    .now = due_by,
	    .until = clock_wall_ms() + config->webhook_timeout + config->lease_margin,
	    .limit = (int64_t)(DELIVER_MOST - deliverer->active),
	    .per_endpoint = DELIVER_PER_ENDPOINT,
	    .may = may_be_sent,
	    .cookie = deliverer,
	};
	int64_t step = 0;
	err = store_begin(store, STORE_RELAXED);
	if (err == ERR_OK)
		err = store_clock_owed(store, &step);
	if (err == ERR_OK && step == 0) /* else the leases of others seem to be over */
		err = store_delivery_claim(store, arena, &claim, &deliveries, &count);
	err = store_end(store, err);
	if (err != ERR_OK)
		return err;
	if (count > 0)
		kill_point("deliver.claimed");
	for (size_t i = 0; i < count; i++)
		start_delivery(deliverer, &deliveries[i]);
	*ret_claimed = count;
	return ERR_OK;
}

/* ---- life ---- */

struct deliverer *
deliver_new(const struct domain_env *env, void (*on_end)(void *cookie), void *cookie)
{
	struct deliverer *deliverer = calloc(1, sizeof(*deliverer));
	if (deliverer == NULL)
		return NULL;
	deliverer->env = *env;
	deliverer->on_end = on_end;
	deliverer->cookie = cookie;
	deliverer->http = http_new(env->loop, 0);
	if (deliverer->http == NULL) {
		free(deliverer);
		return NULL;
	}
	return deliverer;
}

void
deliver_free(struct deliverer *deliverer)
{
	if (deliverer == NULL)
		return;
	deliver_abandon(deliverer);
	free(deliverer);
}

void
deliver_abandon(struct deliverer *deliverer)
{
	deliverer->abandoned = true;
	http_free(deliverer->http);
	deliverer->http = NULL;
}

size_t
deliver_active(const struct deliverer *deliverer)
{
	return deliverer->active;
}
