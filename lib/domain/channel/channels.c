/* The channels of a program: an immutable snapshot, which channels_refresh() replaces when the database or a
 * file has changed. A channel that was handed out keeps its snapshot; the lock is held only to hand one out.
 */
#include "domain/channel/channels.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/config.h"
#include "base/log.h"
#include "base/secret.h"
#include "domain/channel/note.h"
#include "domain/channel/snapshot.h"
#include "domain/webhook/signature.h"
#include "model/task.h"
#include "store/channel.h"
#include "upstream/dialect/dialect.h"

enum { FILES_MS = 1000 /* between two checks of the files of keys and profiles */ };

struct channels {
	const struct config *config;
	char *dialects;
	pthread_mutex_t lock; /* of all that follows */
	struct channel_snapshot *set;
	int64_t generation; /* of the channels in the database, as in `set`; -1 = not read yet */
	int64_t check_at;   /* when to check the files again, by clock_mono_ms() */
	struct channel_notes *notes;
};

struct channels *
channels_open(const struct config *config, const char *dialects, char *ret_why, size_t why_size)
{
	struct channel_source source = {.config = config, .dialects = dialects};
	struct channels *channels = calloc(1, sizeof(*channels));
	snprintf(ret_why, why_size, "memory is short");
	if (channels == NULL)
		return NULL;
	pthread_mutex_init(&channels->lock, NULL);
	channels->config = config;
	channels->generation = -1;
	channels->dialects = strdup(dialects);
	channels->notes = channel_notes_new();
	if (channels->dialects != NULL && channels->notes != NULL)
		channels->set = channel_snapshot_new(&source, true, ret_why, why_size);
	if (channels->set != NULL)
		return channels;
	channels_close(channels);
	return NULL;
}

struct channels *
channels_open_installed(const struct config *config, char *ret_why, size_t why_size)
{
	struct channels *channels = NULL;
	struct arena *arena = arena_new();
	const char *dialects = arena != NULL ? dialect_shipped_dir(arena) : NULL;
	snprintf(ret_why, why_size, "memory is short");
	if (dialects != NULL)
		channels = channels_open(config, dialects, ret_why, why_size);
	arena_free(arena);
	return channels;
}

void
channels_close(struct channels *channels)
{
	if (channels == NULL)
		return;
	channel_snapshot_release(channels->set);
	channel_notes_free(channels->notes);
	pthread_mutex_destroy(&channels->lock);
	free(channels->dialects);
	free(channels);
}

/* ---- bringing up to date ---- */

/* Makes a snapshot of what the database has now; NULL where that cannot be read. */
static struct channel_snapshot *
read_snapshot(const struct channels *channels, struct store *store)
{
	char why[200];
	struct channel_row *rows;
	struct channel_snapshot *set = NULL;
	struct arena *arena = arena_new();
	struct channel_source source = {.config = channels->config, .dialects = channels->dialects};
	if (arena != NULL && store_channels_all(store, arena, &rows, &source.count) == ERR_OK) {
		source.rows = rows;
		set = channel_snapshot_new(&source, false, why, sizeof(why));
	}
	arena_free(arena);
	return set;
}

/* True where another snapshot is due. */
static bool
is_old(struct channels *channels, int64_t generation)
{
	int64_t now = clock_mono_ms();
	pthread_mutex_lock(&channels->lock);
	bool old = generation != channels->generation;
	if (!old && now >= channels->check_at) {
		channels->check_at = now + FILES_MS;
		old = channel_snapshot_stale(channels->set);
	}
	pthread_mutex_unlock(&channels->lock);
	return old;
}

void
channels_refresh(struct channels *channels, struct store *store)
{
	int64_t generation;
	if (store_channels_generation(store, &generation) != ERR_OK || !is_old(channels, generation))
		return;
	struct channel_snapshot *set = read_snapshot(channels, store), *old;
	if (set == NULL) {
		log_error("the channels cannot be read");
		return;
	}
	pthread_mutex_lock(&channels->lock);
	old = channels->set;
	channels->set = set;
	channels->generation = generation;
	pthread_mutex_unlock(&channels->lock);
	channel_snapshot_release(old);
}

void
channels_note(struct channels *channels, const char *name, const struct http_response *response)
{
	channel_note(channels->notes, name, response, clock_mono_ms());
}

/* ---- handing out ---- */

