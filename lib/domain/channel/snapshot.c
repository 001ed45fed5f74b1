/* Makes a snapshot of the channels from the configuration and the rows of the database; reads and checks
 * profiles, keys and model lists. A channel that cannot be used is left out and logged once; but its name is
 * kept, as its tasks wait for it, and its model list, as no other channel may make those models. */
#include "domain/channel/snapshot.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "base/config.h"
#include "base/crypto.h"
#include "base/log.h"
#include "base/secret.h"
#include "domain/channel/model_list.h"
#include "upstream/dialect/dialect.h"

enum { KEYS_MOST = 16, KEY_ID_BYTES = 6, WHY_SIZE = 400 };

/* A channel in the making. */
struct making {
	struct channel_snapshot *set;
	const struct channel_source *source;
	struct channel channel; /* without a key */
	struct channel_name *named;
	char *why;
};

/* ---- keys ---- */

/* A part of the text's digest: tells it from other texts, and cannot be turned back into it. */
static void
short_digest(const char *text, char ret_digest[2 * KEY_ID_BYTES + 1])
{
	uint8_t digest[CRYPTO_HASH_SIZE];
	crypto_sha256(text, strlen(text), digest);
	for (int i = 0; i < KEY_ID_BYTES; i++)
		snprintf(ret_digest + 2 * i, 3, "%02x", digest[i]);
}

/* The id of the key, "KEY.PLACE", where PLACE stands for base and dialect; KEY is empty where there is no
 * key. Rows of earlier versions have KEY alone. */
static const char *
key_id(struct arena *arena, const struct channel *channel, const char *key)
{
	char of_key[2 * KEY_ID_BYTES + 1] = "", of_place[2 * KEY_ID_BYTES + 1];
	const char *salted = arena_printf(arena, "longreel channel key %s", key);
	const char *place = arena_printf(arena, "longreel channel place %s %s", channel->base,
	                                 dialect_name(channel->dialect));
	if (salted == NULL || place == NULL)
		return NULL;
	if (key[0] != '\0')
		short_digest(salted, of_key);
	short_digest(place, of_place);
	return arena_printf(arena, "%s.%s", of_key, of_place);
}

static struct channel_file
read_stat(const char *path)
{
	struct stat st;
	struct channel_file file = {.path = path};
	if (stat(path, &st) == 0) {
		file.ino = st.st_ino;
		file.size = st.st_size;
		file.changed = st.st_ctim;
	}
	return file;
}

bool
channel_snapshot_stale(const struct channel_snapshot *set)
{
	for (size_t i = 0; i < set->file_count; i++) {
		struct channel_file now = read_stat(set->files[i].path);
		const struct channel_file *then = &set->files[i];
		if (now.ino != then->ino || now.size != then->size ||
		    now.changed.tv_sec != then->changed.tv_sec ||
		    now.changed.tv_nsec != then->changed.tv_nsec)
			return true;
	}
	return false;
}

static bool
watch_file(struct channel_snapshot *set, const char *name)
{
	struct channel_file *files = arena_alloc(set->arena, (set->file_count + 1) * sizeof(*files));
	const char *path = arena_strdup(set->arena, name);
	if (files == NULL || path == NULL)
		return false;
	if (set->file_count > 0)
		memcpy(files, set->files, set->file_count * sizeof(*files));
	files[set->file_count++] = read_stat(path);
	set->files = files;
	return true;
}

/* Watches the file of a key, if it is one. */
static bool
watch_key(struct channel_snapshot *set, const char *source)
{
	return strncmp(source, "file:", 5) != 0 || watch_file(set, source + 5);
}

/* True where tasks must wait for a key that cannot be read: the key for new work, or an earlier key whose
 * file is there. To give an earlier key up, its file is removed. */
static bool
is_awaited(const char *source, bool current)
{
	return current || (strncmp(source, "file:", 5) == 0 && read_stat(source + 5).ino != 0);
}

/* Adds the channel with that key, unless it is there already. False when memory is short. */
static bool
add_entry(struct making *making, const char *key, bool current)
{
	struct channel_snapshot *set = making->set;
	const char *id = key_id(set->arena, &making->channel, key);
	if (id == NULL)
		return false;
	for (size_t i = 0; i < set->count; i++)
		if (strcmp(set->entries[i].channel.name, making->channel.name) == 0 &&
		    strcmp(set->entries[i].channel.key_id, id) == 0)
			return true;
	if (set->count == set->room) {
		size_t room = set->room * 2 + 4;
		struct channel_entry *grown = arena_alloc(set->arena, room * sizeof(*grown));
		if (grown == NULL)
			return false;
		if (set->count > 0)
			memcpy(grown, set->entries, set->count * sizeof(*grown));
		set->entries = grown;
		set->room = room;
	}
	struct channel_entry *entry = &set->entries[set->count++];
	*entry = (struct channel_entry){.channel = making->channel, .set = set, .current = current};
	entry->channel.key = key;
	entry->channel.key_id = id;
	entry->channel.takes_new = current && making->channel.takes_new;
	making->named->usable |= current;
	return true;
}

