/* The catalogue: see catalogue.h. A creation goes to a channel that can be told all of it, so that a model
 * can do what any of its channels can. */
#include "domain/channel/catalogue.h"

#include <stdint.h>
#include <string.h>

#include "base/arena.h"
#include "domain/channel/channels.h"
#include "upstream/dialect/dialect.h"

struct reading {
	struct arena *arena;
	struct catalogue *catalogue;
	size_t room;       /* models that fit */
	enum err_code err; /* the first but ERR_NO_MODEL */
};

/* ---- what several channels can ---- */

static size_t
count_words(const char *const *list)
{
	size_t count = 0;
	while (list[count] != NULL)
		count++;
	return count;
}

/* All words of both lists, each once; NULL when memory is short. */
static const char *const *
join_words(struct arena *arena, const char *const *a, const char *const *b)
{
	size_t count = count_words(a);
	const char **all = arena_alloc(arena, (count + count_words(b) + 1) * sizeof(*all));
	if (all == NULL)
		return NULL;
	for (size_t i = 0; i < count; i++)
		all[i] = a[i];
	for (; *b != NULL; b++) {
		size_t i = 0;
		while (i < count && strcmp(all[i], *b) != 0)
			i++;
		if (i == count)
			all[count++] = *b;
	}
	return all;
}

/* Likewise all lengths. */
static void
join_seconds(struct arena *arena, struct ability *to, const struct ability *from)
{
	size_t count = to->second_count;
	int64_t *all = arena_alloc(arena, (count + from->second_count + 1) * sizeof(*all));
	for (size_t i = 0; all != NULL && i < count; i++)
		all[i] = to->seconds[i];
	for (size_t i = 0; all != NULL && i < from->second_count; i++) {
		size_t k = 0;
		while (k < count && all[k] != from->seconds[i])
			k++;
		if (k == count)
			all[count++] = from->seconds[i];
	}
	to->seconds = all;
	to->second_count = count;
}

/* Adds what another channel can. Where one takes any value, so does the model. */
static void
join(struct arena *arena, struct ability *to, const struct ability *from)
{
	if (to->label == NULL)
		to->label = from->label;
	if (to->sizes == NULL || from->sizes == NULL)
		to->sizes = NULL;
	else
		to->sizes = join_words(arena, to->sizes, from->sizes);
	if (to->seconds != NULL && from->seconds != NULL) {
		join_seconds(arena, to, from);
	} else {
		to->seconds = NULL;
		to->second_count = 0;
	}
	to->image = to->image || from->image;
	to->first = to->first || from->first;
	to->last = to->last || from->last;
	to->most = to->most > from->most ? to->most : from->most;
	to->options = join_words(arena, to->options, from->options);
}

/* ---- reading ---- */

/* Copies into the arena what lives with the channel only. */
static void
keep(struct arena *arena, struct ability *ability)
{
	ability->label = arena_strdup(arena, ability->label);
	if (ability->sizes == NULL)
		return;
	size_t count = count_words(ability->sizes);
	const char **sizes = arena_alloc(arena, (count + 1) * sizeof(*sizes));
	for (size_t i = 0; i < count && sizes != NULL; i++)
		sizes[i] = arena_strdup(arena, ability->sizes[i]);
	ability->sizes = sizes;
}

/* Adds what the channel can make of the model `asked` (NULL = none named), which clients call `name`. */
static void
add(struct reading *reading, const struct channel *channel, const char *asked, const char *name)
{
	struct catalogue *catalogue = reading->catalogue;
	struct ability ability;
	size_t i = 0;
	enum err_code err = ability_find(channel, asked, reading->arena, &ability);
	if (err != ERR_OK) {
		reading->err = err == ERR_NO_MODEL ? reading->err : err;
		return;
	}
	keep(reading->arena, &ability);
	if (arena_failed(reading->arena))
		return;
	while (i < catalogue->count && strcmp(catalogue->models[i].name, name) != 0)
		i++;
	if (i < catalogue->count) {
		join(reading->arena, &catalogue->models[i].ability, &ability);
		return;
	}
	catalogue->models[i] = (struct catalogue_model){arena_strdup(reading->arena, name), ability};
	catalogue->count += catalogue->models[i].name != NULL;
}

static void
add_channel(struct reading *reading, const struct channel *channel)
{
	size_t count;
	struct ability other;
	const struct dialect_offer *offers = channel_offers(channel, &count);
	for (size_t i = 0; i < channel->model_count; i++)
		add(reading, channel, channel->models[i].ours, channel->models[i].ours);
	if (channel->model_count > 0)
		return;
	for (size_t i = 0; i < count; i++)
		if (channel_may_make(channel, offers[i].name))
			add(reading, channel, offers[i].name, offers[i].name);
	if (count == 0)
		add(reading, channel, NULL, MODEL_DEFAULT);
	if (ability_find(channel, "another", reading->arena, &other) == ERR_OK)
		reading->catalogue->open = true;
}

/* How many models a channel may add. */
static size_t
most_of(const struct channel *channel)
{
	size_t count;
	channel_offers(channel, &count);
	return channel->model_count + count + 1;
}

enum err_code
catalogue_read(struct channels *channels, struct arena *arena, struct catalogue *ret_catalogue)
{
	const struct channel *const *list;
	size_t count, room = 1;
	struct catalogue catalogue = {0};
	struct reading reading = {.arena = arena, .catalogue = &catalogue};
	enum err_code err = channels_all(channels, arena, &list, &count);
	if (err != ERR_OK)
		return err;
	for (size_t i = 0; i < count; i++)
		room += most_of(list[i]);
	catalogue.models = arena_alloc(arena, room * sizeof(*catalogue.models));
	for (size_t i = 0; i < count; i++) {
		if (list[i]->takes_new && !arena_failed(arena))
			add_channel(&reading, list[i]);
		channel_release(list[i]);
	}
	if (reading.err != ERR_OK || arena_failed(arena))
		return ERR_NO_MEMORY;
	*ret_catalogue = catalogue;
	return ERR_OK;
}
