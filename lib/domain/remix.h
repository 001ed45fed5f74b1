/* What a remix has of its source. Internal to this folder. */
#ifndef DOMAIN_REMIX_H
#define DOMAIN_REMIX_H

#include "base/err.h"
#include "model/task.h"

struct arena;
struct channel;
struct channels;

/* Whether `source` can be remixed, and by which channel: the one that made it. ERR_NO_EXTERNAL_ID,
 * ERR_NOT_COMPLETED, ERR_NO_CHANNEL where it is no longer configured, ERR_UNSUPPORTED where its upstream
 * makes no remixes. */
enum err_code
remix_channel(const struct channels *channels, const struct task *source, const struct channel **ret_channel);

/* Makes `task`, composed from a client's words, a remix of `source`: size, seconds, aspect ratio, the model
 * unless given, the lineage, and the members of metadata that are ours. Strings are the source's or the
 * arena's. ERR_NO_MEMORY. */
enum err_code remix_inherit(struct arena *arena, const struct task *source, struct task *task);

#endif