/* Adds the channel with each key at `sources` that can be read; `first_current`: the first is for new work.
 * False when memory is short. */
static bool
add_keys(struct making *making, const char *const *sources, size_t count, bool first_current)
{
	for (size_t i = 0; i < count && i < KEYS_MOST; i++) {
		bool current = first_current && i == 0;
		if (!watch_key(making->set, sources[i]))
			return false;
		const char *key = secret_read(making->set->arena, sources[i], making->why, WHY_SIZE);
		if (key == NULL) {
			if (current)
				log_error("the channel %s gets no new work: %s", making->channel.name,
				          making->why);
			else
				log_warn("an earlier key of the channel %s is gone: %s", making->channel.name,
				         making->why);
			making->named->lacks_key |= is_awaited(sources[i], current);
			continue;
		}
		if (!add_entry(making, key, current))
			return false;
	}
	return true;
}

/* ---- any channel ---- */

/* Loads the profile of that name, once for all channels that use it. */
static bool
set_dialect(struct making *making, const char *name)
{
	struct channel_snapshot *set = making->set;
	const struct config *config = making->source->config;
	for (size_t i = 0; i < set->dialect_count; i++)
		if (strcmp(dialect_name(set->dialects[i]), name) == 0) {
			making->channel.dialect = set->dialects[i];
			return true;
		}
	const char *data = config->data != NULL ? config->data : "";
	const char *own = arena_printf(set->arena, "%s/dialects/%s.json", data, name);
	const char *shipped = arena_printf(set->arena, "%s/%s.json", making->source->dialects, name);
	/* Before it is read: one that is mended is loaded anew. */
	if (arena_failed(set->arena) || !watch_file(set, own) || !watch_file(set, shipped)) {
		snprintf(making->why, WHY_SIZE, "memory is short");
		return false;
	}
	struct dialect *dialect =
	    dialect_load_for(data, making->source->dialects, name, making->why, WHY_SIZE);
	if (dialect == NULL)
		return false;
	set->dialects[set->dialect_count++] = dialect;
	making->channel.dialect = dialect;
	return true;
}

/* Reads the offers of the channel's own, where it has any. */
static bool
set_offers(struct making *making, const char *name)
{
	struct arena *arena = making->set->arena;
	const char *data = making->source->config->data;
	const char *path = arena_printf(arena, CHANNEL_OFFERS, data != NULL ? data : "", name);
	struct dialect_offers *offers = arena_alloc(arena, sizeof(*offers));
	/* Before it is read, as above. */
	if (arena_failed(arena) || !watch_file(making->set, path)) {
		snprintf(making->why, WHY_SIZE, "memory is short");
		return false;
	}
	enum err_code err = dialect_load_offers(arena, path, offers, making->why, WHY_SIZE);
	if (err == ERR_OK)
		making->channel.offers = offers;
	return err == ERR_OK || err == ERR_NOT_FOUND;
}

/* Sets what the row says. */
static bool
describe(struct making *making, const struct channel_row *row)
{
	struct model_list list;
	struct channel *channel = &making->channel;
	making->named->enabled = row->enabled;
	if (!model_list_read(making->set->arena, row->models, &list, making->why, WHY_SIZE))
		return false;
	/* Before anything else can fail: the list counts even where the channel cannot be used. */
	making->named->models = list.list;
	making->named->model_count = list.count;
	/* Likewise what it offers: its own even without a profile. */
	bool offers = set_offers(making, row->name), dialect = set_dialect(making, row->dialect);
	if (channel->offers != NULL || dialect)
		making->named->offers = channel_offers(channel, &making->named->offer_count);
	if (!offers || !dialect)
		return false;
	if (!name_list_read(making->set->arena, row->extra_allow, &channel->extra_allow, making->why,
	                    WHY_SIZE))
		return false;
	const char *header = dialect_idempotency_header(channel->dialect);
	channel->idempotency_header = header == NULL && row->idempotency ? "Idempotency-Key" : header;
	channel->name = arena_strdup(making->set->arena, row->name);
	channel->base = arena_strdup(making->set->arena, row->base);
	channel->webhook_secret = arena_strdup(making->set->arena, row->webhook);
	channel->models = list.list;
	channel->model_count = list.count;
	channel->priority = row->priority;
	channel->weight = row->weight;
	channel->concurrency = row->concurrency;
	channel->rate = row->rate;
	channel->allow_private = row->private;
	channel->billed = config_on(making->source->config->billing);
	channel->gets_links = config_is_set(making->source->config->public_url);
	channel->takes_new = row->enabled;
	snprintf(making->why, WHY_SIZE, "memory is short");
	return !arena_failed(making->set->arena);
}

