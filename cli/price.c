/* longreel price, longreel cost: what videos cost users, and what they cost the operator by each channel. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/config.h"
#include "cli.h"
#include "domain/channel/catalogue.h"
#include "domain/channel/channels.h"
#include "domain/env.h"
#include "domain/money/quote.h"
#include "domain/money/tariff.h"
#include "domain/settings.h"
#include "limits.h"
#include "model/channel.h"
#include "sheet.h"
#include "store/store.h"
#include "store/user.h"
#include "when.h"

enum { ID_DIGITS = 18 };

static int
fail_with(enum err_code err)
{
	return cli_fail("%s", err_text(err, "en"));
}

/* Loads the configuration, whose time zone days are read in. On failure says why and returns NULL. */
static struct config *
load(const struct cli_call *call)
{
	char why[512];
	struct config *config = settings_load(call->data, NULL, why, sizeof(why));
	if (config == NULL)
		cli_fail("%s", why);
	return config;
}

/* ---- setting ---- */

static bool
read_price(const char *option, const char *text, int64_t *ret_micro)
{
	char what[32];

	snprintf(what, sizeof(what), "--%s", option);
	return text == NULL || cli_read_amount(what, text, 0, ret_micro);
}

static const char *
or_any(const char *text)
{
	return text != NULL ? text : "any";
}

static int64_t
or_preset(int number, int64_t preset)
{
	return number >= 0 ? number : preset;
}

/* Reads the options. On failure says why and returns false. */
static bool
read_tariff(const struct cli_call *call, struct tariff *tariff)
{
	const char *field = "", *settle = call->settle != NULL ? call->settle : "asked";
	*tariff = (struct tariff){
	    .job = or_any(call->job),
	    .size = or_any(call->size),
	    .image = or_any(call->with_image),
	    .audio = or_any(call->with_audio),
	    .images = or_preset(call->images, 0),
	    .rate = {.min_seconds = or_preset(call->min_seconds, 0),
	             .step_seconds = or_preset(call->step_seconds, 1)},
	    .default_seconds = or_preset(call->default_seconds, 0),
	    .default_size = call->default_size != NULL ? call->default_size : "",
	    .max_seconds = or_preset(call->max_seconds, 0),
	    .delivered = strcmp(settle, "delivered") == 0,
	    .created_by = "cli",
	};
	if (!read_price("per-second", call->per_second, &tariff->rate.per_second) ||
	    !read_price("flat", call->flat, &tariff->rate.flat))
		return false;
	if (call->per_second == NULL && call->flat == NULL) {
		cli_fail("--per-second or --flat is needed; 0 makes it free.");
		return false;
	}
	if (!tariff->delivered && strcmp(settle, "asked") != 0) {
		cli_fail("--settle must be asked or delivered.");
		return false;
	}
	if (call->from != NULL && !when_read(call->from, false, &tariff->valid_from)) {
		cli_fail("--from must be a time such as 2026-12-01 or 12h.");
		return false;
	}
	tariff->channel = call->operands[1] != NULL ? call->operands[0] : "";
	tariff->model = call->operands[1] != NULL ? call->operands[1] : call->operands[0];
	const char *fault = tariff_fault(tariff, &field);
	if (fault != NULL)
		cli_fail("%s %s.", field, fault);
	return fault == NULL;
}

static int
set(const struct cli_call *call, struct store *store, struct arena *arena)
{
	bool cost = call->operands[1] != NULL;
	struct tariff tariff;
	int64_t id;

	(void)arena;
	struct config *config = load(call);
	bool good = config != NULL && read_tariff(call, &tariff);
	config_free(config);
	if (!good)
		return CLI_FAILED;
	enum err_code err = store_begin(store, STORE_DURABLE);
	/* The time when others are kept from writing: it is before no charge that is by the price of until
	 * now, which a price from before would change. */
	tariff.created_at = clock_wall_ms();
	if (!cost && tariff.valid_from < tariff.created_at)
		tariff.valid_from = 0;
	if (err == ERR_OK)
		err = store_tariff_add(store, &tariff, &id);
	if (err == ERR_OK)
		err = limits_audit(store, call, cost ? "cost.set" : "price.set", tariff.model);
	err = store_end(store, err);
	if (err == ERR_CONFLICT)
		return cli_fail("there is one of the same kind from the same time on.");
	if (err != ERR_OK)
		return fail_with(err);
	if (call->json)
		printf("{\"id\":%" PRId64 "}\n", id);
	else
		printf("%s %" PRId64 " set\n", cost ? "cost" : "price", id);
	return cli_finish();
}

/* ---- lists ---- */

