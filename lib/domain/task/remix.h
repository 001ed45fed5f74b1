/* What a remix, an edit or an extension has of its source. Internal to this folder, but for
 * remix_whole_seconds(). */
#ifndef DOMAIN_TASK_REMIX_H
#define DOMAIN_TASK_REMIX_H

#include "base/err.h"
#include "model/job_kind.h"
#include "model/task.h"

struct arena;
struct channel;
struct channels;

/* Whether `job` can be done with `source`, and by which channel: the one that made it, to be given back.
 * ERR_NO_EXTERNAL_ID, ERR_NOT_COMPLETED, what channels_why_gone() says, ERR_UNSUPPORTED where its upstream
 * does no such job. */
enum err_code remix_channel(struct channels *channels, const struct task *source, enum job_kind job,
                            const struct channel **ret_channel);

/* Makes `task`, composed from a client's words, a remix of `source`, or what `job` says: size, seconds (but
 * for an extension that has its own), aspect ratio, the model unless given, the lineage, the members of
 * metadata that are ours, and among the options the job, and how long the whole is. Strings are the source's
 * or the arena's. ERR_NO_MEMORY. */
enum err_code
remix_inherit(struct arena *arena, const struct task *source, enum job_kind job, struct task *task);

/* How long the task's video is: an extension's own seconds, which are what is asked of the upstream, and
 * those before them; 0 = not known. `arena` is for the reading. */
int64_t remix_whole_seconds(struct arena *arena, const struct task *task);

#endif