/* Begins a channel, and adds its name to those that are configured. */
static struct making
make_channel(struct channel_snapshot *set, const struct channel_source *source, const char *name, char *why)
{
	struct channel_name *named = &set->names[set->name_count++];
	*named = (struct channel_name){.name = arena_strdup(set->arena, name)};
	return (struct making){.set = set, .source = source, .named = named, .why = why};
}

/* ---- the configuration's ---- */

static bool
add_old_keys(struct making *making, const char *list)
{
	const char *sources[KEYS_MOST];
	struct arena *arena = making->set->arena;
	size_t count = 0, len;
	for (const char *p = list; p != NULL && *(p += strspn(p, " \t")) != '\0' && count < KEYS_MOST;
	     p += len) {
		len = strcspn(p, " \t");
		sources[count] = arena_printf(arena, "file:%.*s", (int)len, p);
		if (sources[count++] == NULL)
			return false;
	}
	/* cppcheck-suppress uninitvar ; the first `count` are set */
	return add_keys(making, sources, count, false);
}

/* The configuration says what the channel is; its row, where it has one, how it is used. */
static bool
add_default(struct channel_snapshot *set, const struct channel_source *source, char *why)
{
	const struct config *config = source->config;
	struct channel_row row = channel_row_new(CHANNEL_DEFAULT);
	const char *secret = config->upstream_webhook_secret_file;
	if (config->upstream_base[0] == '\0')
		return true;
	for (size_t i = 0; i < source->count; i++)
		if (strcmp(source->rows[i].name, CHANNEL_DEFAULT) == 0)
			row = source->rows[i];
	struct making making = make_channel(set, source, CHANNEL_DEFAULT, why);
	row.base = config->upstream_base;
	row.dialect = config->upstream_dialect;
	if (config_is_set(config->upstream_models))
		row.models = config->upstream_models;
	if (config_is_set(config->upstream_extra_allow))
		row.extra_allow = config->upstream_extra_allow;
	row.idempotency = config_on(config->upstream_idempotency);
	row.private = config_on(config->upstream_private);
	if (secret != NULL && secret[0] != '\0')
		row.webhook = arena_printf(set->arena, "file:%s", secret);
	return describe(&making, &row) && add_entry(&making, config->upstream_key, true) &&
	       add_old_keys(&making, config->upstream_old_key_files);
}

/* ---- the operator's ---- */

static void
add_row(struct channel_snapshot *set, const struct channel_source *source, const struct channel_row *row,
        char *why)
{
	if (row->base == NULL || strcmp(row->name, CHANNEL_DEFAULT) == 0)
		return;
	struct making making = make_channel(set, source, row->name, why);
	bool good = describe(&making, row);
	if (good && row->key_count == 0)
		good = add_entry(&making, "", true);
	else if (good)
		good = add_keys(&making, row->keys, row->key_count, true);
	if (!good)
		log_error("the channel %s cannot be used: %s", row->name, why);
}

struct channel_snapshot *
channel_snapshot_new(const struct channel_source *source, bool strict, char *ret_why, size_t why_size)
{
	char why[WHY_SIZE] = "memory is short";
	struct channel_snapshot *set = calloc(1, sizeof(*set));
	if (set != NULL)
		set->arena = arena_new();
	if (set != NULL && set->arena != NULL) {
		set->dialects = arena_alloc(set->arena, (source->count + 1) * sizeof(struct dialect *));
		set->names = arena_alloc(set->arena, (source->count + 1) * sizeof(*set->names));
	}
	if (set == NULL || set->dialects == NULL || set->names == NULL) {
		if (set != NULL)
			arena_free(set->arena);
		free(set);
		snprintf(ret_why, why_size, "%s", why);
		return NULL;
	}
	atomic_init(&set->references, 1);
	bool good = add_default(set, source, why);
	if (!good && !strict)
		log_error("the channel %s cannot be used: %s", CHANNEL_DEFAULT, why);
	for (size_t i = 0; i < source->count; i++)
		add_row(set, source, &source->rows[i], why);
	if ((good || !strict) && !arena_failed(set->arena))
		return set;
	snprintf(ret_why, why_size, "%s", why);
	channel_snapshot_release(set);
	return NULL;
}

void
channel_snapshot_release(struct channel_snapshot *set)
{
	if (set == NULL || atomic_fetch_sub(&set->references, 1) > 1)
		return;
	for (size_t i = 0; i < set->dialect_count; i++)
		dialect_free(set->dialects[i]);
	arena_free(set->arena);
	free(set);
}