static const struct sheet_column columns[] = {
    {"ID", 5, 0, "id", SHEET_INT},
    {"CHANNEL", 12, 0, "channel", SHEET_TEXT},
    {"MODEL", 20, 0, "model", SHEET_TEXT},
    {"JOB", 6, 0, "job", SHEET_TEXT},
    {"SIZE", 9, 0, "size", SHEET_TEXT},
    {"IMAGE", 5, 0, "image", SHEET_TEXT},
    {"AUDIO", 5, 0, "audio", SHEET_TEXT},
    {"IMAGES", 6, 0, "images", SHEET_INT},
    {"FLAT", 8, 0, "flatMicro", SHEET_AMOUNT},
    {"PER SECOND", 10, 0, "perSecondMicro", SHEET_AMOUNT},
    {"LEAST", 5, 0, "minSeconds", SHEET_INT},
    {"STEP", 4, 0, "stepSeconds", SHEET_INT},
    {"DEFAULT", 7, 0, "defaultSeconds", SHEET_INT},
    {"DEFAULT SIZE", 12, 0, "defaultSize", SHEET_TEXT},
    {"MOST", 4, 0, "maxSeconds", SHEET_INT},
    {"SETTLE", 9, 0, "settle", SHEET_TEXT},
    {"FROM", CLI_TIME_WIDTH, 0, "validFrom", SHEET_TIME},
    {"UNTIL", 0, 0, "validUntil", SHEET_TIME},
    {0},
};

static const char *
or_none(const char *text)
{
	return text[0] != '\0' ? text : NULL;
}

static void
put(struct sheet *sheet, const struct tariff *tariff)
{
	sheet_row(sheet,
	          (const struct cell[]){
	              CELL_NUMBER(tariff->id), CELL_TEXT(or_none(tariff->channel)),
	              CELL_TEXT(or_none(tariff->model)), CELL_TEXT(tariff->job), CELL_TEXT(tariff->size),
	              CELL_TEXT(tariff->image), CELL_TEXT(tariff->audio), CELL_NUMBER(tariff->images),
	              CELL_NUMBER(tariff->rate.flat), CELL_NUMBER(tariff->rate.per_second),
	              CELL_NUMBER(tariff->rate.min_seconds), CELL_NUMBER(tariff->rate.step_seconds),
	              CELL_NUMBER(tariff->default_seconds), CELL_TEXT(or_none(tariff->default_size)),
	              CELL_NUMBER(tariff->max_seconds), CELL_TEXT(tariff->delivered ? "delivered" : "asked"),
	              CELL_NUMBER(tariff->valid_from), CELL_NUMBER(tariff->valid_until)});
}

static int
list_side(const struct cli_call *call, struct store *store, struct arena *arena, bool costs)
{
	struct tariffs tariffs;
	struct sheet sheet;

	enum err_code err = store_tariff_list(store, arena, costs, clock_wall_ms(), &tariffs);
	if (err != ERR_OK)
		return fail_with(err);
	if (!sheet_begin(&sheet, call, arena, columns, costs ? "costs" : "prices"))
		return CLI_FAILED;
	for (size_t i = 0; i < tariffs.count; i++)
		put(&sheet, &tariffs.items[i]);
	return sheet_end(&sheet);
}

static int
list_prices(const struct cli_call *call, struct store *store, struct arena *arena)
{
	return list_side(call, store, arena, false);
}

static int
list_costs(const struct cli_call *call, struct store *store, struct arena *arena)
{
	return list_side(call, store, arena, true);
}

/* ---- ending ---- */

static int
remove_tariff(const struct cli_call *call, struct store *store, struct arena *arena)
{
	const char *text = call->operands[0];
	struct tariff tariff;
	struct sheet sheet;

	if (strlen(text) > ID_DIGITS || strspn(text, "0123456789") != strlen(text))
		return cli_fail("the id of a price is a number; `longreel price list` shows it.");
	enum err_code err = store_begin(store, STORE_DURABLE);
	if (err == ERR_OK)
		err = store_tariff_end(store, arena, strtoll(text, NULL, 10), clock_wall_ms());
	if (err == ERR_OK)
		err = limits_audit(store, call, "price.remove", text);
	if (err == ERR_OK && call->json)
		err = store_tariff_get(store, arena, strtoll(text, NULL, 10), &tariff);
	err = store_end(store, err);
	if (err == ERR_NOT_FOUND)
		return cli_fail("there is no price %s, or it has ended.", text);
	if (err != ERR_OK)
		return fail_with(err);
	if (!call->json) {
		printf("price %s ends now\n", text);
		return cli_finish();
	}
	if (!sheet_begin(&sheet, call, arena, columns, NULL))
		return CLI_FAILED;
	put(&sheet, &tariff);
	return sheet_end(&sheet);
}

/* ---- what has no price ---- */

static const struct sheet_column missing_columns[] = {{"MODEL WITHOUT A PRICE", 0, 0, "model", SHEET_TEXT},
                                                      {0}};

/* True where any rule is valid now for the model; a creation may still ask for a size that none is for. */
static enum err_code
is_priced(struct store *store, struct arena *arena, const char *model, bool *ret_priced)
{
	struct tariffs tariffs;
	enum err_code err = store_tariff_valid(
	    store, arena, "", strcmp(model, MODEL_DEFAULT) == 0 ? "" : model, clock_wall_ms(), &tariffs);
	*ret_priced = err == ERR_OK && tariffs.count > 0;
	return err;
}

