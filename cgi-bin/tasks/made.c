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
#include "domain/task/admit.h"
#include "model/channel.h"
#include "store/channel.h"
#include "store/stats.h"

enum { FRESH_MS = 2000 };

struct made {
	pthread_mutex_t lock; /* of all that follows */
	struct arena *arena;  /* of the next two */
	struct catalogue catalogue;
	bool named;         /* MODEL_DEFAULT is a model, and does not stand for none */
	const char *json;   /* for users who may use all; NULL = nothing was read yet */
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

/* Writes the text into the arena, with the models that `limits` allows. */
static enum err_code
write_all(struct store *store, struct arena *arena, const struct made *made, const struct user_limits *limits,
          const char **ret_json)
{
	const struct catalogue *catalogue = &made->catalogue;
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
		bool none = !made->named && strcmp(model->name, MODEL_DEFAULT) == 0;
		if (!admit_model(limits, model->name))
			continue;
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

static const struct user_limits unlimited = {.models = "", .key_models = ""};

/* Reads all anew. On failure what was read before stays. */
static enum err_code
read_all(struct made *made, const struct call *call, struct arena *arena)
{
	char why[300];
	struct made fresh = {0};
	struct channels *channels = channels_open_installed(call->config, why, sizeof(why));
	if (channels == NULL) {
		log_error("cannot read the channels: %s", why);
		return ERR_INTERNAL;
	}
	channels_refresh(channels, call->store);
	fresh.named = channels_list(channels, MODEL_DEFAULT);
	enum err_code err = catalogue_read(channels, arena, &fresh.catalogue);
	channels_close(channels);
	if (err == ERR_OK)
		err = write_all(call->store, arena, &fresh, &unlimited, &fresh.json);
	if (err != ERR_OK)
		return err;
	arena_free(made->arena);
	made->arena = arena;
	made->catalogue = fresh.catalogue;
	made->named = fresh.named;
	made->json = fresh.json;
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
	struct user_limits limits;
	struct made_text text = {0};
	enum err_code err =
	    store_user_limits(call->store, call->arena, call->user->id, call->user->key_id, &limits);
	if (err == ERR_OK)
		err = lock_fresh(call);
	if (err != ERR_OK)
		return err;
	if (limits.models[0] == '\0' && limits.key_models[0] == '\0')
		text.json = arena_strdup(call->arena, made->json);
	else
		err = write_all(call->store, call->arena, made, &limits, &text.json);
	pthread_mutex_unlock(&made->lock);
	if (err != ERR_OK || text.json == NULL)
		return err != ERR_OK ? err : ERR_NO_MEMORY;
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
	struct user_limits limits;
	size_t count = 0;
	enum err_code err =
	    store_user_limits(call->store, call->arena, call->user->id, call->user->key_id, &limits);
	if (err == ERR_OK)
		err = lock_fresh(call);
	if (err != ERR_OK)
		return err;
	const struct catalogue *catalogue = &made->catalogue;
	const char **names = arena_alloc(call->arena, (catalogue->count + 1) * sizeof(*names));
	for (size_t i = 0; i < catalogue->count && names != NULL; i++)
		if (admit_model(&limits, catalogue->models[i].name))
			names[count++] = arena_strdup(call->arena, catalogue->models[i].name);
	pthread_mutex_unlock(&made->lock);
	if (arena_failed(call->arena))
		return ERR_NO_MEMORY;
	*ret_names = names;
	return ERR_OK;
}