/* NULL is fine. */
static const struct channel *
hand_out(struct channel_entry *entry)
{
	if (entry == NULL)
		return NULL;
	atomic_fetch_add(&entry->set->references, 1);
	return &entry->channel;
}

/* An id of a key is KEY.PLACE. A row of an earlier version has no PLACE: that counts as the same as any. */
static bool
same_key(const char *a, const char *b)
{
	size_t len = strcspn(a, ".");
	return strcspn(b, ".") == len && strncmp(a, b, len) == 0;
}

static bool
same_place(const char *a, const char *b)
{
	a += strcspn(a, ".");
	b += strcspn(b, ".");
	return *a == '\0' || *b == '\0' || strcmp(a, b) == 0;
}

/* Finds the entry of that name with the key of that id, else with the key for new work; but none where both
 * the key and the place differ, since that is another upstream. */
static struct channel_entry *
find_entry(const struct channel_snapshot *set, const char *name, const char *key_id)
{
	struct channel_entry *found = NULL;
	for (size_t i = 0; i < set->count; i++) {
		struct channel_entry *entry = &set->entries[i];
		if (strcmp(entry->channel.name, name) != 0)
			continue;
		const char *id = entry->channel.key_id;
		if (key_id != NULL && same_key(id, key_id) && same_place(id, key_id))
			return entry;
		if (key_id != NULL && !same_key(id, key_id) && !same_place(id, key_id))
			continue;
		if (found == NULL || entry->current)
			found = entry;
	}
	return found;
}

const struct channel *
channels_find(struct channels *channels, const char *name)
{
	pthread_mutex_lock(&channels->lock);
	const struct channel *channel = hand_out(find_entry(channels->set, name, NULL));
	pthread_mutex_unlock(&channels->lock);
	return channel;
}

const struct channel *
channels_for_task(struct channels *channels, const struct task *task)
{
	pthread_mutex_lock(&channels->lock);
	const struct channel *channel = hand_out(find_entry(channels->set, task->channel, task->key_id));
	pthread_mutex_unlock(&channels->lock);
	return channel;
}

void
channel_release(const struct channel *channel)
{
	if (channel != NULL)
		channel_snapshot_release(((const struct channel_entry *)channel)->set);
}

bool
channel_is_of(const struct channel *channel, const struct task *task)
{
	return task->key_id == NULL ||
	       (same_key(task->key_id, channel->key_id) && same_place(task->key_id, channel->key_id));
}

/* Finds the channel of that name, usable or not; NULL = it is not configured. */
static const struct channel_name *
find_name(const struct channel_snapshot *set, const char *name)
{
	for (size_t i = 0; i < set->name_count; i++)
		if (strcmp(set->names[i].name, name) == 0)
			return &set->names[i];
	return NULL;
}

bool
channels_must_wait(struct channels *channels, const struct channel *channel, const struct task *task)
{
	if (channel != NULL) {
		const struct channel_name *known =
		    find_name(((const struct channel_entry *)channel)->set, channel->name);
		return known != NULL && known->lacks_key && !channel_is_of(channel, task);
	}
	pthread_mutex_lock(&channels->lock);
	/* Before the database has been read it is not known which channels were removed. */
	bool wait = channels->generation < 0 || find_name(channels->set, task->channel) != NULL;
	pthread_mutex_unlock(&channels->lock);
	return wait;
}

enum err_code
channels_why_gone(struct channels *channels, const struct task *task)
{
	return channels_lacks(channels, task->channel) ? ERR_CHANNEL_AWAY : ERR_NO_CHANNEL;
}

enum err_code
channels_all(struct channels *channels, struct arena *arena, const struct channel *const **ret_list,
             size_t *ret_count)
{
	size_t count = 0;
	pthread_mutex_lock(&channels->lock);
	struct channel_snapshot *set = channels->set;
	const struct channel **list = arena_alloc(arena, (set->count + 1) * sizeof(*list));
	for (size_t i = 0; i < set->count && list != NULL; i++)
		if (set->entries[i].current)
			list[count++] = hand_out(&set->entries[i]);
	pthread_mutex_unlock(&channels->lock);
	if (list == NULL)
		return ERR_NO_MEMORY;
	*ret_list = list;
	*ret_count = count;
	return ERR_OK;
}

/* ---- questions ---- */