static int
check_models(const struct cli_call *call, struct store *store, struct arena *arena,
             const struct catalogue *catalogue)
{
	struct sheet sheet;
	size_t missing = 0;

	if (!sheet_begin(&sheet, call, arena, missing_columns, "models"))
		return CLI_FAILED;
	for (size_t i = 0; i < catalogue->count; i++) {
		bool priced;
		enum err_code err = is_priced(store, arena, catalogue->models[i].name, &priced);

		if (err != ERR_OK)
			return fail_with(err);
		if (!priced)
			sheet_row(&sheet, (const struct cell[]){CELL_TEXT(catalogue->models[i].name)});
		missing += !priced;
	}
	int result = sheet_end(&sheet);
	return result == CLI_DONE && missing > 0 ? CLI_FAILED : result;
}

static int
check(const struct cli_call *call, struct store *store, struct arena *arena)
{
	struct catalogue catalogue;
	char why[300];

	struct config *config = load(call);
	struct channels *channels = config != NULL ? channels_open_installed(config, why, sizeof(why)) : NULL;
	if (channels == NULL) {
		config_free(config);
		return config != NULL ? cli_fail("%s", why) : CLI_FAILED;
	}
	channels_refresh(channels, store);
	enum err_code err = catalogue_read(channels, arena, &catalogue);
	int result = err == ERR_OK ? check_models(call, store, arena, &catalogue) : fail_with(err);
	channels_close(channels);
	config_free(config);
	return result;
}

/* ---- quotes ---- */

static const struct sheet_column quote_columns[] = {
    {"PRICE", 10, 0, "amountMicro", SHEET_AMOUNT},
    {"SECONDS", 7, 0, "seconds", SHEET_INT},
    {"SIZE", 9, 0, "size", SHEET_TEXT},
    {"MULTIPLIER", 10, 0, "multiplierPpm", SHEET_PPM},
    {"PRICED BY", 0, 0, "tariffId", SHEET_INT},
    {0},
};

static int
show_quote(const struct cli_call *call, struct store *store, struct arena *arena, const struct config *config)
{
	const struct domain_env env = {.config = config, .store = store};
	const int64_t images = or_preset(call->images, 0);
	const struct priced priced = {
	    .model = call->operands[0],
	    .job = call->job != NULL ? call->job : "create",
	    .size = call->size != NULL ? call->size : "",
	    .seconds = call->seconds,
	    .image = images > 0 || (call->with_image != NULL && strcmp(call->with_image, "yes") == 0),
	    .audio = call->with_audio != NULL ? call->with_audio : "",
	    .images = images};
	struct prices prices = {.at = clock_wall_ms()};
	struct quote quote;
	struct sheet sheet;
	struct user user;

	enum err_code err = store_user_by_name(store, arena, call->user, &user);
	if (err == ERR_NOT_FOUND)
		return cli_fail("there is no user %s.", call->user);
	if (err == ERR_OK)
		err = quote_of(&env, arena, user.id, &priced, &prices, &quote);
	if (err == ERR_NOT_PRICED && quote.wanted != NULL)
		return cli_fail("there is no price without --%s.", quote.wanted);
	if (err == ERR_BAD_FIELD)
		return cli_fail("there may be at most %" PRId64 " seconds.", quote.most);
	if (err != ERR_OK)
		return fail_with(err);
	if (!quote.billed)
		return cli_fail("there is no billing (billing = off).");
	if (!sheet_begin(&sheet, call, arena, quote_columns, NULL))
		return CLI_FAILED;
	sheet_row(&sheet, (const struct cell[]){CELL_NUMBER(quote.amount), CELL_NUMBER(quote.seconds),
	                                        CELL_TEXT(or_none(quote.size)),
	                                        CELL_NUMBER(quote.payer.multiplier_ppm),
	                                        CELL_NUMBER(quote.tariff_id)});
	return sheet_end(&sheet);
}

static int
quote_price(const struct cli_call *call, struct store *store, struct arena *arena)
{
	struct config *config = load(call);
	int result = config != NULL ? show_quote(call, store, arena, config) : CLI_FAILED;
	config_free(config);
	return result;
}

int
cli_price_set(const struct cli_call *call)
{
	return cli_with_store(call, STORE_WRITE, set);
}

int
cli_price_list(const struct cli_call *call)
{
	return cli_with_store(call, STORE_READ, list_prices);
}

int
cli_price_check(const struct cli_call *call)
{
	return cli_with_store(call, STORE_READ, check);
}

int
cli_price_quote(const struct cli_call *call)
{
	return cli_with_store(call, STORE_READ, quote_price);
}

int
cli_price_remove(const struct cli_call *call)
{
	return cli_with_store(call, STORE_WRITE, remove_tariff);
}

int
cli_cost_set(const struct cli_call *call)
{
	return cli_with_store(call, STORE_WRITE, set);
}

int
cli_cost_list(const struct cli_call *call)
{
	return cli_with_store(call, STORE_READ, list_costs);
}
