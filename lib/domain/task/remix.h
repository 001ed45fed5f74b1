/* What a remix, an edit or an extension takes from its source. Internal to this folder, but for
 * remix_whole_seconds(). Thread-safe. */
#ifndef DOMAIN_TASK_REMIX_H
#define DOMAIN_TASK_REMIX_H

#include "base/err.h"
#include "model/job_kind.h"
#include "model/task.h"

struct arena;
struct channel;
struct channels;

/* Finds the channel that can do `job` with `source`: the one that made it; to be released.
 * ERR_NO_EXTERNAL_ID, ERR_NOT_COMPLETED, what channels_why_gone() says, ERR_UNSUPPORTED where its upstream
 * does no such job. */
enum err_code remix_channel(struct channels *channels, const struct task *source, enum job_kind job,
                            const struct channel **ret_channel);

/* Makes `task`, composed from a client's words, a remix of `source`, or what `job` says. Sets size, seconds
 * (but for an extension that has its own), aspect ratio, the model unless given, the lineage, our members of
 * metadata, and among the options the job and the seconds of the whole. Strings are the source's or the
 * arena's. ERR_NO_MEMORY. */
enum err_code
remix_inherit(struct arena *arena, const struct task *source, enum job_kind job, struct task *task);

/* Adds the link to the source's video to the options of `task`, for an upstream that makes it from that. The
 * upstream's own link, as it is now. ERR_NO_MEMORY. */
enum err_code remix_add_link(struct arena *arena, const struct task *source, struct task *task);

/* The length of the task's video in seconds: of an extension, its own seconds, which the upstream is asked
 * for, and those of its source; 0 = not known. `arena` is for the parsing. */
int64_t remix_whole_seconds(struct arena *arena, const struct task *task);

#endif
