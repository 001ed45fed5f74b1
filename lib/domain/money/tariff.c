/* Tariffs: see tariff.h. */
#include "domain/money/tariff.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "base/size.h"
#include "base/utf8.h"

#define ANY "any"

enum { CLASS_SIZE = 16, SIZE_TEXT = 24, PARTS = 6 };

/* ---- the choice ---- */

/* How specific a rule is for a video, the most important part in front. */
struct rank {
	int64_t parts[PARTS];
};

/* Ranks the model that a rule names: 0 = it is another's. */
static int64_t
rank_model(const char *rule, const char *model)
{
	size_t len = strlen(rule);
	if (len > 0 && rule[len - 1] == '*')
		return strncmp(rule, model, len - 1) == 0 ? (int64_t)len : 0;
	return strcmp(rule, model) == 0 ? INT64_MAX : 0;
}

/* The same of a word that may be "any": 1, or 2 where it is the very word. */
static int64_t
rank_word(const char *rule, const char *word)
{
	if (strcmp(rule, ANY) == 0)
		return 1;
	return strcmp(rule, word) == 0 ? 2 : 0;
}

static int64_t
rank_size(const char *rule, const char *size)
{
	char class[CLASS_SIZE];
	int lines = size_lines(size), width, height, w, h;
	if (strcmp(rule, ANY) == 0)
		return 1;
	/* By its sides: however a client writes a size, it is the same. */
	if (size_read(rule, &width, &height) && size_read(size, &w, &h) && w == width && h == height)
		return 3;
	snprintf(class, sizeof(class), "%dp", size_class(lines));
	return lines > 0 && strcmp(rule, class) == 0 ? 2 : 0;
}

static bool
rank_of(const struct tariff *tariff, const struct priced *priced, struct rank *ret_rank)
{
	const struct rank rank = {{
	    rank_model(tariff->model, priced->model),
	    rank_word(tariff->job, priced->job),
	    rank_size(tariff->size, priced->size),
	    rank_word(tariff->image, priced->image ? "yes" : "no"),
	    rank_word(tariff->audio, priced->audio),
	    tariff->images <= priced->images ? tariff->images + 1 : 0,
	}};
	for (size_t i = 0; i < PARTS; i++)
		if (rank.parts[i] == 0)
			return false;
	*ret_rank = rank;
	return true;
}

static bool
is_above(const struct rank *a, const struct rank *b)
{
	for (size_t i = 0; i < PARTS; i++)
		if (a->parts[i] != b->parts[i])
			return a->parts[i] > b->parts[i];
	return false;
}

const struct tariff *
tariff_choose(const struct tariffs *tariffs, const struct priced *priced)
{
	const struct tariff *best = NULL;
	struct rank top = {{0}}, rank;
	for (size_t i = 0; i < tariffs->count; i++) {
		if (!rank_of(&tariffs->items[i], priced, &rank) || !is_above(&rank, &top))
			continue;
		best = &tariffs->items[i];
		top = rank;
	}
	return best;
}

bool
tariff_price(const struct tariff *tariff, int64_t seconds, int64_t ppm, int64_t *ret_micro)
{
	bool known = seconds > 0 || tariff->rate.per_second == 0;
	return known && amount_price(&tariff->rate, seconds, ppm, ret_micro);
}

/* ---- what may be set ---- */

static bool
is_one_of(const char *word, const char *const *words)
{
	while (*words != NULL && strcmp(word, *words) != 0)
		words++;
	return *words != NULL;
}

/* True for a size, without blanks, signs or leading zeros, so that no two rules are for the same, and for a
 * class of sizes. */
static bool
is_size(const char *size, bool classes)
{
	static const char *const words[] = {ANY, "480p", "720p", "1080p", "1440p", "2160p", NULL};
	char plain[SIZE_TEXT];
	int width, height;
	if (classes && is_one_of(size, words))
		return true;
	if (!size_read(size, &width, &height))
		return false;
	snprintf(plain, sizeof(plain), "%dx%d", width, height);
	return strcmp(size, plain) == 0;
}

static bool
is_amount(int64_t amount)
{
	return amount >= 0 && amount <= AMOUNT_MOST;
}

static bool
is_seconds(int64_t seconds)
{
	return seconds >= 0 && seconds <= LIMIT_SECONDS;
}

static bool
is_model(const char *model)
{
	const char *star = strchr(model, '*');
	return utf8_is_line(model, 0, LIMIT_WORD) && (star == NULL || star[1] == '\0');
}

/* What must be so, and what is wrong where it is not. */
struct rule {
	bool is;
	const char *field, *fault;
};

const char *
tariff_fault(const struct tariff *t, const char **ret_field)
{
	static const char *const jobs[] = {ANY, "create", "remix", "edit", "extend", NULL};
	static const char *const either[] = {ANY, "yes", "no", NULL};
	const char *amount = "must be an amount from 0 on", *seconds = "must be a number from 0 to 3600";
	const struct rule rules[] = {
	    {is_model(t->model), "model", "must be a name, or its beginning and one * at the end"},
	    {is_one_of(t->job, jobs), "job", "must be any, create, remix, edit or extend"},
	    {is_size(t->size, true), "size",
	     "must be any, 480p, 720p, 1080p, 1440p, 2160p, or a size such as 1280x720"},
	    {is_one_of(t->image, either), "image", "must be any, yes or no"},
	    {is_one_of(t->audio, either), "audio", "must be any, yes or no"},
	    {t->images >= 0 && t->images <= LIMIT_REFERENCES, "images", "must be a number from 0 to 9"},
	    {is_amount(t->rate.flat), "flat", amount},
	    {is_amount(t->rate.per_second), "per_second", amount},
	    {is_seconds(t->rate.min_seconds), "min_seconds", seconds},
	    {is_seconds(t->rate.step_seconds), "step_seconds", seconds},
	    {is_seconds(t->max_seconds), "max_seconds", seconds},
	    {is_seconds(t->default_seconds) && (t->max_seconds == 0 || t->default_seconds <= t->max_seconds),
	     "default_seconds", "must be a number from 0 to max_seconds, or to 3600"},
	    {t->default_size[0] == '\0' || is_size(t->default_size, false), "default_size",
	     "must be a size such as 1280x720"},
	};
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		if (!rules[i].is) {
			*ret_field = rules[i].field;
			return rules[i].fault;
		}
	return NULL;
}
