/* GET /api/prices
 *
 * {currency, multiplierPpm, prices: [{model, job, size, image, audio, images, flatMicro, perSecondMicro,
 * listFlatMicro, listPerSecondMicro, minSeconds, stepSeconds, defaultSeconds, defaultSize, maxSeconds,
 * settle}]}: the rules that are valid now, of the models that the caller may use. model: a name, or its
 * beginning and *; null = none is named. flatMicro and perSecondMicro have the caller's multiplier applied,
 * each rounded up; the exact price is ceil((listFlat + listPerSecond × seconds) × multiplierPpm / 1 000 000),
 * with seconds at least minSeconds and rounded up to stepSeconds. maxSeconds, defaultSeconds 0 and
 * defaultSize null: there is none. Without billing there are no prices. With an ETag. Errors: none of its
 * own. Reads tariff. */
#include <inttypes.h>
#include <string.h>

#include "api/call.h"
#include "api/envelope.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/config.h"
#include "base/crypto.h"
#include "base/glob.h"
#include "base/limits.h"
#include "domain/task/admit.h"
#include "handlers.h"
#include "store/budget.h"
#include "store/tariff.h"
#include "web/etag.h"

/* True where the caller may use a model that the rule is for: of a beginning, that any is allowed is assumed.
 */
static bool
is_for(const struct tariff *tariff, const struct user_limits *limits)
{
	return strchr(tariff->model, '*') != NULL ||
	       admit_model(limits, tariff->model[0] != '\0' ? tariff->model : NULL);
}

/* An amount of a second or a video for the caller; one that is too large to be is never charged. */
static int64_t
applied(int64_t amount, int64_t ppm)
{
	const struct amount_rate rate = {.flat = amount, .step_seconds = 1};
	int64_t micro;
	return amount_price(&rate, 0, ppm, &micro) ? micro : AMOUNT_MOST;
}

static void
write_tariff(struct jsonw *w, const struct tariff *tariff, int64_t ppm)
{
	jsonw_object(w, NULL);
	jsonw_string(w, "model", tariff->model[0] != '\0' ? tariff->model : NULL);
	jsonw_string(w, "job", tariff->job);
	jsonw_string(w, "size", tariff->size);
	jsonw_string(w, "image", tariff->image);
	jsonw_string(w, "audio", tariff->audio);
	jsonw_int(w, "images", tariff->images);
	jsonw_int(w, "flatMicro", applied(tariff->rate.flat, ppm));
	jsonw_int(w, "perSecondMicro", applied(tariff->rate.per_second, ppm));
	jsonw_int(w, "listFlatMicro", tariff->rate.flat);
	jsonw_int(w, "listPerSecondMicro", tariff->rate.per_second);
	jsonw_int(w, "minSeconds", tariff->rate.min_seconds);
	jsonw_int(w, "stepSeconds", tariff->rate.step_seconds);
	jsonw_int(w, "defaultSeconds", tariff->default_seconds);
	jsonw_string(w, "defaultSize", tariff->default_size[0] != '\0' ? tariff->default_size : NULL);
	jsonw_int(w, "maxSeconds", tariff->max_seconds);
	jsonw_string(w, "settle", tariff->delivered ? "delivered" : "asked");
	jsonw_object_end(w);
}

static enum err_code
write_prices(struct call *call, struct buf *out)
{
	struct jsonw w;
	struct user_limits limits;
	struct payer payer;
	struct tariffs tariffs = {0};
	int64_t now = clock_wall_ms();
	enum err_code err = store_payer(call->store, call->user->id, &payer);
	if (err == ERR_OK)
		err =
		    store_user_limits(call->store, call->arena, call->user->id, call->user->key_id, &limits);
	if (err == ERR_OK && config_on(call->config->billing))
		err = store_tariff_list(call->store, call->arena, false, now, &tariffs);
	if (err != ERR_OK)
		return err;
	jsonw_init(&w, out);
	jsonw_object(&w, NULL);
	jsonw_string(&w, "currency", call->config->currency);
	jsonw_int(&w, "multiplierPpm", payer.multiplier_ppm);
	jsonw_array(&w, "prices");
	for (size_t i = 0; i < tariffs.count; i++) {
		const struct tariff *tariff = &tariffs.items[i];
		if ((tariff->valid_from <= now || tariff->at_once) && is_for(tariff, &limits))
			write_tariff(&w, tariff, payer.multiplier_ppm);
	}
	jsonw_array_end(&w);
	jsonw_object_end(&w);
	return out->failed ? ERR_NO_MEMORY : ERR_OK;
}

struct err
tasks_prices(struct call *call)
{
	uint8_t hash[CRYPTO_HASH_SIZE];
	uint64_t part;
	struct buf *text = buf_in_arena(call->arena, LIMIT_REPLY);
	enum err_code err = text != NULL ? write_prices(call, text) : ERR_NO_MEMORY;
	if (err != ERR_OK)
		return err_of(err);
	crypto_sha256(text->data, text->len, hash);
	memcpy(&part, hash, sizeof(part));
	const char *etag = arena_printf(call->arena, "\"%" PRIx64 "\"", part);
	if (etag == NULL)
		return err_of(ERR_NO_MEMORY);
	reply_header(call->reply, "ETag", etag);
	reply_header(call->reply, "Cache-Control", "private, no-cache");
	if (etag_matches(request_header(call->request, "If-None-Match"), etag)) {
		call->reply->status = 304;
		envelope_headers(call->request->id, call->reply);
		return err_of(ERR_OK);
	}
	struct jsonw w = envelope_begin(call->reply);
	jsonw_raw(&w, "data", buf_str(text));
	envelope_end(&w, call->request, call->reply, 200);
	return err_of(ERR_OK);
}
