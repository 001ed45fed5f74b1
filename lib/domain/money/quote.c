/* Quotes: see quote.h. */
#include "domain/money/quote.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/config.h"
#include "base/json.h"
#include "base/size.h"
#include "domain/env.h"
#include "domain/money/tariff.h"
#include "model/image.h"
#include "model/task.h"

enum err_code
quote_wish(struct arena *arena, const struct task *task, struct priced *ret_priced)
{
	const struct json *options;
	size_t count;
	bool audio;
	const struct task_image *images = task_images(arena, task, &count);
	enum err_code err = json_parse(arena, task->options, strlen(task->options), &options);
	if (images == NULL || err != ERR_OK)
		return ERR_NO_MEMORY;
	struct priced priced = {.model = task->model != NULL ? task->model : "",
	                        .job = "create",
	                        .size = task->size != NULL ? task->size : "",
	                        .seconds = task->seconds,
	                        .image = count > 0,
	                        .audio = "",
	                        .aspect_ratio = task->aspect_ratio};
	for (size_t i = 0; i < count; i++)
		priced.images += images[i].role == IMAGE_REFERENCE;
	if (json_bool(json_get(options, "audio"), &audio))
		priced.audio = audio ? "yes" : "no";
	const char *job = json_string(json_get(options, "job"));
	if (task->parent_id != 0)
		priced.job = job != NULL ? job : "remix";
	*ret_priced = priced;
	return ERR_OK;
}

/* Copies the size, turned where it is upright and the ratio is not, or the other way round. NULL when memory
 * is short. */
static const char *
oriented(struct arena *arena, const char *size, const char *ratio)
{
	int width, height, across, down;
	bool both = ratio != NULL && size_read(size, &width, &height) &&
	            sscanf(ratio, "%4d:%4d", &across, &down) == 2;
	bool turned = both && ((down > across && width > height) || (down < across && width < height));
	return turned ? arena_printf(arena, "%dx%d", height, width) : arena_strdup(arena, size);
}

/* Finds the rule, NULL where there is none. Where the video names no size, and the rule has one, the rule for
 * that counts, as it will be asked for. */
static enum err_code
choose(struct arena *arena, const struct tariffs *tariffs, const struct priced *priced,
       const struct tariff **ret_tariff, const char **ret_size)
{
	struct priced sized = *priced;
	*ret_tariff = tariff_choose(tariffs, priced);
	*ret_size = priced->size;
	if (*ret_tariff == NULL || priced->size[0] != '\0' || (*ret_tariff)->default_size[0] == '\0')
		return ERR_OK;
	sized.size = oriented(arena, (*ret_tariff)->default_size, priced->aspect_ratio);
	if (sized.size == NULL)
		return ERR_NO_MEMORY;
	*ret_tariff = tariff_choose(tariffs, &sized);
	*ret_size = sized.size;
	return ERR_OK;
}

/* Prices by the rule. */
static enum err_code
price(const struct tariff *tariff, const struct priced *priced, struct quote *quote)
{
	quote->seconds = priced->seconds > 0 ? priced->seconds : tariff->default_seconds;
	quote->tariff_id = tariff->id;
	if (tariff->max_seconds > 0 && quote->seconds > tariff->max_seconds) {
		quote->most = tariff->max_seconds;
		return ERR_BAD_FIELD;
	}
	if (tariff_price(tariff, quote->seconds, quote->payer.multiplier_ppm, &quote->amount))
		return ERR_OK;
	quote->wanted = quote->seconds == 0 && tariff->rate.per_second > 0 ? "seconds" : NULL;
	return ERR_NOT_PRICED;
}

/* Reads what is not known yet of the prices for this user and model. */
static enum err_code
learn(struct store *store, struct arena *arena, int64_t user_id, const char *model, struct prices *prices)
{
	enum err_code err = ERR_OK;
	if (prices->user_id != user_id)
		err = store_payer(store, user_id, &prices->payer);
	if (err != ERR_OK)
		return err;
	prices->user_id = user_id;
	if (prices->model != NULL && strcmp(prices->model, model) == 0)
		return ERR_OK;
	err = store_tariff_valid(store, arena, "", model, prices->at, &prices->tariffs);
	prices->model = err == ERR_OK ? model : NULL;
	return err;
}

enum err_code
quote_of(const struct domain_env *env, struct arena *arena, int64_t user_id, const struct priced *priced,
         struct prices *prices, struct quote *ret_quote)
{
	const struct tariff *tariff;
	struct quote quote = {
	    .billed = config_on(env->config->billing), .at = prices->at, .job = priced->job};
	*ret_quote = quote;
	if (!quote.billed)
		return ERR_OK;
	enum err_code err = learn(env->store, arena, user_id, priced->model, prices);
	if (err != ERR_OK)
		return err;
	quote.payer = prices->payer;
	err = choose(arena, &prices->tariffs, priced, &tariff, &quote.size);
	if (err == ERR_OK)
		err = tariff != NULL ? price(tariff, priced, &quote) : ERR_NOT_PRICED;
	*ret_quote = quote;
	return err;
}

enum err_code
quote_task(const struct domain_env *env, struct arena *arena, struct prices *prices, struct task *task,
           struct quote *ret_quote)
{
	struct priced priced;
	*ret_quote = (struct quote){0};
	if (!config_on(env->config->billing))
		return ERR_OK;
	enum err_code err = quote_wish(arena, task, &priced);
	if (err == ERR_OK)
		err = quote_of(env, arena, task->user_id, &priced, prices, ret_quote);
	if (err != ERR_OK)
		return err;
	bool fresh = task->parent_id == 0;
	if (fresh || strcmp(priced.job, "extend") == 0)
		task->seconds = ret_quote->seconds;
	if (fresh && task->size == NULL && ret_quote->size[0] != '\0')
		task->size = ret_quote->size;
	return ERR_OK;
}
