/* The channels: the one that the configuration defines, "default", and those of the operator in the database.
 * A program has one set of them and brings it up to date now and then; whoever has taken a channel out keeps
 * it as it was until it is given back. Thread-safe.
 *
 * A key of a channel is told from another by its id, a short digest of the key and of where it leads, that
 * stands in the row of each task: a task stays with the key that made it. A channel has the key for new work,
 * and the keys before that for as long as they can be read. A task whose key is gone is asked about with the
 * key for new work, which may be of the same account; what is then not found is no verdict (channel_is_of).
 * The same goes for a base or a dialect that was changed. With another key at another base it is another
 * upstream, and is not asked. */
#ifndef DOMAIN_CHANNEL_CHANNELS_H
#define DOMAIN_CHANNEL_CHANNELS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "model/channel.h"

struct arena;
struct channels;
struct config;
struct http_response;
struct store;
struct task;

/* Makes the channels of the configuration; profiles are read from DATA/dialects and from `dialects`, a
 * directory. The configuration must outlive them. NULL with one sentence in `ret_why` for a bad profile or
 * list. No upstream configured is not an error. Those of the database come with channels_refresh(). */
struct channels *
channels_open(const struct config *config, const char *dialects, char *ret_why, size_t why_size);

/* The same with the profiles that are installed beside this program. */
struct channels *channels_open_installed(const struct config *config, char *ret_why, size_t why_size);

/* Frees them; every channel that was taken must have been given back. NULL is fine. */
void channels_close(struct channels *channels);

/* Brings the set up to date with the database and the files of the keys; costs one look where nothing has
 * changed. A channel that cannot be used is logged, and is there again once it can. */
void channels_refresh(struct channels *channels, struct store *store);

/* Tells the log, where it is news, that the channel of that name works, or why it does not: see
 * channel_note.h. */
void channels_note(struct channels *channels, const char *name, const struct http_response *response);

/* Whether there is a channel that gets new work. */
bool channels_any(struct channels *channels);

/* The channel of that name with its key for new work, or NULL where it is no longer configured. To be given
 * back. */
const struct channel *channels_find(struct channels *channels, const char *name);

/* The channel of the task with the key that made it; where that key is gone, with the one for new work; NULL
 * where the channel is gone, or another upstream by now. To be given back. */
const struct channel *channels_for_task(struct channels *channels, const struct task *task);

/* Gives a channel back. NULL is fine. */
void channel_release(const struct channel *channel);

/* Whether it bears the very key that made the task, as far as that is known. */
bool channel_is_of(const struct channel *channel, const struct task *task);

/* Whether the task is to wait for its channel, of which `channel` is what channels_for_task() gave: the
 * channel, or the key that made the task, cannot be used now, but nobody has taken it away. */
bool channels_must_wait(struct channels *channels, const struct channel *channel, const struct task *task);

/* Why channels_for_task() gave none: ERR_NO_CHANNEL where the task's channel is no longer configured,
 * ERR_CHANNEL_AWAY where it only lacks a key or its profile. */
enum err_code channels_why_gone(struct channels *channels, const struct task *task);

/* Takes all channels out with their keys for new work, in order of their names: an array in the arena, each
 * to be given back. ERR_NO_MEMORY. */
enum err_code channels_all(struct channels *channels, struct arena *arena,
                           const struct channel *const **ret_list, size_t *ret_count);

/* Whether the channel may have what names that model (NULL = none, which any may have): it lists it, or it
 * has no list, and none of the channels that were known together with it lists it. Those that rest, are
 * switched off, lack their key or their profile count as well: what a model costs, and whose it is, goes with
 * its list. */
bool channel_may_make(const struct channel *channel, const char *model);

/* Whether there is a channel that would make the model, were its key and its profile there. */
bool channels_lacking(struct channels *channels, const char *model);

/* Whether those of the database have been read: until then nothing can be said of who lists what. */
bool channels_known(struct channels *channels);

/* Whether the channel of that name is configured, but lacks a key or its profile. */
bool channels_lacks(struct channels *channels, const char *name);

/* The models that clients may name, in order, each once: an array in the arena. Channels without a list add
 * none. ERR_NO_MEMORY. */
enum err_code channels_models(struct channels *channels, struct arena *arena, const char *const **ret_names,
                              size_t *ret_count);

/* The secret that the channel of that name signs its webhooks with, in the arena: the text as the operator
 * has it ("whsec_…"). ERR_NOT_FOUND where there is no such channel, or it has none; ERR_INTERNAL, with a line
 * in the log, where it cannot be read or is no secret. */
enum err_code channels_webhook_secret(struct channels *channels, struct arena *arena, const char *name,
                                      const char **ret_secret);

#endif
