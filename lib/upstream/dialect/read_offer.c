/* Reads the offers of a profile, or those of a channel: what the upstream's models can make. */
#include "upstream/dialect/reader.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/json.h"
#include "base/limits.h"
#include "upstream/dialect/dialect.h"

enum {
	OFFERS_MAX = 64,
	IMAGES_MAX = 16 /* images of one task */
};

static bool
is_size(const char *s)
{
	int width, height, end = 0;
	return sscanf(s, "%5dx%5d%n", &width, &height, &end) == 2 && s[end] == '\0' && width > 0 &&
	       height > 0 && s[0] != '+' && s[0] != ' ';
}

/* True for what a client may ask for beside prompt, model, size, seconds and images. */
static bool
is_option(const char *s)
{
	static const char *const options[] = {"aspect_ratio", "watermark",       "hd",    "private",
	                                      "seed",         "negative_prompt", "audio", "extra"};
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		if (strcmp(s, options[i]) == 0)
			return true;
	return false;
}

/* Reads a list of words, each of which must be `good`; `what` says what they are. */
static bool
read_list(struct dialect_reader *r, const struct json *value, bool (*good)(const char *), const char *what,
          const char *const **ret_list)
{
	size_t count = json_size(value), n = 0;
	const char **list = arena_alloc(r->dialect->arena, (count + 1) * sizeof(*list));

	if (list == NULL)
		return dialect_fail(r, "finds no memory");
	if (json_type(value) != JSON_ARRAY || count > DIALECT_LIST_MAX)
		return dialect_fail(r, "must be a list of at most %d strings", DIALECT_LIST_MAX);
	for (const struct json *v = json_first(value); v; v = json_next(v)) {
		const char *s = dialect_text(r, v, false);
		if (s == NULL)
			return false;
		if (!good(s))
			return dialect_fail(r, "holds \"%.40s\", which is no %s", s, what);
		list[n++] = s;
	}
	*ret_list = list;
	return true;
}

static bool
read_seconds(struct dialect_reader *r, const struct json *value, struct dialect_offer *offer)
{
	size_t count = json_size(value), n = 0;
	int64_t *list = arena_alloc(r->dialect->arena, (count + 1) * sizeof(*list));

	if (list == NULL)
		return dialect_fail(r, "finds no memory");
	if (json_type(value) != JSON_ARRAY || count > DIALECT_LIST_MAX)
		return dialect_fail(r, "must be a list of at most %d whole numbers", DIALECT_LIST_MAX);
	for (const struct json *v = json_first(value); v; v = json_next(v), n++)
		if (!json_integer(v, &list[n]) || list[n] < 1 || list[n] > LIMIT_SECONDS)
			return dialect_fail(r, "must hold whole numbers from 1 to %d", LIMIT_SECONDS);
	offer->seconds = list;
	offer->second_count = n;
	return true;
}

static bool
read_inputs(struct dialect_reader *r, const struct json *value, struct dialect_offer *offer)
{
	const struct {
		const char *name;
		bool *flag;
	} flags[] = {
	    {"image", &offer->inputs.image}, {"first", &offer->inputs.first}, {"last", &offer->inputs.last}};

	offer->inputs.told = true;
	if (json_type(value) != JSON_OBJECT)
		return dialect_fail(r, "must be an object of image, first, last and most");
	for (const struct json *v = json_first(value); v; v = json_next(v)) {
		size_t back = dialect_enter(r, json_name(v)), i = 0;
		while (i < 3 && strcmp(json_name(v), flags[i].name) != 0)
			i++;
		if (i < 3 && !json_bool(v, flags[i].flag))
			return dialect_fail(r, "must be true or false");
		if (i == 3 && strcmp(json_name(v), "most") != 0)
			return dialect_fail(r, "is an unknown key; there are image, first, last and most");
		if (i == 3 && (!json_integer(v, &offer->inputs.most) || offer->inputs.most < 0 ||
		               offer->inputs.most > IMAGES_MAX))
			return dialect_fail(r, "must be a whole number from 0 to %d", IMAGES_MAX);
		dialect_leave(r, back);
	}
	if (!json_get(value, "most"))
		offer->inputs.most = offer->inputs.image || offer->inputs.first || offer->inputs.last;
	return true;
}