/* True where a channel lists the model, usable or not. */
static bool
is_listed(const struct channel_snapshot *set, const char *model)
{
	for (size_t i = 0; i < set->name_count; i++)
		if (channel_model_in(set->names[i].models, set->names[i].model_count, model))
			return true;
	return false;
}

/* True where the channel has no list and offers the model. */
static bool
offers(const struct channel_name *name, const char *model)
{
	size_t i = name->model_count == 0 && model != NULL ? 0 : name->offer_count;
	while (i < name->offer_count && strcmp(name->offers[i].name, model) != 0)
		i++;
	return i < name->offer_count;
}

/* True where a channel that is not disabled offers the model, usable or not. */
static bool
is_offered(const struct channel_snapshot *set, const char *model)
{
	for (size_t i = 0; i < set->name_count; i++)
		if (set->names[i].enabled && offers(&set->names[i], model))
			return true;
	return false;
}

bool
channel_names(const struct channel *channel, const char *model)
{
	return model != NULL &&
	       (channel->model_count > 0 ? channel_model_in(channel->models, channel->model_count, model)
	                                 : channel_offer_of(channel, model) != NULL);
}

bool
channel_may_derive(const struct channel *channel, const char *model)
{
	if (model == NULL || channel_model_in(channel->models, channel->model_count, model))
		return true;
	return channel->model_count == 0 && !is_listed(((const struct channel_entry *)channel)->set, model);
}

bool
channel_may_make(const struct channel *channel, const char *model)
{
	return channel_may_derive(channel, model) &&
	       (model == NULL || channel_names(channel, model) ||
	        !is_offered(((const struct channel_entry *)channel)->set, model));
}

bool
channels_known(struct channels *channels)
{
	pthread_mutex_lock(&channels->lock);
	bool known = channels->generation >= 0;
	pthread_mutex_unlock(&channels->lock);
	return known;
}

bool
channels_lacks(struct channels *channels, const char *name)
{
	pthread_mutex_lock(&channels->lock);
	const struct channel_name *known = find_name(channels->set, name);
	bool lacks = known != NULL && (known->lacks_key || !known->usable);
	pthread_mutex_unlock(&channels->lock);
	return lacks;
}

bool
channels_lacking(struct channels *channels, const char *model)
{
	bool lacking = false;
	pthread_mutex_lock(&channels->lock);
	const struct channel_snapshot *set = channels->set;
	bool listed = is_listed(set, model), offered = is_offered(set, model);
	for (size_t i = 0; i < set->name_count; i++) {
		const struct channel_name *name = &set->names[i];
		if (name->enabled && !name->usable)
			lacking |= model == NULL ||
			           (listed    ? channel_model_in(name->models, name->model_count, model)
			            : offered ? offers(name, model)
			                      : name->model_count == 0);
	}
	pthread_mutex_unlock(&channels->lock);
	return lacking;
}

bool
channels_any(struct channels *channels)
{
	bool any = false;
	pthread_mutex_lock(&channels->lock);
	for (size_t i = 0; i < channels->set->count; i++)
		any = any || channels->set->entries[i].channel.takes_new;
	pthread_mutex_unlock(&channels->lock);
	return any;
}

bool
channels_list(struct channels *channels, const char *model)
{
	pthread_mutex_lock(&channels->lock);
	bool listed = is_listed(channels->set, model);
	pthread_mutex_unlock(&channels->lock);
	return listed;
}

enum err_code
channels_webhook_secret(struct channels *channels, struct arena *arena, const char *name,
                        const char **ret_secret)
{
	char why[300];
	const struct channel *channel = channels_find(channels, name);
	const char *secret = NULL;
	enum err_code err = channel != NULL && channel->webhook_secret != NULL ? ERR_OK : ERR_NOT_FOUND;
	if (err == ERR_OK) {
		secret = secret_read(arena, channel->webhook_secret, why, sizeof(why));
		if (secret != NULL && !signature_secret_good(secret)) {
			secret = NULL;
			snprintf(why, sizeof(why), SIGNATURE_BAD_SECRET);
		}
		err = secret != NULL ? ERR_OK : ERR_INTERNAL;
	}
	if (err == ERR_INTERNAL)
		log_error("the webhook secret of the channel %s cannot be used: %s", name, why);
	channel_release(channel);
	if (err == ERR_OK)
		*ret_secret = secret;
	return err;
}
