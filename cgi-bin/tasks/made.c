/* What can be made: see made.h. The channels are open only while they are read: their profiles would take
 * memory for nothing else in this program. */
#include "made.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/call.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/crypto.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/log.h"
#include "domain/channel/channels.h"
#include "model/channel.h"
#include "store/channel.h"
#include "store/stats.h"

enum { FRESH_MS = 2000 };

struct made {
	pthread_mutex_t lock; /* of all that follows */
	struct arena *arena;  /* of the next two */
	struct catalogue catalogue;
	const char *json;   /* NULL = nothing was read yet */
	int64_t until;      /* of the monotonic clock */
	int64_t generation; /* of the channels in the database */
};

void *
made_open(const struct config *config, char *ret_why, size_t why_size)
{
	(void)config;
	struct made *made = calloc(1, sizeof(*made));
	snprintf(ret_why, why_size, "memory is short");
	if (made != NULL)
		pthread_mutex_init(&made->lock, NULL);
	return made;
}

void
made_close(void *state)
{
	struct made *made = state;
	pthread_mutex_destroy(&made->lock);
	arena_free(made->arena);
	free(made);
}

/* ---- writing ---- */

static void
write_words(struct jsonw *w, const char *name, const char *const *words)
{
	if (words == NULL) {
		jsonw_null(w, name);
		return;
	}
	jsonw_array(w, name);
	for (; *words != NULL; words++)
		jsonw_string(w, NULL, *words);
	jsonw_array_end(w);
}

static void
write_model(struct jsonw *w, const struct catalogue_model *model, int64_t median_ms)
{
	const struct ability *ability = &model->ability;
	jsonw_object(w, NULL);
	jsonw_string(w, "name", model->name);
	jsonw_string(w, "label", ability->label != NULL ? ability->label : model->name);
	write_words(w, "sizes", ability->sizes);
	if (ability->seconds != NULL) {
		jsonw_array(w, "seconds");
		for (size_t i = 0; i < ability->second_count; i++)
			jsonw_int(w, NULL, ability->seconds[i]);
		jsonw_array_end(w);
	} else {
		jsonw_null(w, "seconds");
	}
	jsonw_object(w, "inputs");
	jsonw_bool(w, "image", ability->image);
	jsonw_bool(w, "first", ability->first);
	jsonw_bool(w, "last", ability->last);
	jsonw_int(w, "most", ability->most);
	jsonw_object_end(w);
	write_words(w, "options", ability->options);
	if (median_ms >= 0)
		jsonw_int(w, "medianMs", median_ms);
	else
		jsonw_null(w, "medianMs");
	jsonw_object_end(w);
}

/* Writes the text into the arena. `named`: MODEL_DEFAULT is a model, and does not stand for none. */
static enum err_code
write_all(struct store *store, struct arena *arena, const struct catalogue *catalogue, bool named,
          const char **ret_json)
{
	struct jsonw w;
	struct buf text;
	enum err_code err = ERR_OK;
	buf_init(&text, LIMIT_REPLY);
	jsonw_init(&w, &text);
	jsonw_object(&w, NULL);
	jsonw_array(&w, "models");
	for (size_t i = 0; i < catalogue->count && err == ERR_OK; i++) {
		const struct catalogue_model *model = &catalogue->models[i];
		int64_t median_ms = -1;
		bool none = !named && strcmp(model->name, MODEL_DEFAULT) == 0;
		err = store_stats_median_lately(store, none ? NULL : model->name, &median_ms);
		write_model(&w, model, median_ms);
	}
	jsonw_array_end(&w);
	jsonw_bool(&w, "open", catalogue->open);
	jsonw_object_end(&w);
	const char *json =
	    err == ERR_OK && !text.failed ? arena_strndup(arena, buf_str(&text), text.len) : NULL;
	buf_free(&text);
	if (err == ERR_OK && json == NULL)
		err = ERR_NO_MEMORY;
	if (err == ERR_OK)
		*ret_json = json;
	return err;
}

/* ---- reading ---- */

/* Reads all anew. On failure what was read before stays. */
static enum err_code
read_all(struct made *made, const struct call *call, struct arena *arena)
{
	char why[300];
	struct catalogue catalogue;
	const char *json;
	struct channels *channels = channels_open_installed(call->config, why, sizeof(why));
	if (channels == NULL) {
		log_error("cannot read the channels: %s", why);
		return ERR_INTERNAL;
	}
	channels_refresh(channels, call->store);
	bool named = channels_list(channels, MODEL_DEFAULT);
	enum err_code err = catalogue_read(channels, arena, &catalogue);
	channels_close(channels);
	if (err == ERR_OK)
		err = write_all(call->store, arena, &catalogue, named, &json);
	if (err != ERR_OK)
		return err;
	arena_free(made->arena);
	made->arena = arena;
	made->catalogue = catalogue;
	made->json = json;
	made->until = clock_mono_ms() + FRESH_MS;
	return ERR_OK;
}

/* Locks the state, and brings it up to date. On success it is to be unlocked. */
static enum err_code
lock_fresh(const struct call *call)
{
	struct made *made = call->program;
	int64_t generation;
	enum err_code err = store_channels_generation(call->store, &generation);
	if (err != ERR_OK)
		return err;
	pthread_mutex_lock(&made->lock);
	if (made->json != NULL && made->generation == generation && clock_mono_ms() < made->until)
		return ERR_OK;
	struct arena *arena = arena_new();
	err = arena != NULL ? read_all(made, call, arena) : ERR_NO_MEMORY;
	if (err == ERR_OK) {
		made->generation = generation;
		return ERR_OK;
	}
	arena_free(arena);
	pthread_mutex_unlock(&made->lock);
	return err;
}

enum err_code
made_take_text(struct call *call, struct made_text *ret_text)
{
	struct made *made = call->program;
	uint8_t hash[CRYPTO_HASH_SIZE];
	uint64_t part;
	enum err_code err = lock_fresh(call);
	if (err != ERR_OK)
		return err;
	struct made_text text = {.json = arena_strdup(call->arena, made->json)};
	pthread_mutex_unlock(&made->lock);
	if (text.json == NULL)
		return ERR_NO_MEMORY;
	crypto_sha256(text.json, strlen(text.json), hash);
	memcpy(&part, hash, sizeof(part));
	text.etag = arena_printf(call->arena, "\"%" PRIx64 "\"", part);
	if (text.etag == NULL)
		return ERR_NO_MEMORY;
	*ret_text = text;
	return ERR_OK;
}

enum err_code
made_take_names(struct call *call, const char *const **ret_names)
{
	struct made *made = call->program;
	enum err_code err = lock_fresh(call);
	if (err != ERR_OK)
		return err;
	const struct catalogue *catalogue = &made->catalogue;
	const char **names = arena_alloc(call->arena, (catalogue->count + 1) * sizeof(*names));
	for (size_t i = 0; i < catalogue->count && names != NULL; i++)
		names[i] = arena_strdup(call->arena, catalogue->models[i].name);
	pthread_mutex_unlock(&made->lock);
	if (arena_failed(call->arena))
		return ERR_NO_MEMORY;
	*ret_names = names;
	return ERR_OK;
}