static bool
read_member(struct dialect_reader *r, const struct json *v, struct dialect_offer *offer)
{
	const char *name = json_name(v);
	if (strcmp(name, "name") == 0)
		return (offer->name = dialect_text(r, v, false)) != NULL;
	if (strcmp(name, "label") == 0) {
		offer->label = json_string(v); /* in any script */
		return offer->label && offer->label[0] && strlen(offer->label) <= LIMIT_WORD
		           ? true
		           : dialect_fail(r, "must be a string of 1 to %d bytes", LIMIT_WORD);
	}
	if (strcmp(name, "sizes") == 0)
		return read_list(r, v, is_size, "size like 1280x720", &offer->sizes);
	if (strcmp(name, "seconds") == 0)
		return read_seconds(r, v, offer);
	if (strcmp(name, "inputs") == 0)
		return read_inputs(r, v, offer);
	if (strcmp(name, "options") == 0)
		return read_list(r, v, is_option,
		                 "option; there are aspect_ratio, watermark, hd, private, seed, "
		                 "negative_prompt, audio, extra",
		                 &offer->options);
	return dialect_fail(r, "is an unknown key; there are name, label, sizes, seconds, inputs, options");
}

static bool
read_offer(struct dialect_reader *r, const struct json *value, struct dialect_offer *offer)
{
	if (json_type(value) != JSON_OBJECT)
		return dialect_fail(r, "must be an object");
	for (const struct json *v = json_first(value); v; v = json_next(v)) {
		size_t back = dialect_enter(r, json_name(v));
		if (!read_member(r, v, offer))
			return false;
		dialect_leave(r, back);
	}
	if (offer->name == NULL)
		return dialect_fail(r, "must have a \"name\", the model's as the upstream calls it");
	if (offer->label == NULL)
		offer->label = offer->name;
	return true;
}

bool
dialect_read_offers(struct dialect_reader *r, const struct json *value, const struct dialect_key *key)
{
	struct dialect *d = r->dialect;
	size_t count = json_size(value);
	struct dialect_offer *offers = arena_alloc(d->arena, (count + 1) * sizeof(*offers));
	char index[24];

	(void)key;
	if (offers == NULL)
		return dialect_fail(r, "finds no memory");
	if (json_type(value) != JSON_ARRAY || count > OFFERS_MAX)
		return dialect_fail(r, "must be a list of at most %d models", OFFERS_MAX);
	for (const struct json *v = json_first(value); v; v = json_next(v)) {
		struct dialect_offer *offer = &offers[d->offer_count];
		snprintf(index, sizeof(index), "%zu", d->offer_count);
		size_t back = dialect_enter(r, index);
		if (!read_offer(r, v, offer))
			return false;
		for (size_t i = 0; i < d->offer_count; i++)
			if (strcmp(offers[i].name, offer->name) == 0)
				return dialect_fail(r, "offers \"%.40s\" a second time", offer->name);
		d->offer_count++;
		dialect_leave(r, back);
	}
	d->offers = offers;
	return true;
}

enum err_code
dialect_load_offers(struct arena *arena, const char *path, struct dialect_offers *ret_offers, char *ret_why,
                    size_t why_size)
{
	struct buf buf;
	const struct json *root;
	struct dialect holder = {.arena = arena};
	struct dialect_reader r = {.dialect = &holder, .label = path, .why = ret_why, .why_size = why_size};
	buf_init(&buf, LIMIT_DIALECT_FILE);
	enum err_code err = file_read(path, &buf);
	if (err == ERR_NOT_FOUND) {
		buf_free(&buf);
		return err;
	}
	if (err == ERR_TOO_LARGE) {
		dialect_fail(&r, "is longer than %d bytes", LIMIT_DIALECT_FILE);
	} else if (err != ERR_OK) {
		dialect_fail(&r, "cannot be read");
	} else if ((err = json_parse(arena, buf_str(&buf), buf.len, &root)) != ERR_OK) {
		dialect_not_json(&r, buf_str(&buf), buf.len);
	} else {
		r.text = buf_str(&buf);
		r.text_len = buf.len;
		err = dialect_read_offers(&r, root, NULL) ? ERR_OK : ERR_BAD_FIELD;
	}
	buf_free(&buf);
	if (err == ERR_OK)
		*ret_offers = (struct dialect_offers){holder.offers, holder.offer_count};
	return err;
}
