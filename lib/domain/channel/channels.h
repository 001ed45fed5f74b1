/* The channels of a program: "default", which the configuration describes, and those of the operator in the
 * database. A program has one set, which channels_refresh() brings up to date. A channel that was handed out
 * stays as it was until channel_release(). Thread-safe.
 *
 * A channel has a key for new work, and its earlier keys for as long as they can be read. A key has an id, a
 * short digest of the key and of base and dialect, which stands in the row of each task: a task stays with
 * the key that made it. A task whose key is gone is polled with the key for new work, which may be of the
 * same account; what is then not found is no verdict (channel_is_of). The same holds where base or dialect
 * has changed. Where both the key and the base or dialect have changed it is another upstream, which is not
 * asked. */
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

/* Makes the set with the configuration's channel, if there is one; channels_refresh() adds those of the
 * database. Profiles are read from DATA/dialects and from the directory `dialects`. The configuration must
 * outlive the set. NULL with one sentence in `ret_why`, for a bad profile or model list, or when memory is
 * short. */
struct channels *
channels_open(const struct config *config, const char *dialects, char *ret_why, size_t why_size);

/* As channels_open(), with the profiles that are installed beside this program. */
struct channels *channels_open_installed(const struct config *config, char *ret_why, size_t why_size);

/* Frees the set; every channel that it handed out must have been released. NULL is fine. */
void channels_close(struct channels *channels);

/* Brings the set up to date with the database, the profiles and the files of the keys; costs one read of the
 * database where nothing has changed. Logs each channel that cannot be used; it comes back once it can. */
void channels_refresh(struct channels *channels, struct store *store);

/* Logs that the channel of that name works, or why it does not, where that has changed: see note.h. */
void channels_note(struct channels *channels, const char *name, const struct http_response *response);

/* True where there is a channel that gets new work. */
bool channels_any(struct channels *channels);

/* Returns the channel of that name with its key for new work, to be released; NULL where there is none. */
const struct channel *channels_find(struct channels *channels, const char *name);

/* Returns the task's channel with the key that made the task or, where that key is gone, the key for new
 * work; to be released. NULL where the channel is gone, or is another upstream by now. */
const struct channel *channels_for_task(struct channels *channels, const struct task *task);

/* Releases a channel that was handed out. NULL is fine. */
void channel_release(const struct channel *channel);

/* True where the channel has the very key that made the task, or where it is not known which made it. */
bool channel_is_of(const struct channel *channel, const struct task *task);

/* True where the task must wait for its channel (`channel`: what channels_for_task() returned): the channel,
 * or the key that made the task, cannot be used now, but is still configured. */
bool channels_must_wait(struct channels *channels, const struct channel *channel, const struct task *task);

/* Says why channels_for_task() returned NULL: ERR_NO_CHANNEL where the task's channel is no longer
 * configured, ERR_CHANNEL_AWAY where it lacks its key or its profile. */
enum err_code channels_why_gone(struct channels *channels, const struct task *task);

/* Hands out all channels with their keys for new work, "default" first, then by name: an array in the arena,
 * each channel to be released. ERR_NO_MEMORY. */
enum err_code channels_all(struct channels *channels, struct arena *arena,
                           const struct channel *const **ret_list, size_t *ret_count);

/* True where the channel says that it has the model (NULL = no): it lists the model, or has no list and
 * offers it. */
bool channel_names(const struct channel *channel, const char *model);

/* True where the channel may make a new task with that model (NULL = none named, which any may make): it
 * lists the model; or has no list, and no other channel of its snapshot lists it, and it offers the model, or
 * no other does. Channels that cool down, are disabled, or lack their key or profile count as others, too:
 * their lists say whose model it is, and what it costs. The offers of a disabled one do not count. */
bool channel_may_make(const struct channel *channel, const char *model);

/* The same where the task can be made there only, from a video of the channel: what others offer does not
 * count, as an offer describes, and does not restrict. */
bool channel_may_derive(const struct channel *channel, const char *model);

/* True where a channel would make the model, were its key and its profile there. */
bool channels_lacking(struct channels *channels, const char *model);

/* True once the channels of the database have been read: before that it is not known which lists a model. */
bool channels_known(struct channels *channels);

/* True where the channel of that name is configured, but lacks a key or its profile. */
bool channels_lacks(struct channels *channels, const char *name);

/* True where a channel, usable or not, lists the model. */
bool channels_list(struct channels *channels, const char *model);

/* Reads the secret that the upstream behind the channel signs its webhooks with, into the arena: the text as
 * the operator has it ("whsec_…"). ERR_NOT_FOUND where there is no such channel, or it has no secret;
 * ERR_INTERNAL, with a line in the log, where it cannot be read or used. */
enum err_code channels_webhook_secret(struct channels *channels, struct arena *arena, const char *name,
                                      const char **ret_secret);

#endif
